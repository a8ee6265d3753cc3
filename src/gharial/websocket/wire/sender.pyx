"""What sends the messages of one connection, in C; see ``sender.py``."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_AsUTF8String
from libc.stdlib cimport realloc
from libc.string cimport memcpy
from picows.picows cimport WSMsgType, WSTransport

from gharial.websocket.scalar_text import to_utf8

from gharial.websocket.size_list cimport SizeList
from gharial.websocket.wire.plain_frames cimport PlainFrames


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)


cdef enum:
    # What a header takes at the most, rounded up.
    _HEADER = 16
    # The frame engine has a buffer for what is sent in each connection; it grows to the
    # largest message and stays. One for all connections takes less memory, and stays in
    # the processor's cache. Messages that are larger than this go the engine's own way.
    _SHARED = 1 << 20

cdef char* _shared = NULL
cdef Py_ssize_t _shared_size = 0


cdef char* _room_for(Py_ssize_t size) except NULL:
    global _shared, _shared_size
    cdef char* grown
    if size + _HEADER > _shared_size:
        grown = <char*>realloc(_shared, size + _HEADER)
        if grown is NULL:
            raise MemoryError()
        _shared, _shared_size = grown, size + _HEADER
    return _shared + _HEADER


cdef class Sender:
    """Frames, sends and counts messages while its connection is open."""

    def __init__(self, owner):
        self._owner = owner

    def open(self, wire, count):
        """Send over this wire from now on, and hand the sizes to ``count``."""
        self._wire = wire
        self._count = count
        self._sizes = count if isinstance(count, SizeList) else None
        self._transport = wire.plain_transport
        if self._transport is not None:
            self._frames = wire

    def close(self):
        """Let the connection drop what is sent from now on."""
        self._wire = self._frames = self._transport = None

    cdef int send(self, WSMsgType kind, const char* data, Py_ssize_t size) except -1:
        """Send UTF-8 or bytes, which are copied."""
        cdef char* room
        if self._frames is None or size > _SHARED:
            return self._send_otherwise(kind, PyBytes_FromStringAndSize(data, size))
        room = _room_for(size)
        memcpy(room, data, size)
        # It is masked where it lies, and what cannot be written at once is copied.
        self._transport.send_reuse_external_buffer(kind, room, size)
        if self._sizes is not None:
            self._sizes.add(size)
        else:
            self._count(size)
        if self._frames.is_blocked:
            self._owner.note_sent(size, None)
        return 0

    cdef int _send_otherwise(self, WSMsgType kind, bytes payload) except -1:
        cdef Py_ssize_t size = PyBytes_GET_SIZE(payload)
        framed = None
        if self._wire is None:
            self._owner.drop(size)
            return 0
        if kind == WSMsgType.TEXT:
            framed = self._wire.send_text(payload)
        else:
            framed = self._wire.send_binary(payload)
        self._count(size)
        if framed is not None or self._wire.is_blocked:
            self._owner.note_sent(size, framed)
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
