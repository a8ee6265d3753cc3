cimport cython
from picows.picows cimport WSFrame

from gharial.websocket.messages cimport MessageTaker


cdef class MessageWatch(MessageTaker):
    cdef object _lens, _take, _on_unreadable
    cdef MessageTaker _taker
    cdef double _sent_at_s
    cdef readonly object now_s
    cdef public bint begins_request

    cpdef take(self, data, double at_s)
    cpdef bint take_frame(self, WSFrame frame, double at_s) except -1
    cpdef sent(self, bytes payload, int kind, double at_s)
    cdef _show(self, bytes payload, int kind, double at_s)
    cdef _give_up(self, lens, error, double at_s)
