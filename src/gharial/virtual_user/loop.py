"""
The event loop of one virtual user: a queue of tasks and a count of what is pending.

Tasks run one at a time, in the order in which they were posted, each followed by the
script language's own jobs (promises). All that waits for a VU is handled in a row: warm,
a message costs a third of what it costs when VUs take turns.

Where script code may suspend its VU, tasks run in a worker (see ``blocking.py``). Others
run right where the event loop is: to enter a worker and to leave it took 1.2 of the 14
microseconds of a round trip (measured over 100 sockets).

The loop is empty when no task is queued and nothing is held: no open socket, no timer,
no pending operation. That is the end of an iteration.
"""

from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from gharial.virtual_user.blocking import Blocking
from gharial.websocket.task_count import TaskCount

Task = tuple[Callable[..., object], tuple[Any, ...]]


class VuLoop(TaskCount):
    """
    The task queue of one virtual user.

    Attributes:
        held: How many owned things (sockets, timers, operations) are pending.
        may_block: Whether a task may suspend the VU, so that it needs a worker.
        tasks_run: Counts tasks; a watchdog reads it to see that one does not end.
        is_busy: Whether a task runs or is suspended at this moment.
        context: The context variables that its tasks see; None for none.
        checkpoint: Called after each task; what it raises is reported. None for nothing.
        on_error: Called with what a task raised.
        waiting: The tasks that wait; None for none.

    """

    __slots__ = (
        "_blocking",
        "_next",
        "_on_empty",
        "checkpoint",
        "context",
        "held",
        "may_block",
        "on_error",
        "waiting",
    )

    def __init__(
        self,
        blocking: Blocking,
        *,
        on_empty: Callable[[], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        super().__init__()
        self._blocking = blocking
        self.checkpoint: Callable[[], None] | None = None
        self._on_empty = on_empty
        self.on_error = on_error
        # What waits while the VU is busy; there only then, as an empty one takes 760 bytes.
        self.waiting: deque[Task] | None = None
        self._next: Task | None = None
        self.context: Context | None = None
        self.may_block = True
        self.held = 0

    def task_ended(self) -> None:
        """Go on with the tasks that wait behind one that was run directly."""
        if self.waiting:
            self._run_tasks(self.waiting.popleft())
        else:
            self.is_busy = False
            if not self.held:
                self._on_empty()

    def post(self, callback: Callable[..., object], *arguments: Any) -> None:
        """
        Run ``callback(*arguments)`` as a task: at once if the VU is idle, else in turn.

        Call it on the event loop's thread. What the task raises is reported, never
        raised here.
        """
        if not self.is_busy:
            self.is_busy = True
            self._run_tasks((callback, arguments))
            return
        if self.waiting is None:
            self.waiting = deque()
        self.waiting.append((callback, arguments))

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
        self.waiting = None
        self.held = 0

    def _run_tasks(self, task: Task) -> None:
        """Run a task and all that wait behind it."""
        self._next = task
        if self.may_block:
            self._blocking.run(self._drain, self.context)
        elif self.context is None:
            self._drain()
        else:
            self.context.run(self._drain)

    def _drain(self) -> None:
        task, self._next = self._next, None
        while task is not None:
            callback, arguments = task
            self.tasks_run += 1
            try:
                callback(*arguments)
                if self.checkpoint is not None:
                    self.checkpoint()
            except BaseException as error:
                self.on_error(error)
            # Asked for anew each time: the task may have discarded them all.
            task = self.waiting.popleft() if self.waiting else None
        self.waiting = None
        self.is_busy = False
        if not self.held:
            self._on_empty()
