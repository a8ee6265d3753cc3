cdef class PolledSocket:
    cdef int number
    # The events that it wants to hear of, as the kernel was told.
    cdef unsigned int interest

    cdef int act(self, unsigned int events) except -1


cdef class SharedEpoll:
    cdef object __weakref__
    cdef readonly object loop
    cdef int _number
    cdef list _sockets
    cdef Py_ssize_t _count

    cdef int join(self, PolledSocket member) except -1
    cdef int leave(self, PolledSocket member) except -1
    cdef int listen(self, PolledSocket member, unsigned int interest) except -1


cdef SharedEpoll epoll_of(loop)
