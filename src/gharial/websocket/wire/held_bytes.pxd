# The part of a frame whose end is still to come, of one socket: without one, no memory.

from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memmove


cdef enum:
    _LEAST_BYTES = 128
    # So much is set aside at once for a frame that says that it is so long.
    _TRUSTED_BYTES = 256 * 1024


cdef struct HeldBytes:
    char* data
    Py_ssize_t size, capacity


cdef inline int hold(
    HeldBytes* held, const char* data, Py_ssize_t size, Py_ssize_t needed
) except -1:
    """Keep the first part of a frame, which needs so many bytes; 0 if that is unknown."""
    cdef Py_ssize_t capacity = max(size + 1, _LEAST_BYTES)
    if size < needed <= _TRUSTED_BYTES:
        capacity = max(capacity, needed)
    held.data = <char*>malloc(capacity)
    if held.data is NULL:
        raise MemoryError()
    memcpy(held.data, data, size)
    held.size = size
    held.capacity = capacity
    return 0


cdef inline int make_room(HeldBytes* held, Py_ssize_t needed) except -1:
    """Have room: as much again, so that a peer has to send what takes memory."""
    cdef Py_ssize_t capacity = 2 * held.capacity
    cdef char* grown
    if held.size < held.capacity:
        return 0
    if held.size < needed < capacity:
        capacity = needed
    grown = <char*>realloc(held.data, capacity)
    if grown is NULL:
        raise MemoryError()
    held.data = grown
    held.capacity = capacity
    return 0


cdef inline void drop(HeldBytes* held, Py_ssize_t size) noexcept:
    """Let go of the first bytes, and of the memory with the last one."""
    held.size -= size
    if held.size == 0:
        free(held.data)
        held.data = NULL
        held.capacity = 0
    elif size:
        memmove(held.data, held.data + size, held.size)
