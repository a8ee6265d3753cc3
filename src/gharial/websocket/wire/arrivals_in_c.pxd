from gharial.websocket.wire.plain_frames cimport PlainFrames


cdef enum:
    # In place of a number of bytes.
    AGAIN = -1
    FAILED = -2

cdef int date(PlainFrames frames, double stamp_s) except -1
cdef Py_ssize_t read_dated(int number, char* room, Py_ssize_t size, double* stamp_s) noexcept
cdef bint stamp(int number) noexcept
