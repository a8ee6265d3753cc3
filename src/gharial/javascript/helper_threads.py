"""
Threads for what would hold up the event loop: few, and nothing waits for their end.

A thread cannot be stopped: one that computes for minutes goes on until it is done or the
process ends, and others wait for their turn meanwhile. The event loops' own helper threads
are waited for when a process ends; these are not.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

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
        self._threads.withdraw(self)

    def run(self) -> None:
        """Compute, and hand on the result."""
        result = self.compute()
        # The loop may be gone, and with it who asked.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self.done(result))


class HelperThreads:
    """At most so many threads, which end when there is nothing to do."""

    def __init__(self, threads_maximum: int = THREADS_MAXIMUM) -> None:
        self._threads_maximum = threads_maximum
        self._lock = threading.Lock()
        self._waiting: deque[Work] = deque()
        self._threads = 0

    def submit(self, compute: Callable[[], Any], done: Callable[[Any], None]) -> Work:
        """Return work that is under way, or waits for its turn."""
        work = Work(self, compute, done)
        with self._lock:
            self._waiting.append(work)
            starts = self._threads < self._threads_maximum
            self._threads += starts
        if starts:
            self._start_thread()
        return work

    def withdraw(self, work: Work) -> None:
        """Forget work that waits."""
        with self._lock, suppress(ValueError):
            self._waiting.remove(work)

    def _start_thread(self) -> None:
        thread = threading.Thread(
            target=self._serve, name="gharial-helper", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            # The system has no more threads: one that runs does it, else this one.
            with self._lock:
                is_served = self._threads > 1
            if is_served:
                with self._lock:
                    self._threads -= 1
            else:
                self._serve()

    def _serve(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                work = self._waiting.popleft()
            work.run()


def _nothing(result: Any) -> None:
    return None
