"""
Ends script code that never pauses, which the event loop itself cannot do.

Now and then somebody asks whether the event loop has turned since the last time. If it
has not for too long, and it is a script's code that runs, an exception is raised right
there. In the main thread a timer of the operating system asks. In another thread, and
where there is no such timer (Windows), a thread does; what waits inside the operating
system (``time.sleep``) gets its exception only when it comes back from there.

What counts is the processor's time that the thread took. Code that waits inside the
operating system takes none, and keeps all others waiting: for that the time counts in
which the process was alive. In neither does the time count in which it was stopped, or
in which a busy machine ran others.
"""

import asyncio
import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable, Container
from types import FrameType
from typing import Any

from gharial.process import native_calls
from gharial.python.current import CURRENT

TICK_S = 1.0
# Code that computes on a machine that is very busy gets more than this of a processor.
BUSY_SHARE = 0.02


class RanTooLong(BaseException):
    """
    Ends script code that ran too long without a pause.

    It is not an ``Exception``, so a script that catches those ends all the same.
    """

    def __init__(self, limit_s: float) -> None:
        super().__init__(limit_s)
        self.limit_s = limit_s

    def __str__(self) -> str:
        return f"the script ran for more than {self.limit_s:g} s without a pause"


class BlockedTooLong(RanTooLong):
    """Ends script code that waited too long in a call that blocks the process."""

    def __str__(self) -> str:
        return (
            f"the script waited for more than {self.limit_s:g} s in a call that blocks its "
            "whole process; use gharial.sleep and async clients"
        )


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
        self.tick_s = min(TICK_S, limit_s / 4)
        self._files = files
        # Processor's and lived time of the thread when the loop was asked to turn.
        self._asked_at_s: tuple[float, float] | None = None
        self._lived_s = 0.0
        self._ticked_at_s = time.monotonic()
        self._watch: _TimerWatch | _ThreadWatch | None = None

    def start(self) -> None:
        """Watch from now on."""
        if self._watch is not None:
            return
        native_calls.limit(self._limit_s)
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and hasattr(signal, "setitimer"):
            self._watch = _TimerWatch(self)
        else:
            self._watch = _ThreadWatch(self)

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

    def verdict(self, cpu_s: float | None) -> type[RanTooLong] | None:
        """
        Return what to end script code with; None where the loop turns, or may yet.

        Args:
            cpu_s: The processor's time that the watched thread has taken; None where that
                cannot be had.

        """
        now_s = time.monotonic()
        # A tick that comes late means that the process did not run.
        self._lived_s += min(now_s - self._ticked_at_s, 2 * self.tick_s)
        self._ticked_at_s = now_s
        if cpu_s is None:
            cpu_s = self._lived_s
        if self._asked_at_s is None:
            self._asked_at_s = cpu_s, self._lived_s
            self._event_loop.call_soon_threadsafe(self._turned)
            return None
        took_s = cpu_s - self._asked_at_s[0]
        lived_s = self._lived_s - self._asked_at_s[1]
        if took_s >= self._limit_s:
            verdict: type[RanTooLong] | None = RanTooLong
        elif lived_s >= self._limit_s and took_s < lived_s * BUSY_SHARE:
            verdict = BlockedTooLong
        else:
            return None
        self._asked_at_s = cpu_s, self._lived_s
        return verdict

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

    def __init__(self, dog: Watchdog) -> None:
        self._dog = dog
        self._previous: Any = signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, dog.tick_s, dog.tick_s)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._previous)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        if self._dog.is_over:
            self._dog.stop()
            return
        # The handler runs in the thread that it is about.
        verdict = self._dog.verdict(time.thread_time())
        if verdict is not None and CURRENT.get() is not None:
            raise verdict(self._dog.limit_s)


class _ThreadWatch:
    """A thread, which leaves an exception in the thread that it watches."""

    def __init__(self, dog: Watchdog) -> None:
        self._dog = dog
        self._watched = threading.get_ident()
        self._cpu_s = _cpu_clock(self._watched)
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="gharial-watchdog", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._dog.tick_s):
            try:
                verdict = self._dog.verdict(self._cpu_s())
                if verdict is not None:
                    self._end_script(verdict)
            except RuntimeError:
                # The loop was closed meanwhile.
                return

    def _end_script(self, verdict: type[RanTooLong]) -> None:
        # The frame belongs to the greenlet that runs there now. Neither step lets go of
        # the interpreter's lock, so the exception comes right where the frame stands.
        frame = sys._current_frames().get(self._watched)
        if self._dog.is_of_script(frame):
            error = _ready_to_raise(verdict, self._dog.limit_s)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._watched), ctypes.py_object(error)
            )


def _cpu_clock(thread: int) -> Callable[[], float | None]:
    """Return what reads the processor's time that a thread took, None for unknown."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return lambda: None
    clock = time.pthread_getcpuclockid(thread)
    return lambda: time.clock_gettime(clock)


def _ready_to_raise(verdict: type[RanTooLong], limit_s: float) -> type[RanTooLong]:
    """Return a class that needs no arguments, as the interpreter gives none."""

    def initialise(self: RanTooLong) -> None:
        RanTooLong.__init__(self, limit_s)

    return type(verdict.__name__, (verdict,), {"__init__": initialise})
