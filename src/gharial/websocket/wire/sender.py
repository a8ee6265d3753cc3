"""
What sends the messages of one connection: the path of nearly every message.

``sender.pyx`` is the same in C, and takes the place of this file where it could be
compiled.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from picows import WSMsgType

from gharial.websocket.messages import TaskCount
from gharial.websocket.scalar_text import to_utf8
from gharial.websocket.size_list import SizeList

if TYPE_CHECKING:
    from gharial.websocket.connection import Connection


# In place of the number of a task.
_A_TURN = -1


class Sender:
    """Frames, sends and counts messages while its connection is open."""

    __slots__ = (
        "_count",
        "_is_turn",
        "_owner",
        "_send_binary",
        "_send_text",
        "_task",
        "_task_bytes",
        "_tasks",
        "_wire",
    )

    def __init__(self, owner: "Connection", tasks: TaskCount) -> None:
        self._owner = owner
        # What the present task has sent: the number of the task, or `_A_TURN` where it is
        # a turn of the event loop.
        self._tasks = tasks
        self._task = _A_TURN
        self._task_bytes = 0
        self._is_turn = False
        self._wire: Any = None
        self._count: Callable[[int], object]
        # The wire's own functions; None while nothing can be sent.
        self._send_text: Callable[[bytes], int | None] | None = None
        self._send_binary: Callable[[bytes], int | None] | None = None

    def open(self, wire: Any, count: Callable[[int], object]) -> None:
        """Send over this wire from now on, and hand the sizes to ``count``."""
        self._wire = wire
        self._count = count.append if isinstance(count, SizeList) else count
        self._send_text, self._send_binary = wire.send_text, wire.send_binary
        if wire.plain_transport is not None:
            # Functions in C: to send a message costs no further call in Python.
            send = wire.plain_transport.send
            self._send_text = partial(send, WSMsgType.TEXT)
            self._send_binary = partial(send, WSMsgType.BINARY)

    def close(self) -> None:
        """Let the connection drop what is sent from now on."""
        self._send_text = self._send_binary = self._wire = None

    def _begin_task(self, size: int) -> None:
        if self._tasks.is_busy:
            if self._tasks.tasks_run != self._task:
                self._task = self._tasks.tasks_run
                self._task_bytes = 0
        elif not self._is_turn or self._task != _A_TURN:
            self._task = _A_TURN
            self._task_bytes = 0
            if not self._is_turn:
                self._is_turn = True
                asyncio.get_running_loop().call_soon(self.end_turn)
        self._task_bytes += size

    def end_turn(self) -> None:
        """Take note that a turn of the event loop is over."""
        self._is_turn = False

    def task_bytes(self) -> int:
        """Return how many bytes the present task of the script has sent."""
        if self._task == _A_TURN:
            return self._task_bytes if self._is_turn else 0
        if self._tasks.is_busy and self._tasks.tasks_run == self._task:
            return self._task_bytes
        return 0

    def take_back(self, size: int) -> None:
        """Count so many bytes of the present task no longer: they were dropped."""
        self._task_bytes = max(0, self._task_bytes - size)

    def send_text(self, text: str) -> None:
        """
        Send a text; lone surrogates become U+FFFD. Dropped when closing or closed.

        Raises:
            WebSocketError: ``InvalidStateError`` while connecting.

        """
        # On the path of every message, as is the next one: alike on purpose.
        try:
            payload = text.encode()
        except UnicodeEncodeError:
            payload = to_utf8(text)
        size = len(payload)
        send, wire = self._send_text, self._wire
        if send is None:
            self._owner.drop(size)
            return
        framed = send(payload)
        self._count(size)
        self._begin_task(size)
        # The sender is closed by now if the write failed.
        if framed is not None or wire.is_blocked:
            self._owner.note_sent(size, framed)

    def send_binary(self, payload: bytes) -> None:
        """
        Send bytes. Dropped when closing or closed.

        Raises:
            WebSocketError: ``InvalidStateError`` while connecting.

        """
        size = len(payload)
        send, wire = self._send_binary, self._wire
        if send is None:
            self._owner.drop(size)
            return
        framed = send(payload)
        self._count(size)
        self._begin_task(size)
        if framed is not None or wire.is_blocked:
            self._owner.note_sent(size, framed)
