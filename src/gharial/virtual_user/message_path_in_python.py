"""
From the wire into a virtual user's task queue: the hot path.

``message_path_in_c.pyx`` does the same where it could be compiled.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gharial.websocket.messages import MessageReceiver, MessageTaker

if TYPE_CHECKING:
    from gharial.virtual_user.loop import VuLoop


class MessagePath(MessageTaker):
    """
    Takes the messages of one socket.

    Each is handed to ``receiver`` as a task of the loop's, at once if the VU is idle; else
    ``when_busy(data, at_ms)`` is called, which is to post it. It does what
    ``VuLoop.post`` does, in one call and without a look-up that could be spared.
    """

    __slots__ = ("_epoch_offset_s", "_loop", "_receive", "_when_busy")

    def __init__(
        self,
        loop: "VuLoop",
        receiver: MessageReceiver,
        epoch_offset_s: float,
        when_busy: Callable[[Any, float], None],
    ) -> None:
        self._loop = loop
        self._receive = receiver.receive
        self._epoch_offset_s = epoch_offset_s
        self._when_busy = when_busy

    def take(self, data: Any, at_s: float) -> None:
        """Hand a message to the receiver, now or in turn."""
        at_ms = (at_s + self._epoch_offset_s) * 1e3
        loop = self._loop
        if loop.is_busy:
            self._when_busy(data, at_ms)
            return
        if loop.may_block:
            loop.post(self._receive, data, at_ms)
            return
        loop.is_busy = True
        loop.tasks_run += 1
        try:
            if loop.context is None:
                self._receive(data, at_ms)
            else:
                loop.context.run(self._receive, data, at_ms)
            if loop.checkpoint is not None:
                loop.checkpoint()
        except BaseException as error:
            loop.on_error(error)
        if loop.waiting is None and loop.held:
            loop.is_busy = False
        else:
            loop.task_ended()
