cdef class VuLoop:
    cdef object _blocking, _on_empty, _next
    cdef public object checkpoint, context, on_error, waiting
    cdef public bint is_busy, may_block
    cdef public Py_ssize_t held, tasks_run

    cpdef task_ended(self)
