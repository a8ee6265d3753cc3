"""The port to what starts workers: local processes, or actors on a cluster."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Protocol

from gharial.workers.messages import FromWorker, Job, ToWorker


class Worker(Protocol):
    """
    One worker, as its coordinator sees it.

    Attributes:
        name: Where it is, for people: ``process 4711``.

    """

    name: str

    def send(self, message: ToWorker) -> None:
        """Tell it something; without effect once it is gone. Never waits."""
        ...

    def release(self) -> None:
        """Let it go, after it has finished; never waits, and it cannot stay for long."""
        ...

    async def left(self) -> None:
        """Return once it is gone after `release`, in bounded time."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


class Launcher(Protocol):
    """Starts workers."""

    def launch(
        self,
        job: Job,
        *,
        on_message: Callable[[FromWorker], None],
        on_gone: Callable[[str], None],
    ) -> Worker:
        """
        Start a worker on a job; call it on the running event loop.

        Args:
            job: What it has to do.
            on_message: Called on the event loop with each message, in order.
            on_gone: Called on the event loop, once, with how it ended, within 2 seconds
                after it did; nothing is heard from it afterwards.

        """
        ...


class Reports:
    """Hands what a thread hears from a worker to the event loop that launched it."""

    def __init__(
        self, on_message: Callable[[FromWorker], None], on_gone: Callable[[str], None]
    ) -> None:
        """Take what `Launcher.launch` was given; call it on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._on_message = on_message
        self._on_gone = on_gone

    def message(self, message: FromWorker) -> None:
        """Report a message."""
        self._post(self._on_message, message)

    def gone(self, reason: str) -> None:
        """Report how the worker ended."""
        self._post(self._on_gone, reason)

    def _post(self, callback: Callable[[Any], None], argument: Any) -> None:
        # Once the loop has ended there is nobody to report to.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, argument)
