"""
Ends script code that never pauses, which no event of the loop could do.

A timer of the operating system asks now and then whether the event loop has turned since
the last time. If it has not for too long, and it is a script's code that runs, an
exception is raised right there. Where there is no such timer (Windows, or outside of the
main thread) nobody watches.
"""

import asyncio
import signal
import threading
import time
from types import FrameType
from typing import Any

from gharial.scripting.python.running import CURRENT

TICK_S = 1.0


class RanTooLong(BaseException):
    """
    Ends script code that ran too long without a pause.

    It is no ``Exception``, so that a script which catches those ends nevertheless.
    """

    def __init__(self, limit_s: float) -> None:
        super().__init__(limit_s)
        self.limit_s = limit_s

    def __str__(self) -> str:
        return f"the script ran for more than {self.limit_s:g} s without a pause"


class Watchdog:
    """Watches the scripts on one event loop."""

    def __init__(self, event_loop: asyncio.AbstractEventLoop, limit_s: float) -> None:
        """Prepare; ``limit_s`` is the longest that script code may run on end."""
        self._event_loop = event_loop
        self._limit_s = limit_s
        self._asked_at_s: float | None = None
        self._previous: Any = None
        self._is_started = False

    def start(self) -> None:
        """Watch from now on, where that can be done."""
        if self._is_started or not hasattr(signal, "setitimer"):
            return
        if threading.current_thread() is not threading.main_thread():
            return
        self._is_started = True
        tick_s = min(TICK_S, self._limit_s / 4)
        self._previous = signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, tick_s, tick_s)

    def stop(self) -> None:
        """Watch no longer."""
        if self._is_started:
            self._is_started = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._previous)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        now_s = time.monotonic()
        if self._asked_at_s is None:
            if self._event_loop.is_closed():
                self.stop()
                return
            self._asked_at_s = now_s
            self._event_loop.call_soon_threadsafe(self._turned)
        elif now_s - self._asked_at_s >= self._limit_s and CURRENT.get() is not None:
            self._asked_at_s = now_s
            raise RanTooLong(self._limit_s)

    def _turned(self) -> None:
        self._asked_at_s = None
