"""
Threads for what cannot be stopped: few, and nothing waits for their end.

The event loops' own helper threads serve other work as well (uvloop has four), and are
waited for when a loop or the process ends. These are not: what takes minutes in one of
them goes on until it is done or the process ends, and others wait for their turn.
"""

import threading
from collections import deque
from collections.abc import Callable


class DaemonThreads:
    """At most so many threads, which end when there is nothing to do."""

    def __init__(self, name: str, threads_maximum: int) -> None:
        """
        Take what the threads are like.

        Args:
            name: What the system calls them.
            threads_maximum: How many there may be at once.

        """
        self._name = name
        self._threads_maximum = threads_maximum
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._threads = 0

    def submit(self, work: Callable[[], None]) -> None:
        """
        Call ``work`` in a thread, now or when one is free; it must not raise.

        Raises:
            RuntimeError: If the system has no more threads and none of these is there;
                it will not be called.

        """
        with self._lock:
            self._waiting.append(work)
            starts = self._threads < self._threads_maximum
            self._threads += starts
        if not starts:
            return
        try:
            threading.Thread(target=self._serve, name=self._name, daemon=True).start()
        except RuntimeError:
            with self._lock:
                self._threads -= 1
                # One that runs takes it.
                if self._threads > 0 or work not in self._waiting:
                    return
                self._waiting.remove(work)
            raise

    def withdraw(self, work: Callable[[], None]) -> bool:
        """Forget work that waits; return whether it did."""
        with self._lock:
            try:
                self._waiting.remove(work)
            except ValueError:
                return False
        return True

    def _serve(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                work = self._waiting.popleft()
            work()
