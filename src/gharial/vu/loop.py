"""
The event loop of one virtual user: a queue of tasks and a count of what is pending.

Tasks run one at a time, in the order in which they were posted, each followed by the
script language's own jobs (promises). All that waits for a VU is handled in a row: warm,
a message costs a third of what it costs when VUs take turns.

The loop is empty when no task is queued and nothing is held: no open socket, no timer,
no pending operation. That is the end of an iteration.
"""

from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from gharial.vu.blocking import Blocking

Task = tuple[Callable[..., object], tuple[Any, ...]]


class VuLoop:
    """
    The task queue of one virtual user.

    Attributes:
        held: How many owned things (sockets, timers, operations) are pending.
        tasks_run: Counts tasks; a watchdog reads it to see that one does not end.
        is_busy: Whether a task runs or is suspended at this moment.
        context: The context variables that its tasks see; None for none.

    """

    __slots__ = (
        "_blocking",
        "_checkpoint",
        "_on_empty",
        "_on_error",
        "_tasks",
        "context",
        "held",
        "is_busy",
        "tasks_run",
    )

    def __init__(
        self,
        blocking: Blocking,
        *,
        on_empty: Callable[[], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._blocking = blocking
        self._checkpoint: Callable[[], None] = _nothing
        self._on_empty = on_empty
        self._on_error = on_error
        self._tasks: deque[Task] = deque()
        self.context: Context | None = None
        self.held = 0
        self.tasks_run = 0
        self.is_busy = False

    def set_checkpoint(self, checkpoint: Callable[[], None]) -> None:
        """Call ``checkpoint`` after each task from now on; what it raises is reported."""
        self._checkpoint = checkpoint

    def post(self, callback: Callable[..., object], *arguments: Any) -> None:
        """
        Run ``callback(*arguments)`` as a task: at once if the VU is idle, else in turn.

        Call it on the event loop's thread. What the task raises is reported, never
        raised here.
        """
        self._tasks.append((callback, arguments))
        if not self.is_busy:
            self.is_busy = True
            self._blocking.run(self._drain, self.context)

    def hold(self) -> None:
        """Count one more pending thing, which keeps the loop from being empty."""
        self.held += 1

    def release(self) -> None:
        """Count one pending thing less; the loop may be empty now."""
        self.held -= 1
        if not self.held and not self.is_busy:
            self._on_empty()

    def discard(self) -> None:
        """Forget all queued tasks and held things, without a call for any of them."""
        self._tasks.clear()
        self.held = 0

    def _drain(self) -> None:
        tasks = self._tasks
        while tasks:
            callback, arguments = tasks.popleft()
            self.tasks_run += 1
            try:
                callback(*arguments)
                self._checkpoint()
            except BaseException as error:
                self._on_error(error)
        self.is_busy = False
        if not self.held:
            self._on_empty()


def _nothing() -> None:
    return None
