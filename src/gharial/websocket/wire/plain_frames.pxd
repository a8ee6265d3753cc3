cimport cython
from picows.picows cimport WSFrame, WSListener, WSTransport

from gharial.net.turns cimport Turns
from gharial.websocket.messages cimport MessageTaker
from gharial.websocket.size_list cimport SizeList

cdef unsigned int _TEXT, _BINARY


cdef class PlainFrames(WSListener):
    cdef readonly Turns turns
    cdef MessageTaker _taker
    cdef SizeList _sizes
    cdef object _count, _take
    cdef public double at_s
    cdef public bint is_blocked, is_dated
    cdef bint _is_first_of_read

    @cython.locals(turns=Turns, at_s=double)
    cdef date_by_turn(self)
    @cython.locals(size=Py_ssize_t)
    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame)
