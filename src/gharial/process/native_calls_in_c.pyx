# cython: boundscheck=False, wraparound=False
"""The limits of code in C that does not return; see ``native_calls_in_python.py``."""

import ctypes
import threading
import time

from gharial.process.native_calls_in_python import GRACE_S

from libc.stdint cimport int32_t, uintptr_t
from libc.stdlib cimport free, realloc
from posix.time cimport (
    CLOCK_MONOTONIC,
    CLOCK_PROCESS_CPUTIME_ID,
    clock_gettime,
    clockid_t,
    timespec,
)
from posix.types cimport pid_t
from posix.unistd cimport _exit, getpid, usleep, write

cdef extern from "pythread.h" nogil:
    ctypedef void* PyThread_type_lock
    unsigned long PyThread_start_new_thread(void (*function)(void *), void *argument)
    PyThread_type_lock PyThread_allocate_lock()
    int PyThread_acquire_lock(PyThread_type_lock lock, int waits)
    void PyThread_release_lock(PyThread_type_lock lock)

# Between two turns of Python's, while all is well.
BEAT_S = 0.25

ctypedef const char* (*Dump)(int, void*, void*) noexcept nogil

cdef enum:
    TICK_MS = 100
    # So long after Python's last turn the engine is to ask its watchdog.
    ASK_AFTER_MS = 1000

cdef const char *STUCK = (
    "gharial: a call in the script does not return, and lets nothing else run; this "
    "process is left at once. The call, innermost first:\n"
)
cdef int32_t **counters = NULL
cdef Py_ssize_t counted = 0
cdef Py_ssize_t room = 0
cdef PyThread_type_lock lock = PyThread_allocate_lock()
cdef long beats = 0
cdef long limit_ms = 0
cdef int exit_code = 0
# The process that is watched: a fork of it has no thread that would.
cdef pid_t watched = 0
cdef Dump dump = NULL


cdef long read_ms(clockid_t clock) noexcept nogil:
    cdef timespec now
    clock_gettime(clock, &now)
    return now.tv_sec * 1000 + now.tv_nsec // 1000000


cdef void leave() noexcept nogil:
    cdef int length = 0
    while STUCK[length]:
        length += 1
    write(2, STUCK, length)
    if dump is not NULL:
        dump(2, NULL, NULL)
    _exit(exit_code)


cdef void watch(void *nothing) noexcept nogil:
    cdef long seen = beats
    cdef long at_ms = read_ms(CLOCK_MONOTONIC)
    cdef long cpu_ms = read_ms(CLOCK_PROCESS_CPUTIME_ID)
    cdef long stuck_ms = 0
    cdef long now_ms
    cdef Py_ssize_t index
    while True:
        usleep(TICK_MS * 1000)
        now_ms = read_ms(CLOCK_MONOTONIC)
        if beats != seen:
            seen = beats
            stuck_ms = 0
            cpu_ms = read_ms(CLOCK_PROCESS_CPUTIME_ID)
        else:
            # A tick that comes late means that the process was stopped.
            stuck_ms += min(now_ms - at_ms, 2 * TICK_MS)
        at_ms = now_ms
        if stuck_ms >= ASK_AFTER_MS:
            PyThread_acquire_lock(lock, 1)
            for index in range(counted):
                counters[index][0] = 1
            PyThread_release_lock(lock)
        if (
            limit_ms
            and stuck_ms >= limit_ms
            and read_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_ms >= limit_ms
        ):
            leave()


def allow(int code):
    """Let this process be left with an exit code."""
    global exit_code, watched, dump, lock
    exit_code = code
    if watched == getpid():
        return True
    watched = getpid()
    lock = PyThread_allocate_lock()
    try:
        function = ctypes.pythonapi._Py_DumpTracebackThreads
    except AttributeError:
        # Of the interpreter's own, so it may go: then the place is not said.
        pass
    else:
        dump = <Dump><uintptr_t>ctypes.cast(function, ctypes.c_void_p).value
    threading.Thread(target=_beat, name="gharial-beat", daemon=True).start()
    PyThread_start_new_thread(&watch, NULL)
    return True


def limit(double callback_timeout_s, double grace_s=GRACE_S):
    """Set the limit of code that does not pause."""
    global limit_ms
    limit_ms = max(limit_ms, <long>((callback_timeout_s + grace_s) * 1000))


def _beat():
    global beats
    while True:
        beats += 1
        time.sleep(BEAT_S)


cdef class Polled:
    """A counter of the engine's steps."""

    cdef int32_t* _counter

    def __init__(self, uintptr_t address):
        global counters, counted, room
        cdef int32_t** larger
        self._counter = <int32_t*>address
        PyThread_acquire_lock(lock, 1)
        if counted == room:
            larger = <int32_t**>realloc(counters, (room * 2 + 16) * sizeof(int32_t*))
            if larger is NULL:
                PyThread_release_lock(lock)
                self._counter = NULL
                raise MemoryError
            counters = larger
            room = room * 2 + 16
        counters[counted] = self._counter
        counted += 1
        PyThread_release_lock(lock)

    def __dealloc__(self):
        global counted
        cdef Py_ssize_t index
        if self._counter is NULL:
            return
        PyThread_acquire_lock(lock, 1)
        for index in range(counted):
            if counters[index] is self._counter:
                counted -= 1
                counters[index] = counters[counted]
                break
        PyThread_release_lock(lock)
