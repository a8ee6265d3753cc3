"""
Ends script code that never pauses, which no event of the loop could do.

Now and then somebody asks whether the event loop has turned since the last time. If it
has not for too long, and it is a script's code that runs, an exception is raised right
there. In the main thread a timer of the operating system asks. In another thread, and
where there is no such timer (Windows), a thread does; what waits inside the operating
system (``time.sleep``) gets its exception only when it comes back from there.
"""

import asyncio
import ctypes
import signal
import sys
import threading
import time
from collections.abc import Container
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

    def __init__(
        self,
        event_loop: asyncio.AbstractEventLoop,
        limit_s: float,
        files: Container[str],
    ) -> None:
        """
        Prepare.

        Args:
            event_loop: The loop, which runs in the thread that calls :meth:`start`.
            limit_s: The longest that script code may run on end.
            files: The names of the script's files, as its code objects carry them.

        """
        self._event_loop = event_loop
        self._limit_s = limit_s
        self._files = files
        self._asked_at_s: float | None = None
        self._watch: _TimerWatch | _ThreadWatch | None = None

    def start(self) -> None:
        """Watch from now on."""
        if self._watch is not None:
            return
        tick_s = min(TICK_S, self._limit_s / 4)
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and hasattr(signal, "setitimer"):
            self._watch = _TimerWatch(self, tick_s)
        else:
            self._watch = _ThreadWatch(self, tick_s)

    def stop(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    @property
    def limit_s(self) -> float:
        """The longest that script code may run on end."""
        return self._limit_s

    @property
    def is_over(self) -> bool:
        """Whether the event loop has ended, so that there is nothing to watch."""
        return self._event_loop.is_closed()

    def has_stood_still(self) -> bool:
        """Return whether the loop has not turned for too long; ask it to, if it has."""
        now_s = time.monotonic()
        if self._asked_at_s is None:
            self._asked_at_s = now_s
            self._event_loop.call_soon_threadsafe(self._turned)
            return False
        return now_s - self._asked_at_s >= self._limit_s

    def ended(self) -> None:
        """Count the time anew: script code was ended."""
        self._asked_at_s = time.monotonic()

    def is_of_script(self, frame: FrameType | None) -> bool:
        """Return whether script code runs in a frame, or called what runs there."""
        while frame is not None:
            if frame.f_code.co_filename in self._files:
                return True
            frame = frame.f_back
        return False

    def _turned(self) -> None:
        self._asked_at_s = None


class _TimerWatch:
    """A timer of the operating system, which interrupts the main thread."""

    def __init__(self, dog: Watchdog, tick_s: float) -> None:
        self._dog = dog
        self._previous: Any = signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, tick_s, tick_s)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._previous)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        if self._dog.is_over:
            self._dog.stop()
        elif self._dog.has_stood_still() and CURRENT.get() is not None:
            self._dog.ended()
            raise RanTooLong(self._dog.limit_s)


class _ThreadWatch:
    """A thread, which leaves an exception in the thread that it watches."""

    def __init__(self, dog: Watchdog, tick_s: float) -> None:
        self._dog = dog
        self._tick_s = tick_s
        self._watched = threading.get_ident()
        self._stopped = threading.Event()
        self._error = _ready_to_raise(dog.limit_s)
        self._thread = threading.Thread(
            target=self._run, name="gharial-watchdog", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._tick_s):
            try:
                if self._dog.has_stood_still():
                    self._end_script()
            except RuntimeError:
                # The loop was closed meanwhile.
                return

    def _end_script(self) -> None:
        # The frame belongs to the greenlet that runs there now. Neither step lets go of
        # the interpreter's lock, so the exception comes right where the frame stands.
        frame = sys._current_frames().get(self._watched)
        if self._dog.is_of_script(frame):
            self._dog.ended()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._watched), ctypes.py_object(self._error)
            )


def _ready_to_raise(limit_s: float) -> type[RanTooLong]:
    """Return a class that needs no arguments, as the interpreter gives none."""

    def initialise(self: RanTooLong) -> None:
        RanTooLong.__init__(self, limit_s)

    return type(RanTooLong.__name__, (RanTooLong,), {"__init__": initialise})
