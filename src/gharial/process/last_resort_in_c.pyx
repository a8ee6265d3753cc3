# cython: boundscheck=False, wraparound=False
"""The last resort in C: threads that need no turn of the interpreter's."""

from libc.errno cimport EINTR, errno
from libc.signal cimport SIGINT, SIGTERM
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec
from posix.types cimport pid_t
from posix.unistd cimport _exit, getppid, read, usleep, write

cdef extern from "pythread.h" nogil:
    unsigned long PyThread_start_new_thread(void (*function)(void *), void *argument)

cdef extern from "signal.h" nogil:
    enum:
        SIGHUP

cdef int source, target, stuck_ms, same_ms, relayed_code
cdef int acknowledged = 0
cdef const char *STUCK = (
    "gharial: stopping as soon as the call that runs returns; a second signal leaves at "
    "once\n"
)
cdef const char *LEFT = (
    "gharial: left at once: a call that does not return kept the run from ending\n"
)
cdef pid_t parent
cdef int orphan_ms, orphan_code


cdef long now_ms() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec // 1000000


cdef void say(const char *text) noexcept nogil:
    cdef int length = 0
    while text[length]:
        length += 1
    write(2, text, length)


cdef bint is_answered(int count) noexcept nogil:
    """Wait until Python has taken so many signals; return whether it has."""
    cdef long until_ms = now_ms() + stuck_ms
    while acknowledged < count:
        if now_ms() >= until_ms:
            return False
        usleep(10000)
    return True


cdef void relay(void *nothing) noexcept nogil:
    cdef char number
    cdef ssize_t size
    cdef int count = 0
    cdef long first_ms = 0
    while True:
        size = read(source, &number, 1)
        if size < 0 and errno == EINTR:
            continue
        if size <= 0:
            return
        write(target, &number, 1)
        if number != SIGINT and number != SIGTERM and number != SIGHUP:
            continue
        count += 1
        if count == 1:
            first_ms = now_ms()
            if not is_answered(count):
                say(STUCK)
        elif now_ms() - first_ms >= same_ms and not is_answered(count):
            say(LEFT)
            _exit(relayed_code)


cdef void outlive(void *nothing) noexcept nogil:
    while getppid() == parent:
        usleep(500000)
    usleep(orphan_ms * 1000)
    _exit(orphan_code)


def start(int read_from, int write_to, double same_s, double stuck_s, int code):
    """Pass signals on, and leave the process if Python takes no second one."""
    global source, target, same_ms, stuck_ms, relayed_code
    source, target, relayed_code = read_from, write_to, code
    same_ms, stuck_ms = <int>(same_s * 1000), <int>(stuck_s * 1000)
    PyThread_start_new_thread(&relay, NULL)
    return True


def acknowledge():
    """Say that Python took a signal."""
    global acknowledged
    acknowledged += 1


def leave_with_parent(double limit_s, int code):
    """Leave the process so long after the one that started it has gone."""
    global parent, orphan_ms, orphan_code
    parent, orphan_ms, orphan_code = getppid(), <int>(limit_s * 1000), code
    PyThread_start_new_thread(&outlive, NULL)
