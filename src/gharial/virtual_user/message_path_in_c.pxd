from picows.picows cimport WSFrame

from gharial.virtual_user.loop cimport VuLoop
from gharial.websocket.messages cimport MessageReceiver, MessageTaker


cdef class MessagePath(MessageTaker):
    cdef VuLoop _loop
    cdef MessageReceiver _receiver
    cdef double _epoch_offset_s
    cdef object _when_busy

    cdef bint _run(self, data, WSFrame frame, double at_ms) except -1
