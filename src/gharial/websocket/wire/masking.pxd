cdef enum:
    # What a header takes at the most, rounded up.
    HEADER_BYTES = 16

cdef char* masked_frame(
    char* place, int first, const char* payload, Py_ssize_t size
) noexcept
