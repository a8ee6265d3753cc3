from gharial.websocket.wire.held_bytes cimport HeldBytes
from gharial.websocket.wire.plain_frames cimport PlainFrames
from gharial.websocket.wire.shared_epoll cimport PolledSocket, SharedEpoll


cdef class Stream(PolledSocket):
    cdef object __weakref__
    cdef SharedEpoll _epoll
    cdef object _protocol, _backlog
    cdef PlainFrames _wire
    cdef HeldBytes _held
    # The size of the frame that is read; 0 where that is not known yet.
    cdef Py_ssize_t _needed
    cdef Py_ssize_t _limit_bytes
    cdef readonly bint is_close_frame_sent
    cdef bint _is_paused, _is_closing, _is_lost, _is_refused, _is_parsing
    # Whether whole frames are held, since reading was paused between them.
    cdef bint _has_stopped
    cdef readonly bint is_mute
    cdef readonly object error
    cdef public object on_mute

    cdef int write_c(self, const char* data, Py_ssize_t size) except -1
    cdef int _read(self) except -1
    cdef int _take(self, char* data, Py_ssize_t size) except -1
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
