"""
The ``asyncio`` tasks of a virtual user: they belong to its iteration, as sockets do.

A task that a script starts, in whatever way, is made by the event loop's task factory,
which finds out whose it is from the context that it was started in. From then on it keeps
the iteration alive; when the iteration fails or is interrupted, it is cancelled.
"""

import asyncio
from collections.abc import Awaitable, Callable, Container, Coroutine, Generator
from contextvars import Context
from pathlib import Path
from typing import Any

from gharial.errors import GharialError
from gharial.python.current import CURRENT
from gharial.virtual_user.virtual_user import VirtualUser

_PACKAGE = str(Path(__file__).resolve().parents[2])

Work = Coroutine[Any, Any, Any] | Generator[Any, None, Any]


class ScriptExitError(GharialError):
    """
    A script tried to end the process.

    Attributes:
        kind: The name of the exception that it raised.
        text: What that says.

    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind, text)
        self.kind = kind
        self.text = text

    def __str__(self) -> str:
        return f"{self.kind}({self.text}); to end the test, call execution.test.abort()"


class OwnedTask:
    """One task of one virtual user, which ends it together with its sockets."""

    __slots__ = ("_files", "is_over", "is_root", "task")

    def __init__(self, task: asyncio.Task[Any], files: Container[str]) -> None:
        self.task = task
        # The script's, as its code objects name them.
        self._files = files
        # Nobody awaits a root, so what it raises fails the iteration at once.
        self.is_root = False
        # Whether it was cancelled with its iteration, and not by the script.
        self.is_over = False

    @property
    def is_established(self) -> bool:
        """Whether ``vu_setup`` may leave it running: always."""
        return True

    @property
    def description(self) -> str:
        """Its name, and the place at which it waits."""
        return f"task at {_waiting_at(self.task.get_coro(), self._files)}"

    def shut(self, code: int) -> None:
        """Cancel it, as the iteration is over."""
        self.is_over = True
        self.task.cancel()

    def abort(self) -> None:
        """Cancel it, as the iteration is over."""
        self.is_over = True
        self.task.cancel()


class OwnedTasks:
    """
    The tasks of one virtual user.

    Args:
        user: The virtual user.
        context: What its tasks run in copies of.
        files: The names of the script's files, as its code objects carry them.
        report: Lets the iteration fail because of what a task raised.

    """

    __slots__ = (
        "_context",
        "_files",
        "_live",
        "_report_error",
        "_unretrieved",
        "_user",
    )

    def __init__(
        self,
        user: VirtualUser,
        context: Context,
        files: Container[str],
        report: Callable[[BaseException], None],
    ) -> None:
        self._user = user
        self._context = context
        self._files = files
        self._report_error = report
        self._live: dict[asyncio.Task[Any], OwnedTask] = {}
        self._unretrieved: list[asyncio.Task[Any]] = []

    @property
    def is_any_alive(self) -> bool:
        """Whether a task goes on."""
        return bool(self._live)

    def start(self, work: Awaitable[object]) -> None:
        """Await, in a task of this virtual user, what nobody else awaits."""
        task = self._user.services.event_loop.create_task(
            _root(work),
            # A copy, as every task has one: what it sets is no business of the others.
            context=self._context.copy(),
        )
        self._live[task].is_root = True

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Own a task from its beginning."""
        owned = self._live[task] = OwnedTask(task, self._files)
        task.add_done_callback(self._ended)
        self._user.operations.began(owned)

    def forget_failures(self) -> None:
        """Let go of what the tasks of earlier iterations raised."""
        self._unretrieved.clear()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        owned = self._live.pop(task)
        if task.cancelled():
            if owned.is_root and not owned.is_over:
                # It awaited something that was cancelled, and the rest was left out.
                self._report(task)
        elif _is_unretrieved(task):
            if owned.is_root:
                self._report(task)
            else:
                self._unretrieved.append(task)
        if not self._live:
            # No task is left that could await another one.
            for failed in self._unretrieved:
                if _is_unretrieved(failed):
                    self._report(failed)
            self._unretrieved.clear()
        self._user.operations.ended(owned)

    def _report(self, task: asyncio.Task[Any]) -> None:
        error: BaseException | None
        try:
            error = task.exception()
        except asyncio.CancelledError as cancelled:
            error = cancelled
        if error is not None:
            self._report_error(error)


def _is_unretrieved(task: asyncio.Task[Any]) -> bool:
    # What asyncio itself asks before it logs "exception was never retrieved".
    return bool(getattr(task, "_log_traceback", True))


class OwningTaskFactory:
    """A task factory that gives each task that a script starts to its virtual user."""

    def __init__(self, previous: Callable[..., Any] | None) -> None:
        self._previous = previous

    def __call__(
        self, event_loop: asyncio.AbstractEventLoop, work: Work, **named: Any
    ) -> Any:
        """Make a task."""
        context: Context | None = named.get("context")
        instance = CURRENT.get() if context is None else context.get(CURRENT)
        if instance is not None and _is_our_own(work):
            # A dial, for example: its end is the socket's business, and what it starts
            # in turn is not the script's either.
            named["context"] = Context()
            instance = None
        if self._previous is not None:
            task = self._previous(event_loop, work, **named)
        else:
            task = asyncio.Task(work, loop=event_loop, **named)
        if instance is not None:
            instance.adopt(task)
        return task


def own_tasks(event_loop: asyncio.AbstractEventLoop) -> None:
    """Have the event loop give the tasks of scripts to their virtual users."""
    previous = event_loop.get_task_factory()
    if not isinstance(previous, OwningTaskFactory):
        event_loop.set_task_factory(OwningTaskFactory(previous))


def _waiting_at(work: Any, files: Container[str]) -> str:
    """Return the innermost place in the script at which a coroutine waits."""
    place = "its beginning"
    while work is not None:
        frame = getattr(work, "cr_frame", None) or getattr(work, "gi_frame", None)
        if frame is not None and frame.f_code.co_filename in files:
            name = frame.f_code.co_qualname.replace("<locals>.", "")
            place = f"{name} ({frame.f_code.co_filename}:{frame.f_lineno})"
        work = getattr(work, "cr_await", None) or getattr(work, "gi_yieldfrom", None)
    return place


def _is_our_own(work: Work) -> bool:
    code = getattr(work, "cr_code", None) or getattr(work, "gi_code", None)
    if code is None or code is _root.__code__:
        return False
    return str(code.co_filename).startswith(_PACKAGE)


async def _root(work: Awaitable[object]) -> None:
    try:
        await work
    except (KeyboardInterrupt, SystemExit) as error:
        # A task that ends with one of these ends the event loop with it.
        raise ScriptExitError(type(error).__name__, str(error)) from error
