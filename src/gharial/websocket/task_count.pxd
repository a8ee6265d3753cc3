cdef class TaskCount:
    cdef public bint is_busy
    cdef public Py_ssize_t tasks_run
