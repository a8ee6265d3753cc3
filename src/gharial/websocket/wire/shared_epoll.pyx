"""One epoll for all plain sockets of an event loop, which polls it like one socket."""

import os

from libc.errno cimport errno

from gharial.websocket.wire.socket_calls cimport (
    SOCKET_EVENTS,
    socket_close,
    socket_epoll,
    socket_event,
    socket_listen,
    socket_ready,
)


cdef SharedEpoll _latest = None


cdef SharedEpoll epoll_of(loop):
    """Return the epoll that sockets of this loop share."""
    global _latest
    if _latest is None or _latest.loop is not loop:
        # One before it is kept by its sockets.
        _latest = SharedEpoll(loop)
    return _latest


cdef class PolledSocket:
    """
    A socket that waits for events together with others.

    Attributes:
        number: Its descriptor.

    """

    cdef int act(self, unsigned int events) except -1:
        """Do what the socket is ready for; nothing is raised."""
        raise NotImplementedError


cdef class SharedEpoll:
    """
    The epoll that the plain sockets of one event loop share.

    Attributes:
        loop: The loop.

    """

    def __cinit__(self, loop):
        self.loop = loop
        self._sockets = []
        self._number = socket_epoll()
        if self._number < 0:
            raise OSError(errno, os.strerror(errno))

    def __dealloc__(self):
        if self._number >= 0:
            socket_close(self._number)

    cdef int join(self, PolledSocket member) except -1:
        """Keep a socket until it leaves."""
        while len(self._sockets) <= member.number:
            self._sockets.extend([None] * (1 + len(self._sockets)))
        self._sockets[member.number] = member
        self._count += 1
        if self._count == 1:
            self.loop.add_reader(self._number, self._turn)
        return 0

    cdef int leave(self, PolledSocket member) except -1:
        """Let go of a socket."""
        self._sockets[member.number] = None
        self._count -= 1
        if self._count == 0:
            # Left behind in the loop by none of them.
            self.loop.remove_reader(self._number)
        return 0

    cdef int listen(self, PolledSocket member, unsigned int interest) except -1:
        """Hear of these events of a socket; of none for 0."""
        if socket_listen(self._number, member.number, member.interest, interest) < 0:
            raise OSError(errno, os.strerror(errno))
        member.interest = interest
        return 0

    def _turn(self):
        """Have those act that are ready; the others are still ready in the next turn."""
        cdef socket_event found[SOCKET_EVENTS]
        cdef int count = socket_ready(self._number, found)
        cdef int index
        cdef object member
        for index in range(count):
            member = self._sockets[found[index].number]
            if member is not None:
                (<PolledSocket>member).act(found[index].happened)
