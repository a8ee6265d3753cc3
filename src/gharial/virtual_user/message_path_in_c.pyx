"""From the wire into a virtual user's task queue, in C; see ``message_path_in_python.py``."""

from picows.picows cimport WSFrame

from gharial.virtual_user.loop cimport VuLoop
from gharial.websocket.messages cimport MessageReceiver, MessageTaker, content


cdef extern from "Python.h":
    int PyContext_Enter(object context) except -1
    int PyContext_Exit(object context) except -1


cdef class MessagePath(MessageTaker):
    """Takes the messages of one socket."""

    def __init__(
        self,
        VuLoop loop,
        MessageReceiver receiver,
        double epoch_offset_s,
        when_busy,
    ):
        self._loop = loop
        self._receiver = receiver
        self._epoch_offset_s = epoch_offset_s
        self._when_busy = when_busy

    cpdef take(self, data, double at_s):
        """Hand a message to the receiver, now or in turn."""
        cdef VuLoop loop = self._loop
        cdef double at_ms = (at_s + self._epoch_offset_s) * 1e3
        if loop.is_busy:
            self._when_busy(data, at_ms)
        elif loop.may_block:
            loop.post((<object>self._receiver).receive, data, at_ms)
        else:
            self._run(data, None, at_ms)

    cpdef bint take_frame(self, WSFrame frame, double at_s) except -1:
        """Hand on a message that is still in the frame engine's buffer."""
        cdef VuLoop loop = self._loop
        if loop.is_busy or loop.may_block:
            try:
                data = content(frame)
            except UnicodeDecodeError:
                return False
            self.take(data, at_s)
            return True
        return self._run(None, frame, (at_s + self._epoch_offset_s) * 1e3)

    cdef bint _run(self, data, WSFrame frame, double at_ms) except -1:
        cdef bint is_sound = True
        cdef VuLoop loop = self._loop
        cdef MessageReceiver receiver = self._receiver
        context = loop.context
        loop.is_busy = True
        loop.tasks_run += 1
        try:
            if context is not None:
                PyContext_Enter(context)
            try:
                if frame is None:
                    receiver.receive(data, at_ms)
                else:
                    is_sound = receiver.receive_frame(frame, at_ms)
            finally:
                if context is not None:
                    PyContext_Exit(context)
            if loop.checkpoint is not None and receiver.has_jobs():
                loop.checkpoint()
        except BaseException as error:
            loop.on_error(error)
        if loop.waiting is None and loop.held:
            loop.is_busy = False
        else:
            loop.task_ended()
        return is_sound
