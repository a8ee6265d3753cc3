"""The time of a run, which stands still while the run is paused."""

import asyncio
import math
from collections.abc import Callable

from gharial.timing import Clock

# What is closer than this to a moment has reached it.
RESOLUTION_S = 1e-6


def _never() -> bool:
    return False


class RunTime:
    """
    Time since the scenarios began, without the time that the run was paused.

    Attributes:
        is_paused: Whether it stands still.

    """

    def __init__(self, clock: Clock, started_at_s: float) -> None:
        """Begin at an instant of the clock, which may lie ahead."""
        self._clock = clock
        self._started_at_s = started_at_s
        self._paused_s = 0.0
        self._paused_at_s: float | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self.is_paused = False

    @property
    def elapsed_s(self) -> float:
        """The time that has passed, in seconds; below 0 before the start."""
        now_s = self._clock.now_s()
        if self._paused_at_s is not None:
            now_s = self._paused_at_s
        return now_s - self._started_at_s - self._paused_s

    def pause(self) -> None:
        """Stop the time; without effect if it stands still."""
        if not self.is_paused:
            self.is_paused = True
            self._paused_at_s = self._clock.now_s()
            self.wake()

    def resume(self) -> None:
        """Let the time go on; without effect if it does."""
        if self._paused_at_s is not None:
            self.is_paused = False
            self._paused_s += self._clock.now_s() - self._paused_at_s
            self._paused_at_s = None
            self.wake()

    async def wait_until(
        self, offset_s: float, *, or_once: Callable[[], bool] = _never
    ) -> None:
        """
        Return once the time has reached ``offset_s``, however often it stood still.

        Args:
            offset_s: In seconds; infinite to wait for ``or_once`` alone.
            or_once: Asked when `wake` is called; true ends the wait.

        """
        while not or_once():
            left_s = offset_s - self.elapsed_s
            if left_s <= RESOLUTION_S and not self.is_paused:
                return
            is_endless = self.is_paused or math.isinf(left_s)
            await self._wait(None if is_endless else left_s)

    async def running(self, *, or_once: Callable[[], bool] = _never) -> None:
        """Return at once if the time goes on, else once it does."""
        while self.is_paused and not or_once():
            await self._wait(None)

    def wake(self) -> None:
        """Let all who wait look again whether they still have to."""
        for waiter in list(self._waiting):
            _settle(waiter)

    async def _wait(self, seconds: float | None) -> None:
        """Wait for ``seconds``, or until the time is stopped or goes on."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiting.add(waiter)
        handle = None
        if seconds is not None:
            # uvloop counts in whole milliseconds and may be up to one early; without the
            # least wait, the rest would be spent in circles.
            handle = loop.call_later(max(seconds, 0.001), _settle, waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)
            if handle is not None:
                handle.cancel()


def _settle(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
