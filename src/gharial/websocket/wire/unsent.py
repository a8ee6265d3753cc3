"""
What a script gave to send and is not on the network: its ``bufferedAmount``.

Part of the hot path, so compiled where that could be done (``unsent.pxd`` says how it
looks in C); in plain Python it does the same.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from gharial.websocket.errors import WebSocketError
from gharial.websocket.task_count import TaskCount
from gharial.websocket.wire.frame_sizes import MASK_BYTES, wire_size

# In place of the number of a task.
_A_TURN = -1


class Unsent:
    """
    Counts the payload of one connection that is not on the network.

    Attributes:
        dropped_bytes: Payload that was given to send and never will be sent.

    """

    __slots__ = (
        "_backlog",
        "_count_further",
        "_is_connecting",
        "_is_turn",
        "_task",
        "_task_bytes",
        "_tasks",
        "_wire",
        "dropped_bytes",
    )

    def __init__(self, tasks: TaskCount) -> None:
        # What the present task has sent: the number of the task, or `_A_TURN` where it is
        # a turn of the event loop.
        self._tasks = tasks
        self._task = _A_TURN
        self._task_bytes = 0
        self._is_turn = False
        self._is_connecting = True
        self._wire: Any = None
        self._count_further: Callable[[int], object] | None = None
        # Framed and payload size of messages that the transport may still hold; None
        # where it never held one.
        self._backlog: list[tuple[int, int]] | None = None
        self.dropped_bytes = 0

    def open(self, wire: Any, count_further: Callable[[int], object]) -> None:
        """
        Count what is sent over a wire from now on.

        Args:
            wire: The wire, which says what its transport still holds.
            count_further: Called with the bytes by which a message took more than its
                usual frame; below 0 for what compression saved.

        """
        self._wire = wire
        self._count_further = count_further

    def close(self) -> None:
        """Take note that what is given to send from now on is dropped."""
        self._is_connecting = False

    def end(self) -> None:
        """Take note that the connection is over: what was not sent will not be."""
        self.drop_rest()
        self._wire = None

    def amount(self) -> int:
        """
        Return the bytes that were given to send and are not on the network.

        Never negative. What the present task of the script has sent counts until it ends,
        on the network or not; what was dropped counts for good.

        Source:
            WHATWG WebSockets, section 3.1, ``bufferedAmount``.
        """
        return max(self.waiting_bytes(), self.task_bytes()) + self.dropped_bytes

    def waiting_bytes(self) -> int:
        """Return the bytes of payload that the transport still holds."""
        if self._wire is None or not self._backlog:
            return 0
        held = self._wire.unsent_bytes()
        amount = 0
        for framed, payload in reversed(self._backlog):
            if held <= 0:
                break
            amount += min(payload, held)
            held -= framed
        return amount

    def task_bytes(self) -> int:
        """Return how many bytes the present task of the script has sent."""
        if self._task == _A_TURN:
            return self._task_bytes if self._is_turn else 0
        if self._tasks.is_busy and self._tasks.tasks_run == self._task:
            return self._task_bytes
        return 0

    def add(self, size: int) -> None:
        """Count a message that was handed to the wire, as part of the present task."""
        tasks = self._tasks
        if not (tasks.is_busy and tasks.tasks_run == self._task):
            self._begin_task()
        self._task_bytes += size

    def end_turn(self) -> None:
        """Take note that a turn of the event loop is over."""
        self._is_turn = False

    def note(self, wire: Any, size: int, framed: int | None) -> None:
        """
        Take note of what few messages need: one was compressed, or waits to be written.

        Args:
            wire: The wire that it was handed to.
            size: The message's payload.
            framed: What it took on the wire, if it was compressed; else None.

        """
        if wire.is_mute:
            # Its write failed.
            self._drop_of_task(size)
            return
        usual = wire_size(size) + MASK_BYTES
        if framed is None:
            framed = usual
        elif self._count_further is not None:
            self._count_further(framed - usual)
        if wire.is_blocked:
            if self._backlog is None:
                self._backlog = []
            self._backlog.append((framed, size))

    def written(self) -> None:
        """Take note that the transport holds nothing any more."""
        self._backlog = None

    def drop(self, size: int) -> None:
        """
        Count a message that is given to send, and will not be sent.

        Raises:
            WebSocketError: ``InvalidStateError`` while connecting.

        """
        if self._is_connecting:
            raise WebSocketError("InvalidStateError", "the socket is still connecting")
        self.dropped_bytes += size

    def drop_rest(self) -> None:
        """Take note that what the transport still holds will not be sent."""
        self._drop_of_task(self.waiting_bytes())
        self._backlog = None

    def _drop_of_task(self, size: int) -> None:
        self.dropped_bytes += size
        self._task_bytes = max(0, self._task_bytes - size)

    def _begin_task(self) -> None:
        if self._tasks.is_busy:
            self._task = self._tasks.tasks_run
            self._task_bytes = 0
        elif not self._is_turn or self._task != _A_TURN:
            self._task = _A_TURN
            self._task_bytes = 0
            if not self._is_turn:
                self._is_turn = True
                asyncio.get_running_loop().call_soon(self.end_turn)
