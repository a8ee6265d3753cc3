cdef class Turns:
    cdef public object loop, now_s
    cdef public list instant_s
    cdef int _dates_left, _reads_left

    cpdef double began_at_s(self)
