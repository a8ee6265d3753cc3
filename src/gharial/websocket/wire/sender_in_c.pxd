from aiofastnet.transport cimport Transport
from picows.picows cimport WSMsgType, WSTransport

from gharial.websocket.size_list cimport SizeList
from gharial.websocket.watch cimport MessageWatch
from gharial.websocket.wire.plain_frames cimport PlainFrames
from gharial.websocket.wire.stream_in_c cimport Stream
from gharial.websocket.wire.unsent cimport Unsent


cdef class Sender:
    cdef readonly Unsent unsent
    cdef object _wire, _count
    # There while what is sent needs nothing but a frame of its own; with it is either the
    # stream, or the frame engine and its transport.
    cdef PlainFrames _frames
    cdef Stream _stream
    cdef Transport _transport
    cdef WSTransport _engine
    cdef SizeList _sizes
    # Where a lens reads the socket: it, and what `_frames` would be without.
    cdef MessageWatch _watch
    cdef PlainFrames _watched_frames

    cdef int send(self, WSMsgType kind, const char* data, Py_ssize_t size) except -1
    cdef int _frame(
        self, PlainFrames frames, WSMsgType kind, const char* data, Py_ssize_t size
    ) except -1
    cdef int _send_by_wire(self, WSMsgType kind, bytes payload) except -1
    cdef int _send_otherwise(self, WSMsgType kind, bytes payload) except -1
    cpdef send_text(self, text)
    cpdef send_binary(self, payload)
