cimport cython

from gharial.python.websocket.events cimport MessageEvent, message_event
from gharial.websocket.messages cimport MessageReceiver


cdef frozenset _PLAIN


cdef class Inbox(MessageReceiver):
    cdef object _on_special, _socket
    cdef public bint is_open, is_special
    cdef public object only

    @cython.locals(event=MessageEvent)
    cpdef receive(self, data, double at_ms)
