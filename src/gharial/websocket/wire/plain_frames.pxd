from picows.picows cimport WSFrame, WSListener, WSTransport

from gharial.websocket.messages cimport MessageTaker
from gharial.websocket.size_list cimport SizeList
from gharial.net.turns cimport Turns


cdef class PlainFrames(WSListener):
    cdef readonly Turns turns
    cdef MessageTaker _taker
    cdef SizeList _sizes
    cdef object _count, _take
    cdef public double at_s
    cdef public bint is_blocked, is_dated
    cdef bint _is_first_of_read

    cdef int date_by_turn(self) except -1
