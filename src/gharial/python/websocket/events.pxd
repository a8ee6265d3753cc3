cimport cython


cdef class Event:
    cdef public int _flags
    cdef double _timestamp
    cdef public object current_target, is_trusted, target, type


cdef class MessageEvent(Event):
    cdef public object data, _origin


cdef class CloseEvent(Event):
    cdef public object code, reason, was_clean


cdef class ErrorEvent(Event):
    cdef public object error, response


@cython.locals(event=MessageEvent)
cpdef MessageEvent message_event(data, double timestamp, socket)
