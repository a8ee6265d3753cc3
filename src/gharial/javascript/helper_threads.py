"""Threads for what would take an event loop too long to compute."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gharial.process.daemon_threads import DaemonThreads

# More would take time from the event loop, which has one of a machine's cores.
THREADS_MAXIMUM = 2


class Work:
    """
    Something to compute.

    Attributes:
        compute: Called in a thread; it must not raise.
        done: Called with what it returned, in the event loop that asked for it.

    """

    __slots__ = ("_loop", "_threads", "compute", "done")

    def __init__(
        self,
        threads: "HelperThreads",
        compute: Callable[[], Any],
        done: Callable[[Any], None],
    ) -> None:
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self.compute = compute
        self.done = done

    def withdraw(self) -> None:
        """Take it back if it still waits; `done` is not to be called in any case."""
        self.done = _nothing
        self._threads.withdraw(self.run)

    def run(self) -> None:
        """Compute, and hand on the result."""
        result = self.compute()
        # The loop may be gone, and with it who asked.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self.done(result))


class HelperThreads(DaemonThreads):
    """The threads that compute."""

    def __init__(self, threads_maximum: int = THREADS_MAXIMUM) -> None:
        super().__init__("gharial-helper", threads_maximum)

    def start(self, compute: Callable[[], Any], done: Callable[[Any], None]) -> Work:
        """Return work that is under way, or waits for its turn."""
        work = Work(self, compute, done)
        try:
            self.submit(work.run)
        except RuntimeError:
            # The system has no more threads: this one does it.
            work.run()
        return work


def _nothing(result: Any) -> None:
    return None
