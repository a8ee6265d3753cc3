from picows.picows cimport WSFrame


cdef unsigned int _BINARY

cpdef object content(WSFrame frame)


cdef class MessageTaker:
    cpdef take(self, data, double at_s)
    cpdef bint take_frame(self, WSFrame frame, double at_s) except -1


cdef class MessageReceiver:
    cpdef receive(self, data, double at_ms)
    cpdef bint receive_frame(self, WSFrame frame, double at_ms) except -1
    cpdef bint has_jobs(self)
