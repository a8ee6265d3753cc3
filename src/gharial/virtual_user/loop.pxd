from gharial.websocket.task_count cimport TaskCount


cdef class VuLoop(TaskCount):
    cdef object _blocking, _on_empty, _next
    cdef public object checkpoint, context, on_error, waiting
    cdef public bint may_block
    cdef public Py_ssize_t held

    cpdef task_ended(self)
