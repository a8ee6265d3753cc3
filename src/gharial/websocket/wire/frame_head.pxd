# The head of a frame that a server sent (RFC 6455 sections 5.1, 5.2 and 5.5).

from libc.stdint cimport uint64_t


cdef enum:
    FIRST_CONTROL_OPCODE = 8
    _LAST_OPCODE = 10
    _CONTROL_MAXIMUM_BYTES = 125


cdef struct FrameHead:
    # Its own bytes, and those of the payload behind it.
    Py_ssize_t size, payload_size
    int opcode
    bint fin, rsv1, rsv2, rsv3


cdef inline str read_head(const char* data, Py_ssize_t size, FrameHead* head):
    """Read a head, whose size is 0 if it is not whole; return what is wrong or None."""
    cdef const unsigned char* given = <const unsigned char*>data
    cdef int index, length_bytes
    cdef uint64_t length
    head.size = 0
    if size < 2:
        return None
    head.opcode = given[0] & 0xF
    head.fin = given[0] >> 7
    head.rsv1 = given[0] >> 6 & 1
    head.rsv2 = given[0] >> 5 & 1
    head.rsv3 = given[0] >> 4 & 1
    length = given[1] & 0x7F
    if 2 < head.opcode < FIRST_CONTROL_OPCODE or head.opcode > _LAST_OPCODE:
        return f"a frame has the unknown opcode {head.opcode}"
    if head.opcode >= FIRST_CONTROL_OPCODE and not head.fin:
        return "a control frame is fragmented"
    if given[1] & 0x80:
        return "a frame of the server's is masked (RFC 6455 section 5.1)"
    if length <= _CONTROL_MAXIMUM_BYTES:
        head.size = 2
        head.payload_size = <Py_ssize_t>length
        return None
    if head.opcode >= FIRST_CONTROL_OPCODE:
        return "a control frame is longer than 125 bytes"
    length_bytes = 2 if length == 126 else 8
    if size < 2 + length_bytes:
        return None
    length = 0
    for index in range(length_bytes):
        length = length << 8 | given[2 + index]
    if length < (126 if length_bytes == 2 else 65536) or length >> 63:
        return "the length of a frame is not written as it should be"
    head.size = 2 + length_bytes
    head.payload_size = <Py_ssize_t>length
    return None
