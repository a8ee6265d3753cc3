cdef class SizeList:
    cdef double* _sizes
    cdef Py_ssize_t _length, _capacity

    cdef int add(self, double size) except -1
