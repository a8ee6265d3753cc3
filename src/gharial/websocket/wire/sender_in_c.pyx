"""
What sends the messages of one connection, in C; see ``sender_in_python.py``.

A frame is made here, not by the frame engine: its payload is masked on the way into the
buffer that is written, which is one pass over it instead of two. The engine's way past the
processor's cache, besides, would have the kernel fetch all of it from memory again (measured:
a fifth of what a round trip of 64 KiB costs).
"""

from aiofastnet.transport cimport Transport
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_AsUTF8String
from libc.stdlib cimport realloc
from picows.picows cimport WSMsgType, WSTransport

from gharial.websocket.scalar_text import to_utf8

from gharial.websocket.task_count cimport TaskCount
from gharial.websocket.size_list cimport SizeList
from gharial.websocket.watch cimport MessageWatch
from gharial.websocket.wire.masking cimport HEADER_BYTES, masked_frame
from gharial.websocket.wire.plain_frames cimport PlainFrames
from gharial.websocket.wire.stream_in_c cimport Stream
from gharial.websocket.wire.unsent cimport Unsent


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)


cdef enum:
    # One buffer for what all connections send takes less memory than one each, and stays
    # in the processor's cache. Larger messages go the frame engine's way.
    _SHARED = 1 << 20

cdef char* _shared = NULL
cdef Py_ssize_t _shared_size = 0


cdef char* _room_for(Py_ssize_t size) except NULL:
    global _shared, _shared_size
    cdef char* grown
    if size + HEADER_BYTES > _shared_size:
        grown = <char*>realloc(_shared, size + HEADER_BYTES)
        if grown is NULL:
            raise MemoryError()
        _shared, _shared_size = grown, size + HEADER_BYTES
    return _shared + HEADER_BYTES


cdef class Sender:
    """Frames, sends and counts messages while its connection is open."""

    def __init__(self, TaskCount tasks):
        self.unsent = Unsent(tasks)

    def open(self, wire, count, count_further):
        """Send over this wire from now on, and hand the sizes to ``count``."""
        self.unsent.open(wire, count_further)
        self._wire = wire
        self._count = count
        self._sizes = count if isinstance(count, SizeList) else None
        plain = wire.plain_transport
        if isinstance(plain, Stream):
            self._stream = plain
            self._frames = wire
        elif isinstance(plain, WSTransport) and isinstance(
            plain.underlying_transport, Transport
        ):
            self._transport = plain.underlying_transport
            self._engine = plain
            self._frames = wire

    def watch(self, MessageWatch watch):
        """Show what is sent from now on to the lens of an open socket."""
        self._watch = watch
        # What is sent takes the other way, where that is looked at: without a lens there
        # is nothing more to look at.
        self._watched_frames, self._frames = self._frames, None

    def close(self):
        """Drop what is given to send from now on."""
        self.unsent.close()
        self._wire = self._frames = self._stream = None
        self._transport = self._engine = None
        self._watch = self._watched_frames = None

    cdef int send(self, WSMsgType kind, const char* data, Py_ssize_t size) except -1:
        """Send UTF-8 or bytes, which are copied."""
        # This object is closed if the write fails.
        cdef PlainFrames frames = self._frames
        if frames is None or size > _SHARED:
            return self._send_otherwise(kind, PyBytes_FromStringAndSize(data, size))
        return self._frame(frames, kind, data, size)

    cdef inline int _frame(
        self, PlainFrames frames, WSMsgType kind, const char* data, Py_ssize_t size
    ) except -1:
        cdef char* room = _room_for(size)
        cdef char* frame
        # What cannot be written at once is copied. Whoever cannot read on closes itself,
        # before its owner knows.
        if self._stream is not None:
            if not self._stream.is_close_frame_sent:
                frame = masked_frame(room, 0x80 | kind, data, size)
                self._stream.write_c(frame, room + size - frame)
        elif not self._engine.is_close_frame_sent:
            frame = masked_frame(room, 0x80 | kind, data, size)
            self._transport.write_c(frame, room + size - frame)
        if self._sizes is not None:
            self._sizes.add(size)
        else:
            self._count(size)
        self.unsent.add(size)
        if frames.is_blocked:
            self.unsent.note(frames, size, None)
        return 0

    cdef int _send_otherwise(self, WSMsgType kind, bytes payload) except -1:
        cdef MessageWatch watch = self._watch
        cdef Py_ssize_t size = PyBytes_GET_SIZE(payload)
        cdef double at_s
        if watch is None:
            return self._send_by_wire(kind, payload)
        at_s = watch.now_s()
        if self._watched_frames is not None and size <= _SHARED:
            self._frame(
                self._watched_frames, kind, PyBytes_AS_STRING(payload), size
            )
        else:
            self._send_by_wire(kind, payload)
        watch.sent(payload, kind, at_s)
        return 0

    cdef int _send_by_wire(self, WSMsgType kind, bytes payload) except -1:
        cdef Py_ssize_t size = PyBytes_GET_SIZE(payload)
        framed = None
        wire = self._wire
        if wire is None:
            self.unsent.drop(size)
            return 0
        if kind == WSMsgType.TEXT:
            framed = wire.send_text(payload)
        else:
            framed = wire.send_binary(payload)
        self._count(size)
        self.unsent.add(size)
        if framed is not None or wire.is_blocked:
            self.unsent.note(wire, size, framed)
        return 0

    cpdef send_text(self, text):
        """Send a text; lone surrogates become U+FFFD. Dropped when closing or closed."""
        cdef bytes payload
        cdef Py_ssize_t size = 0
        cdef const char* data
        if PyUnicode_IS_ASCII(text):
            # Its own characters: nothing is encoded.
            data = PyUnicode_AsUTF8AndSize(text, &size)
            self.send(WSMsgType.TEXT, data, size)
            return
        try:
            payload = PyUnicode_AsUTF8String(text)
        except UnicodeEncodeError:
            payload = to_utf8(text)
        self.send(WSMsgType.TEXT, PyBytes_AS_STRING(payload), PyBytes_GET_SIZE(payload))

    cpdef send_binary(self, payload):
        """Send bytes. Dropped when closing or closed."""
        cdef bytes data = bytes(payload)
        self.send(WSMsgType.BINARY, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
