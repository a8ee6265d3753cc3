"""The sizes of messages, in C; see ``size_list.py``."""

from array import array

from libc.stdlib cimport free, realloc


cdef class SizeList:
    """Sizes in bytes, until somebody takes them."""

    def __dealloc__(self):
        free(self._sizes)

    cdef int add(self, double size) except -1:
        cdef double* grown
        cdef Py_ssize_t capacity
        if self._length == self._capacity:
            capacity = self._capacity * 2 if self._capacity else 16
            grown = <double*>realloc(self._sizes, capacity * sizeof(double))
            if grown is NULL:
                raise MemoryError()
            self._sizes = grown
            self._capacity = capacity
        self._sizes[self._length] = size
        self._length += 1
        return 0

    def append(self, double size):
        """Add a size."""
        self.add(size)

    def take(self):
        """Return what has come since the last time, and forget it."""
        taken = array("d")
        if self._length:
            taken.frombytes((<char*>self._sizes)[: self._length * sizeof(double)])
        free(self._sizes)
        self._sizes = NULL
        self._length = self._capacity = 0
        return taken

    def __call__(self, double size, double at_s=0.0):
        """Add a size; it does not matter when the message came."""
        self.add(size)
