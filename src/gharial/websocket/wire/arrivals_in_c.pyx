"""
When bytes arrived, as the kernel saw it.

The event loop learns of bytes when it asks next, after the handlers of all that came
before. Linux can tell when they came from the network (SO_TIMESTAMPNS, socket(7)): along
with the bytes, so that it takes no further question to the kernel. What a transport reads
is read here for that, in the same way: its own reading is replaced on the one object.

With TLS, OpenSSL reads, so the timestamp is asked for just before, of all the bytes
that are there, without taking them.
"""

import os
import socket
import sys
import time

from aiofastnet import constants

from aiofastnet.transport cimport StreamTransport, Transport
from libc.math cimport fabs

from gharial.websocket.wire.plain_frames cimport PlainFrames


cdef extern from *:
    """
    #include <errno.h>
    #include <stddef.h>

    #define ARRIVALS_AGAIN -1
    #define ARRIVALS_FAILED -2

    #ifdef __linux__
    #include <string.h>
    #include <sys/socket.h>
    #include <time.h>

    #define ARRIVALS_OPTION SO_TIMESTAMPNS

    static double arrivals_seconds(const struct timespec *instant)
    {
        return (double)instant->tv_sec + (double)instant->tv_nsec * 1e-9;
    }

    static double arrivals_now(int is_of_the_day)
    {
        struct timespec now;
        clock_gettime(is_of_the_day ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
        return arrivals_seconds(&now);
    }

    /* Reads as recv does; also says when the last of the bytes came, on the clock of the
       day, or 0 if the kernel does not tell. */
    static ptrdiff_t arrivals_read(
        int number, char *buffer, size_t size, int flags, double *at_s)
    {
        char control[128];
        struct iovec part = {buffer, size};
        struct msghdr message;
        struct cmsghdr *each;
        ptrdiff_t got;
        memset(&message, 0, sizeof message);
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        *at_s = 0.0;
        do
            got = recvmsg(number, &message, flags | MSG_DONTWAIT);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? ARRIVALS_AGAIN
                                                          : ARRIVALS_FAILED;
        for (each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each))
            if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_TIMESTAMPNS) {
                struct timespec stamp;
                memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
                *at_s = arrivals_seconds(&stamp);
            }
        return got;
    }

    /* Says when the last of the bytes that are there came, and leaves them there. */
    static ptrdiff_t arrivals_peek(int number, double *at_s)
    {
        /* With MSG_TRUNC (tcp(7)) nothing is copied, so there need be no room. */
        return arrivals_read(
            number, NULL, (size_t)1 << 30, MSG_PEEK | MSG_TRUNC, at_s);
    }
    #else
    #define ARRIVALS_OPTION 0
    static ptrdiff_t arrivals_read(
        int number, char *buffer, size_t size, int flags, double *at_s)
    {
        *at_s = 0.0;
        errno = ENOSYS;
        return ARRIVALS_FAILED;
    }
    static ptrdiff_t arrivals_peek(int number, double *at_s)
    {
        return arrivals_read(number, NULL, 0, 0, at_s);
    }
    static double arrivals_now(int is_of_the_day) { return 0.0; }
    #endif

    static int arrivals_error(void) { return errno; }

    #ifdef __linux__
    static int arrivals_stamp(int number)
    {
        int on = 1;
        return setsockopt(number, SOL_SOCKET, ARRIVALS_OPTION, &on, sizeof on);
    }
    #else
    static int arrivals_stamp(int number) { return -1; }
    #endif
    """
    int ARRIVALS_OPTION
    Py_ssize_t ARRIVALS_AGAIN, ARRIVALS_FAILED
    Py_ssize_t arrivals_read(int number, char* buffer, size_t size, int flags, double* at_s)
    Py_ssize_t arrivals_peek(int number, double* at_s)
    double arrivals_now(bint is_of_the_day)
    int arrivals_error()
    int arrivals_stamp(int number)


cdef extern from "Python.h":
    Py_buffer* PyMemoryView_GET_BUFFER(object view)


cdef Py_ssize_t _READ_MAXIMUM = constants.MAX_READ_BYTES_PER_CYCLE_HINT


# The two clocks keep their distance while nobody sets one; two readings differ by less.
cdef double _STEP_S = 50e-6
# How long after a step of the clock timestamps from before it may be left in the kernel.
cdef double _DISTRUST_S = 1.0


cdef class DayClock:
    """
    Tells what instants of the clock of the day, which stamps are on, were on the monotonic.

    Attributes:
        between_s: By how much the clock of the day is ahead.

    """

    cdef public double between_s
    cdef double _suspected_s, _trusted_from_s

    def __init__(self, double between_s):
        self.between_s = self._suspected_s = between_s
        self._trusted_from_s = 0.0

    cpdef double monotonic_s(self, double stamp_s, double now_s, double day_s) except? -1:
        """
        Return the instant of a stamp; 0 if it cannot be told, since the clock was set.

        Args:
            stamp_s: On the clock of the day.
            now_s: The present instant of the monotonic clock.
            day_s: The same on that of the day, read just after.

        """
        cdef double between_s = day_s - now_s
        cdef double at_s
        if fabs(between_s - self.between_s) > _STEP_S:
            # Once may be no more than a pause between the two readings.
            if fabs(between_s - self._suspected_s) <= _STEP_S:
                self.between_s = between_s
                self._trusted_from_s = now_s + _DISTRUST_S
            self._suspected_s = between_s
            return 0.0
        if now_s < self._trusted_from_s:
            return 0.0
        at_s = stamp_s - self.between_s
        return at_s if at_s < now_s else now_s


cdef double _between_s():
    """Return by how much the clock of the day is ahead, read as closely as can be."""
    cdef double before_s, day_s, took_s, least_s = 1e9, between_s = 0.0
    for _ in range(8):
        before_s = arrivals_now(False)
        day_s = arrivals_now(True)
        took_s = arrivals_now(False) - before_s
        if took_s < least_s:
            least_s = took_s
            between_s = day_s - before_s
    return between_s


cdef DayClock _day_clock = DayClock(_between_s())


def date_by_kernel(transport, PlainFrames frames):
    """
    Give what a transport reads the kernel's timestamps, if available.

    They cannot where this is not Linux, the transport is another library's, the socket is
    not TCP, or the clock is not the machine's.

    Returns:
        Whether it does so from now on.

    """
    cdef object usual = getattr(transport, "_read_ready", None)
    sock = transport.get_extra_info("socket")
    if (
        not sys.platform.startswith("linux")
        or frames.turns.now_s is not time.monotonic
        or getattr(sock, "family", None) not in (socket.AF_INET, socket.AF_INET6)
        or type(transport).__module__.partition(".")[0] != "aiofastnet"
        or usual is None
    ):
        return False
    sock.setsockopt(socket.SOL_SOCKET, ARRIVALS_OPTION, 1)
    if isinstance(transport, StreamTransport):
        transport._read_ready = _Reads(transport, transport.get_protocol(), frames, usual)
    else:
        transport._read_ready = _Peeks(transport, sock.fileno(), frames, usual)
    frames.is_dated = True
    return True


cdef int date(PlainFrames frames, double stamp_s) except -1:
    """Set the time of the next frames, from a timestamp or else the turn of the loop."""
    cdef double at_s = 0.0
    if stamp_s != 0.0:
        at_s = _day_clock.monotonic_s(stamp_s, arrivals_now(False), arrivals_now(True))
    if at_s == 0.0:
        frames.date_by_turn()
    elif at_s > frames.at_s:
        frames.at_s = at_s
    return 0


cdef Py_ssize_t read_dated(
    int number, char* room, Py_ssize_t size, double* stamp_s
) noexcept:
    """Read what is there; return the bytes, or `AGAIN` or `FAILED` with ``errno``."""
    return arrivals_read(number, room, size, 0, stamp_s)


cdef bint stamp(int number) noexcept:
    """Have the kernel date what a TCP socket receives; return whether it does."""
    return arrivals_stamp(number) == 0


cdef class _Reads:
    """Reads for a transport without TLS; ``aiofastnet`` has the same without timestamps."""

    cdef StreamTransport _transport
    cdef PlainFrames _frames
    cdef object _usual, _get_buffer, _buffer_updated

    def __init__(self, StreamTransport transport, protocol, PlainFrames frames, usual):
        self._transport = transport
        self._frames = frames
        self._usual = usual
        self._get_buffer = protocol.get_buffer
        self._buffer_updated = protocol.buffer_updated

    def __call__(self):
        cdef StreamTransport transport = self._transport
        cdef Py_buffer* room
        cdef Py_ssize_t got, total = 0
        cdef double stamp_s = 0.0
        try:
            while total < _READ_MAXIMUM:
                if transport._finalizing_close or transport._read_paused:
                    return
                view = self._get_buffer(-1)
                if not isinstance(view, memoryview):
                    raise TypeError("the frame engine's buffer is no memoryview")
                room = PyMemoryView_GET_BUFFER(view)
                got = arrivals_read(
                    transport._fileno, <char*>room.buf, room.len, 0, &stamp_s
                )
                if got == ARRIVALS_AGAIN:
                    return
                if got == ARRIVALS_FAILED:
                    raise OSError(arrivals_error(), os.strerror(arrivals_error()))
                if got == 0:
                    # It finds the same, and knows what to do.
                    self._usual()
                    return
                total += got
                date(self._frames, stamp_s)
                self._buffer_updated(got)
                if got < room.len:
                    return
        except BaseException:
            transport._handle_error("Fatal read error on socket transport")


cdef class _Peeks:
    """Asks for the timestamp before a transport with TLS reads."""

    cdef Transport _transport
    cdef int _number
    cdef PlainFrames _frames
    cdef object _usual

    def __init__(self, Transport transport, int number, PlainFrames frames, usual):
        self._transport = transport
        self._number = number
        self._frames = frames
        self._usual = usual

    def __call__(self):
        cdef double stamp_s = 0.0
        try:
            # An error of the socket's is told once: nobody else would hear of it.
            if arrivals_peek(self._number, &stamp_s) == ARRIVALS_FAILED:
                raise OSError(arrivals_error(), os.strerror(arrivals_error()))
            date(self._frames, stamp_s)
        except BaseException:
            self._transport._handle_error("Fatal read error on socket transport")
            return
        self._usual()
