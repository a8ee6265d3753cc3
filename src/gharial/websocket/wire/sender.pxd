from picows.picows cimport WSMsgType, WSTransport

from gharial.websocket.size_list cimport SizeList
from gharial.websocket.wire.plain_frames cimport PlainFrames


cdef class Sender:
    cdef object _owner, _wire, _count
    # Both are there while what is sent needs nothing but a frame of its own.
    cdef PlainFrames _frames
    cdef SizeList _sizes
    cdef WSTransport _transport

    cdef send(self, WSMsgType kind, payload, Py_ssize_t size)
    cpdef send_text(self, text)
    cpdef send_binary(self, payload)
