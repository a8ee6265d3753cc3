from gharial.websocket.wire.plain_frames cimport PlainFrames


cdef class Reactor:
    cdef object __weakref__
    cdef readonly object loop
    cdef int _number
    cdef list _streams
    cdef Py_ssize_t _count

    cdef int join(self, Stream stream) except -1
    cdef int leave(self, Stream stream) except -1
    cdef int listen(self, Stream stream, unsigned int interest) except -1


cdef class Stream:
    cdef object __weakref__
    cdef Reactor _reactor
    cdef int _number
    cdef unsigned int _interest
    cdef object _protocol, _backlog
    cdef PlainFrames _wire
    # The part of a frame whose end is still to come.
    cdef char* _held
    cdef Py_ssize_t _held_size, _held_capacity, _needed
    cdef Py_ssize_t _limit_bytes
    cdef readonly bint is_close_frame_sent
    cdef bint _is_paused, _is_closing, _is_lost, _is_refused, _is_parsing
    # Whether whole frames are held, since reading was paused between them.
    cdef bint _has_stopped
    cdef readonly bint is_mute
    cdef readonly object error
    cdef public object on_mute

    cdef int act(self, unsigned int events) except -1
    cdef int write_c(self, const char* data, Py_ssize_t size) except -1
    cdef int _read(self) except -1
    cdef int _take(self, char* data, Py_ssize_t size) except -1
    cdef int _hold(self, const char* data, Py_ssize_t size) except -1
    cdef int _grow(self) except -1
    cdef Py_ssize_t _parse(self, char* data, Py_ssize_t size) except -1
    cdef Py_ssize_t _parse_one(self, char* data, Py_ssize_t size) except -1
    cdef int _hand_on(self, frame) except -1
    cdef int _refuse(self, int code, str problem) except -1
    cdef int _flush(self) except -1
    cdef int _end_of_file(self) except -1
    cdef int _write_failed(self, int number) except -1
    cdef int _become_mute(self) except -1
    cdef int _finish(self, error) except -1
    cdef int _listen(self) except -1
