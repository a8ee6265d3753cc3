from gharial.websocket.task_count cimport TaskCount


cdef class Unsent:
    cdef object _wire, _count_further, _backlog
    cdef TaskCount _tasks
    cdef Py_ssize_t _task, _task_bytes
    cdef bint _is_connecting, _is_turn
    cdef public Py_ssize_t dropped_bytes

    cpdef add(self, Py_ssize_t size)
    cpdef note(self, wire, Py_ssize_t size, framed)
    cpdef drop(self, Py_ssize_t size)
    cpdef _begin_task(self)
