from aiofastnet.transport cimport Transport
from picows.picows cimport WSMsgType, WSTransport

from gharial.websocket.messages cimport TaskCount
from gharial.websocket.size_list cimport SizeList
from gharial.websocket.wire.plain_frames cimport PlainFrames


cdef class Sender:
    cdef object _owner, _wire, _count
    # All are there while what is sent needs nothing but a frame of its own.
    cdef PlainFrames _frames
    cdef Transport _stream
    cdef WSTransport _engine
    cdef SizeList _sizes
    cdef TaskCount _tasks
    cdef Py_ssize_t _task, _task_bytes
    cdef bint _is_turn

    cdef int send(self, WSMsgType kind, const char* data, Py_ssize_t size) except -1
    cdef int _send_otherwise(self, WSMsgType kind, bytes payload) except -1
    cdef int _begin_task(self, Py_ssize_t size) except -1
    cpdef send_text(self, text)
    cpdef send_binary(self, payload)
