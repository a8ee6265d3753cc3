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
from libc.stdlib cimport free, malloc
from picows.picows cimport WSFrame, WSMsgType

from gharial.websocket.wire.arrivals_in_c cimport (
    AGAIN,
    FAILED,
    date,
    read_dated,
    stamp,
)
from gharial.websocket.wire.frame_head cimport (
    FIRST_CONTROL_OPCODE,
    FrameHead,
    read_head,
)
from gharial.websocket.wire.held_bytes cimport drop, hold, make_room
from gharial.websocket.wire.masking cimport HEADER_BYTES, masked_frame
from gharial.websocket.wire.plain_frames cimport PlainFrames
from gharial.websocket.wire.shared_epoll cimport PolledSocket, SharedEpoll, epoll_of
from gharial.websocket.wire.socket_calls cimport (
    SOCKET_IN,
    SOCKET_OUT,
    socket_close,
    socket_has_more,
    socket_write,
)


cdef enum:
    _SHARED_BYTES = 256 * 1024
    # So much of one socket is read in a turn, if more is there.
    _READ_MAXIMUM_BYTES = 256 * 1024
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
    return Stream(epoll_of(asyncio.get_running_loop()), sock)


def make_ready():
    """Open what the streams of the running loop share, which takes a descriptor."""
    if sys.platform.startswith("linux"):
        epoll_of(asyncio.get_running_loop())


cdef class Stream(PolledSocket):
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

    def __cinit__(self, SharedEpoll epoll, sock):
        self.number = -1
        self._epoll = epoll

    def __init__(self, SharedEpoll epoll, sock):
        self.number = sock.fileno()
        epoll.join(self)
        try:
            epoll.listen(self, SOCKET_IN)
        except BaseException:
            epoll.leave(self)
            self.number = -1
            raise
        sock.detach()

    def __dealloc__(self):
        free(self._held.data)
        if self.number >= 0:
            socket_close(self.number)

    @property
    def underlying_transport(self):
        """The stream itself."""
        return self

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
            stamp(self.number)
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
        if self._held.size:
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
                self._epoll.loop.call_soon(self._go_on)

    def _go_on(self):
        """Take the frames that were read before a pause, then read on."""
        if not self._is_lost:
            self.act(SOCKET_IN)

    cdef int act(self, unsigned int events) except -1:
        """
        Do what the socket is ready for; what goes wrong ends it, as in asyncio.

        Raised, it would leave a socket that fails in each turn, ahead of those that are
        ready with it.
        """
        try:
            if self._backlog is not None and not self.is_mute:
                self._flush()
            if self._is_lost:
                return 0
            if self._is_paused or self._is_closing:
                self._listen()
            elif events & ~SOCKET_OUT:
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
            if self._held.size:
                make_room(&self._held, self._needed)
                room = self._held.data + self._held.size
                size = self._held.capacity - self._held.size
            else:
                room, size = _shared, _SHARED_BYTES
            got = read_dated(self.number, room, size, &stamp_s)
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
        if not self._held.size:
            done = self._parse(data, size)
            if done < size:
                hold(&self._held, data + done, size - done, self._needed)
        else:
            self._held.size += size
            drop(&self._held, self._parse(self._held.data, self._held.size))
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
        """Hand on one frame; return its bytes, 0 if it is not there yet."""
        cdef FrameHead head
        cdef WSFrame frame
        cdef str problem = read_head(data, size, &head)
        self._needed = 0
        if problem is not None:
            return self._refuse(_PROTOCOL_ERROR, problem)
        if head.size == 0:
            return 0
        if head.opcode < FIRST_CONTROL_OPCODE and head.payload_size > self._limit_bytes:
            return self._refuse(
                _TOO_BIG, f"a message is larger than {self._limit_bytes} bytes"
            )
        self._needed = head.size + head.payload_size
        if size < self._needed:
            return 0
        frame = <WSFrame>WSFrame.__new__(WSFrame)
        frame.payload_ptr = data + head.size
        frame.payload_size = head.payload_size
        frame.msg_type = <WSMsgType>head.opcode
        frame.fin, frame.rsv1 = head.fin, head.rsv1
        frame.rsv2, frame.rsv3 = head.rsv2, head.rsv3
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
            sent = socket_write(self.number, data, size)
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
        sent = socket_write(
            self.number, PyByteArray_AS_STRING(backlog), PyByteArray_GET_SIZE(backlog)
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
            self._is_parsing or self._has_stopped or socket_has_more(self.number)
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
            wanted |= SOCKET_IN
        if self._backlog is not None and not self.is_mute:
            wanted |= SOCKET_OUT
        if wanted != self.interest:
            self._epoll.listen(self, wanted)
        return 0

    cdef int _finish(self, error) except -1:
        if self._is_lost:
            return 0
        self._is_lost = True
        if self.interest:
            self._epoll.listen(self, 0)
        self._epoll.leave(self)
        # Not within the call that ends it.
        self._epoll.loop.call_soon(self._lose, error)
        return 0

    def _lose(self, error):
        socket_close(self.number)
        self.number = -1
        self._backlog = self.on_mute = None
        drop(&self._held, self._held.size)
        protocol, self._protocol = self._protocol, None
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.lost(error)
        elif protocol is not None:
            protocol.connection_lost(error)
