cdef class SizeList:
    cdef object _sizes
    cdef double[::1] _view
    cdef Py_ssize_t _length, _capacity

    cpdef add(self, double size)
