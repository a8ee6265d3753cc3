# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""
Plain sockets on Linux, without a transport and a frame engine for each of them.

All sockets of an event loop share one epoll, which the loop polls like one socket, and one
buffer, into which each of them is read together with the kernel's timestamp. Frames are
found in that buffer. So an idle socket has no buffer, no handle of the event loop and no
parser of its own, and to read one that is ready takes no call of Python's.

A write that failed ends sending only: what the peer sent before is read first
(``net/last_reads.py`` says why, and does the same for other transports).
"""

import asyncio
import logging
import os
import sys
import time

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from libc.errno cimport EAGAIN, errno
from libc.stdint cimport uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memmove
from picows.picows cimport WSFrame, WSMsgType

from gharial.websocket.wire.arrivals_in_c cimport (
    AGAIN,
    FAILED,
    date,
    read_dated,
    stamp,
)
from gharial.websocket.wire.masking cimport HEADER_BYTES, masked_frame
from gharial.websocket.wire.plain_frames cimport PlainFrames


cdef extern from *:
    """
    #include <errno.h>
    #include <stddef.h>

    typedef struct { unsigned int happened; int number; } stream_event;

    #ifdef __linux__
    #include <sys/epoll.h>
    #include <sys/socket.h>
    #include <unistd.h>

    #define STREAM_IN EPOLLIN
    #define STREAM_OUT EPOLLOUT
    #define STREAM_EVENTS 128

    static int stream_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

    static int stream_listen(int epoll, int number, unsigned before, unsigned wanted)
    {
        struct epoll_event event = {wanted, {.fd = number}};
        return epoll_ctl(
            epoll,
            !wanted ? EPOLL_CTL_DEL : before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
            number,
            &event);
    }

    static int stream_ready(int epoll, stream_event *found)
    {
        struct epoll_event events[STREAM_EVENTS];
        int count = epoll_wait(epoll, events, STREAM_EVENTS, 0);
        for (int index = 0; index < count; index++) {
            found[index].happened = events[index].events;
            found[index].number = events[index].data.fd;
        }
        return count;
    }

    static ptrdiff_t stream_write(int number, const char *data, size_t size)
    {
        ptrdiff_t sent;
        do
            sent = send(number, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (sent < 0 && errno == EINTR);
        return sent;
    }

    static int stream_has_more(int number)
    {
        char one;
        return recv(number, &one, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    }

    static void stream_close(int number) { close(number); }
    #else
    #define STREAM_IN 1
    #define STREAM_OUT 4
    #define STREAM_EVENTS 1
    static int stream_epoll(void) { errno = ENOSYS; return -1; }
    static int stream_listen(int epoll, int number, unsigned before, unsigned wanted)
    {
        errno = ENOSYS;
        return -1;
    }
    static int stream_ready(int epoll, stream_event *found) { return 0; }
    static ptrdiff_t stream_write(int number, const char *data, size_t size)
    {
        errno = ENOSYS;
        return -1;
    }
    static int stream_has_more(int number) { return 0; }
    static void stream_close(int number) {}
    #endif
    """
    ctypedef struct stream_event:
        unsigned int happened
        int number
    unsigned int STREAM_IN, STREAM_OUT
    enum: STREAM_EVENTS
    int stream_epoll()
    int stream_listen(int epoll, int number, unsigned int before, unsigned int wanted)
    int stream_ready(int epoll, stream_event* found)
    Py_ssize_t stream_write(int number, const char* data, size_t size)
    bint stream_has_more(int number)
    void stream_close(int number)


cdef enum:
    _SHARED_BYTES = 256 * 1024
    # So much of one socket is read in a turn, if more is there.
    _READ_MAXIMUM_BYTES = 256 * 1024
    _LEAST_HELD_BYTES = 128
    _CONTINUATION = 0
    _CLOSE = 8
    _PONG = 10
    _PROTOCOL_ERROR = 1002
    _INTERNAL_ERROR = 1011
    _TOO_BIG = 1009

# What is never written to takes no memory.
cdef char* _shared = <char*>malloc(_SHARED_BYTES)


def stream_on(sock):
    """
    Return a stream on a connected socket, which it takes; None where there are none.

    Raises:
        OSError: If the system has no more descriptors or memory.

    """
    if not sys.platform.startswith("linux") or _shared is NULL:
        return None
    return Stream(_reactor_of(asyncio.get_running_loop()), sock)


def make_ready():
    """Open what the streams of the running loop share, which takes a descriptor."""
    if sys.platform.startswith("linux"):
        _reactor_of(asyncio.get_running_loop())


cdef Reactor _latest = None


cdef Reactor _reactor_of(loop):
    global _latest
    if _latest is None or _latest.loop is not loop:
        # One before it is kept by its streams.
        _latest = Reactor(loop)
    return _latest


cdef class Reactor:
    """
    The epoll that the plain sockets of one event loop share.

    Attributes:
        loop: The loop.

    """

    def __cinit__(self, loop):
        self.loop = loop
        self._streams = []
        self._number = stream_epoll()
        if self._number < 0:
            raise OSError(errno, os.strerror(errno))

    def __dealloc__(self):
        if self._number >= 0:
            stream_close(self._number)

    cdef int join(self, Stream stream) except -1:
        """Keep a stream until it leaves."""
        while len(self._streams) <= stream._number:
            self._streams.extend([None] * (1 + len(self._streams)))
        self._streams[stream._number] = stream
        self._count += 1
        if self._count == 1:
            self.loop.add_reader(self._number, self._turn)
        return 0

    cdef int leave(self, Stream stream) except -1:
        """Let go of a stream."""
        self._streams[stream._number] = None
        self._count -= 1
        if self._count == 0:
            # Left behind in the loop by none of them.
            self.loop.remove_reader(self._number)
        return 0

    cdef int listen(self, Stream stream, unsigned int interest) except -1:
        """Hear of these events of a stream; of none for 0."""
        if stream_listen(self._number, stream._number, stream._interest, interest) < 0:
            raise OSError(errno, os.strerror(errno))
        stream._interest = interest
        return 0

    def _turn(self):
        """Have those act that are ready; the others are still ready in the next turn."""
        cdef stream_event found[STREAM_EVENTS]
        cdef int count = stream_ready(self._number, found)
        cdef int index
        cdef object stream
        for index in range(count):
            stream = self._streams[found[index].number]
            if stream is not None:
                (<Stream>stream).act(found[index].happened)


cdef class Stream:
    """
    One plain socket; at first for the upgrade, then with frames.

    It is what `PicowsWire` takes for picows' transport and for the one below it, and for
    what hears of its end (`LastReads`).

    Attributes:
        error: What the first write or read failed with; None before that.
        is_close_frame_sent: Whether a close frame was sent; nothing is after it.
        is_mute: Whether nothing can be sent any more.
        on_mute: Called once, when that begins.

    """

    def __cinit__(self, Reactor reactor, sock):
        self._number = -1
        self._reactor = reactor
        self._is_paused = False

    def __init__(self, Reactor reactor, sock):
        self._number = sock.fileno()
        reactor.join(self)
        try:
            reactor.listen(self, STREAM_IN)
        except BaseException:
            reactor.leave(self)
            self._number = -1
            raise
        sock.detach()

    def __dealloc__(self):
        free(self._held)
        if self._number >= 0:
            stream_close(self._number)

    @property
    def underlying_transport(self):
        """The stream itself."""
        return self

    @property
    def close_handshake(self):
        """Nothing: close frames are not read here."""
        return None

    def set_protocol(self, protocol):
        """Hand bytes to a protocol from now on."""
        self._protocol = protocol

    def take_frames(self, PlainFrames wire, Py_ssize_t limit_bytes):
        """
        Hand frames to a wire from now on.

        Args:
            wire: The wire.
            limit_bytes: The largest payload of a frame.

        """
        self._wire = wire
        self._protocol = None
        self._limit_bytes = limit_bytes
        if wire.turns.now_s is time.monotonic:
            stamp(self._number)
        wire.is_dated = True

    def get_extra_info(self, name, default=None):
        """Return nothing: there is no object for the socket."""
        return default

    def is_closing(self):
        """Return whether it is about to end."""
        return self._is_closing or self._is_lost

    def get_write_buffer_size(self):
        """Return how many bytes wait to be written."""
        return 0 if self._backlog is None else len(self._backlog)

    def feed(self, bytes data):
        """Take bytes that were read before."""
        cdef bint was_paused = self._is_paused
        if self._held_size:
            raise RuntimeError("bytes were read already")
        date(self._wire, 0.0)
        # They were read before it was paused, if it was.
        self._is_paused = False
        self._take(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
        self._is_paused |= was_paused

    # -- Reading -----------------------------------------------------------------------

    def pause_reading(self):
        """Leave further bytes in the kernel."""
        # Whoever pauses often resumes before anything comes: the kernel is told when
        # something does.
        self._is_paused = True

    def resume_reading(self):
        """Read again."""
        self._is_paused = False
        if not self._is_closing and not self._is_lost:
            self._listen()
            if self._has_stopped:
                self._reactor.loop.call_soon(self._go_on)

    def _go_on(self):
        """Take the frames that were read before a pause, then read on."""
        if not self._is_lost:
            self.act(STREAM_IN)

    cdef int act(self, unsigned int events) except -1:
        """Do what the socket is ready for; nothing is raised."""
        try:
            if self._backlog is not None and not self.is_mute:
                self._flush()
            if self._is_lost:
                return 0
            if self._is_paused or self._is_closing:
                self._listen()
            elif events & ~STREAM_OUT:
                self._read()
        except Exception as error:
            logging.getLogger("gharial").exception("while reading a socket")
            self._finish(error)
        return 0

    cdef int _read(self) except -1:
        cdef char* room
        cdef Py_ssize_t size, got, total = 0
        cdef double stamp_s = 0.0
        if self._has_stopped:
            self._take(NULL, 0)
        while total < _READ_MAXIMUM_BYTES:
            if self._is_paused or self._is_closing or self._is_lost:
                return 0
            if self._held_size:
                if self._held_size == self._held_capacity:
                    self._grow()
                room = self._held + self._held_size
                size = self._held_capacity - self._held_size
            else:
                room, size = _shared, _SHARED_BYTES
            got = read_dated(self._number, room, size, &stamp_s)
            if got == AGAIN:
                return 0
            if got == FAILED:
                if self.error is None:
                    self.error = OSError(errno, os.strerror(errno))
                self._become_mute()
                self._finish(self.error)
                return 0
            if got == 0:
                self._end_of_file()
                return 0
            total += got
            if self._protocol is not None:
                self._protocol.data_received(PyBytes_FromStringAndSize(room, got))
            elif self._wire is not None:
                date(self._wire, stamp_s)
                self._take(room, got)
            if got < size:
                return 0
        return 0

    cdef int _take(self, char* data, Py_ssize_t size) except -1:
        """Take bytes that are in the shared buffer, or behind those that are held."""
        cdef Py_ssize_t done
        self._has_stopped = False
        if not self._held_size:
            done = self._parse(data, size)
            if done < size:
                self._hold(data + done, size - done)
            return 0
        self._held_size += size
        done = self._parse(self._held, self._held_size)
        self._held_size -= done
        if self._held_size == 0:
            free(self._held)
            self._held = NULL
            self._held_capacity = 0
        elif done:
            memmove(self._held, self._held + done, self._held_size)
        return 0

    cdef int _hold(self, const char* data, Py_ssize_t size) except -1:
        """Keep the first part of a frame."""
        cdef Py_ssize_t capacity = max(size + 1, _LEAST_HELD_BYTES)
        if self._needed > size and self._needed <= _SHARED_BYTES:
            capacity = max(capacity, self._needed)
        self._held = <char*>malloc(capacity)
        if self._held is NULL:
            raise MemoryError()
        memcpy(self._held, data, size)
        self._held_size = size
        self._held_capacity = capacity
        return 0

    cdef int _grow(self) except -1:
        """Make room: as much again, so that a peer has to send what takes memory."""
        cdef Py_ssize_t capacity = 2 * self._held_capacity
        cdef char* grown
        if self._held_size < self._needed < capacity:
            capacity = self._needed
        grown = <char*>realloc(self._held, capacity)
        if grown is NULL:
            raise MemoryError()
        self._held = grown
        self._held_capacity = capacity
        return 0

    cdef Py_ssize_t _parse(self, char* data, Py_ssize_t size) except -1:
        """Hand on all whole frames; return how many bytes are done with."""
        cdef Py_ssize_t done = 0, took
        self._is_parsing = True
        while done < size:
            if self._is_refused or self._is_lost:
                done = size
                break
            if self._is_paused:
                self._has_stopped = True
                break
            took = self._parse_one(data + done, size - done)
            if took == 0:
                break
            done += took
        self._is_parsing = False
        return done

    cdef Py_ssize_t _parse_one(self, char* data, Py_ssize_t size) except -1:
        """
        Hand on one frame; return its bytes, 0 if it is not there yet.

        Source:
            RFC 6455 sections 5.1, 5.2 and 5.5.
        """
        cdef unsigned char* head = <unsigned char*>data
        cdef int opcode, index, length_bytes = 0
        cdef uint64_t length
        cdef WSFrame frame
        self._needed = 0
        if size < 2:
            return 0
        opcode = head[0] & 0xF
        length = head[1] & 0x7F
        if 2 < opcode < _CLOSE or opcode > _PONG:
            return self._refuse(_PROTOCOL_ERROR, f"a frame has the unknown opcode {opcode}")
        if opcode >= _CLOSE and not head[0] & 0x80:
            return self._refuse(_PROTOCOL_ERROR, "a control frame is fragmented")
        if head[1] & 0x80:
            return self._refuse(
                _PROTOCOL_ERROR, "a frame of the server's is masked (RFC 6455 section 5.1)"
            )
        if opcode >= _CLOSE and length > 125:
            return self._refuse(_PROTOCOL_ERROR, "a control frame is longer than 125 bytes")
        if length > 125:
            length_bytes = 2 if length == 126 else 8
            if size < 2 + length_bytes:
                return 0
            length = 0
            for index in range(length_bytes):
                length = length << 8 | head[2 + index]
            if length < (126 if length_bytes == 2 else 65536) or length >> 63:
                return self._refuse(
                    _PROTOCOL_ERROR, "the length of a frame is not written as it should be"
                )
            if length > <uint64_t>self._limit_bytes:
                return self._refuse(
                    _TOO_BIG, f"a message is larger than {self._limit_bytes} bytes"
                )
        if opcode < _CLOSE and length > <uint64_t>self._limit_bytes:
            return self._refuse(
                _TOO_BIG, f"a message is larger than {self._limit_bytes} bytes"
            )
        self._needed = 2 + length_bytes + <Py_ssize_t>length
        if size < self._needed:
            return 0
        frame = <WSFrame>WSFrame.__new__(WSFrame)
        frame.payload_ptr = data + 2 + length_bytes
        frame.payload_size = <Py_ssize_t>length
        frame.msg_type = <WSMsgType>opcode
        frame.fin = head[0] >> 7
        frame.rsv1 = head[0] >> 6 & 1
        frame.rsv2 = head[0] >> 5 & 1
        frame.rsv3 = head[0] >> 4 & 1
        frame.last_in_buffer = size == self._needed
        # Whoever is handed the frame may change it.
        size = self._needed
        self._hand_on(frame)
        return size

    cdef int _hand_on(self, frame) except -1:
        try:
            self._wire.on_ws_frame(None, frame)
        except Exception:
            logging.getLogger("gharial").exception("while handling a frame")
            self.send_close(_INTERNAL_ERROR)
            self.close()
        return 0

    cdef int _refuse(self, int code, str problem) except -1:
        self._is_refused = True
        self._wire.refuse(code, problem)
        return 1

    cdef int _end_of_file(self) except -1:
        if self._protocol is not None:
            self._protocol.eof_received()
        elif self._wire is not None:
            self._wire.end_of_file()
        self.close()
        return 0

    # -- Writing -----------------------------------------------------------------------

    def write(self, data):
        """Write bytes, at once or when there is room for them."""
        cdef bytes copy = bytes(data)
        self.write_c(PyBytes_AS_STRING(copy), PyBytes_GET_SIZE(copy))

    def send(self, WSMsgType kind, payload, bint fin=True, bint rsv1=False):
        """Send a frame; nothing after a close frame."""
        cdef bytes data, room
        cdef char* frame
        cdef char* place
        cdef Py_ssize_t size
        if self.is_close_frame_sent:
            return
        data = bytes(payload)
        size = PyBytes_GET_SIZE(data)
        room = PyBytes_FromStringAndSize(NULL, HEADER_BYTES + size)
        place = PyBytes_AS_STRING(room) + HEADER_BYTES
        frame = masked_frame(
            place, fin << 7 | rsv1 << 6 | kind, PyBytes_AS_STRING(data), size
        )
        if kind == WSMsgType.CLOSE:
            self.is_close_frame_sent = True
        self.write_c(frame, place + size - frame)

    def send_close(self, int code, reason=b""):
        """Send a close frame; what is sent later is not."""
        if isinstance(reason, str):
            reason = reason.encode()
        self.send(WSMsgType.CLOSE, code.to_bytes(2, "big") + bytes(reason))

    cdef int write_c(self, const char* data, Py_ssize_t size) except -1:
        cdef Py_ssize_t sent = 0
        if self.is_mute or self._is_closing or self._is_lost:
            return 0
        if self._backlog is None:
            sent = stream_write(self._number, data, size)
            if sent == size:
                return 0
            if sent < 0:
                if errno != EAGAIN:
                    self._write_failed(errno)
                    return 0
                sent = 0
            self._backlog = bytearray()
        self._backlog += (<const unsigned char*>data)[sent:size]
        self._listen()
        if self._wire is not None:
            self._wire.pause_writing()
        return 0

    cdef int _flush(self) except -1:
        """Write what waits."""
        cdef Py_ssize_t sent
        cdef bytearray backlog = self._backlog
        sent = stream_write(
            self._number, PyByteArray_AS_STRING(backlog), PyByteArray_GET_SIZE(backlog)
        )
        if sent < 0:
            if errno != EAGAIN:
                self._write_failed(errno)
            return 0
        if sent < PyByteArray_GET_SIZE(backlog):
            del backlog[:sent]
            return 0
        self._backlog = None
        if self._is_closing:
            self._finish(None)
            return 0
        self._listen()
        if self._wire is not None:
            self._wire.resume_writing()
        return 0

    cdef int _write_failed(self, int number) except -1:
        """Send no more; end now, unless there is something to read."""
        if self.error is None:
            self.error = OSError(number, os.strerror(number))
        self._become_mute()
        # What was read already is to come, too.
        has_more = (
            self._is_parsing or self._has_stopped or stream_has_more(self._number)
        )
        if self._is_closing or not has_more:
            self._finish(self.error)
        else:
            self._listen()
        return 0

    cdef int _become_mute(self) except -1:
        if not self.is_mute:
            self.is_mute = True
            if self.on_mute is not None:
                self.on_mute()
        return 0

    # -- The end -----------------------------------------------------------------------

    def close(self):
        """End once all is written."""
        if self._is_closing or self._is_lost:
            return
        self._is_closing = True
        if self._backlog is None or self.is_mute:
            self._finish(self.error)
        else:
            self._listen()

    def abort(self):
        """End at once, and forget what was not written."""
        self._become_mute()
        self._finish(None)

    def end(self):
        """End: there is nothing more to read."""
        self._finish(self.error)

    cdef int _listen(self) except -1:
        """Tell the kernel what is waited for."""
        cdef unsigned int wanted = 0
        if not self._is_paused and not self._is_closing:
            wanted |= STREAM_IN
        if self._backlog is not None and not self.is_mute:
            wanted |= STREAM_OUT
        if wanted != self._interest:
            self._reactor.listen(self, wanted)
        return 0

    cdef int _finish(self, error) except -1:
        if self._is_lost:
            return 0
        self._is_lost = True
        if self._interest:
            self._reactor.listen(self, 0)
        self._reactor.leave(self)
        # Not within the call that ends it.
        self._reactor.loop.call_soon(self._lose, error)
        return 0

    def _lose(self, error):
        stream_close(self._number)
        self._number = -1
        self._backlog = self.on_mute = None
        free(self._held)
        self._held = NULL
        self._held_size = 0
        protocol, self._protocol = self._protocol, None
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.lost(error)
        elif protocol is not None:
            protocol.connection_lost(error)
