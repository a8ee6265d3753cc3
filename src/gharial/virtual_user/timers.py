"""
Timers of one virtual user, ordered by due time, stable among equals.

One native timer is armed, for the head of the queue. Each timer that is due becomes a
task of the VU's loop, so that other tasks can come between two of them.

Source:
    k6 v2.2, ``internal/js/tc55/timers/timers.go``; HTML, section 8.7 (timers). Unlike
    HTML's, nested timers are not clamped to 4 ms: a load script means what it says.
"""

import asyncio
import heapq
import math
from collections.abc import Callable
from typing import Any

from gharial.errors import GharialError
from gharial.virtual_user.loop import VuLoop

# Cancelled timers stay in the heap until they come up. Past this many, and more than
# half of all, the heap is made anew, so that it cannot grow without a bound.
CANCELLED_MAXIMUM = 64
# A virtual user that has more live timers than this is out of control.
LIVE_MAXIMUM = 100_000


class TooManyTimersError(GharialError):
    """A script has set too many timers."""

    def __str__(self) -> str:
        return f"more than {LIVE_MAXIMUM:,} timers are set in one virtual user"


class Timer:
    """
    One timer.

    Attributes:
        id: Its number within the VU, from 1.
        due_at_s: The instant at which it may run.
        interval_s: Time from the end of one call to the next; None for a timeout.
        is_live: Whether it will run (again).
        is_kept: Whether it outlives iterations.
        is_idle: Whether the iteration does not wait for it, and drops it at its end.

    """

    __slots__ = (
        "callback",
        "due_at_s",
        "id",
        "interval_s",
        "is_idle",
        "is_kept",
        "is_live",
    )

    def __init__(
        self,
        id: int,  # noqa: A002 - the standard's word for it
        due_at_s: float,
        interval_s: float | None,
        callback: Callable[..., object],
    ) -> None:
        self.id = id
        self.due_at_s = due_at_s
        self.interval_s = interval_s
        self.callback = callback
        self.is_live = True
        self.is_kept = False
        self.is_idle = False

    @property
    def name(self) -> str:
        """The function that made it, as scripts know it."""
        return "setTimeout" if self.interval_s is None else "setInterval"


class Timers:
    """
    The timers of one virtual user.

    Attributes:
        is_ending: Set while the iteration is ending: what is set then never runs. A client
            library that connects again after a while would go on for ever.

    """

    __slots__ = (
        "_armed_for_s",
        "_cancelled",
        "_event_loop",
        "_handle",
        "_heap",
        "_idle",
        "_last_id",
        "_live",
        "_loop",
        "_now_s",
        "_sequence",
        "is_ending",
    )

    def __init__(
        self,
        loop: VuLoop,
        event_loop: asyncio.AbstractEventLoop,
        now_s: Callable[[], float],
    ) -> None:
        self._loop = loop
        self._event_loop = event_loop
        self._now_s = now_s
        self._heap: list[tuple[float, int, Timer]] = []
        self._live: dict[int, Timer] = {}
        # How many of them the iteration does not wait for.
        self._idle = 0
        self._sequence = 0
        self._last_id = 0
        self._cancelled = 0
        self.is_ending = False
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for_s = math.inf

    def set(
        self, callback: Callable[..., object], delay_ms: float, *, repeat: bool
    ) -> int:
        """
        Call ``callback`` after the delay and, with ``repeat``, again after each call.

        Args:
            callback: Called without arguments, as a task.
            delay_ms: In milliseconds; below zero, infinite and not-a-number count as
                zero, as Web IDL converts them.
            repeat: Whether it is an interval.

        Returns:
            The timer's id, which is never used again in this VU.

        Raises:
            TooManyTimersError: If it has `LIVE_MAXIMUM` live ones.

        """
        if len(self._live) >= LIVE_MAXIMUM:
            raise TooManyTimersError()
        delay_s = delay_ms / 1000.0 if 0 < delay_ms < math.inf else 0.0
        self._last_id += 1
        if self.is_ending:
            return self._last_id
        timer = Timer(
            self._last_id,
            self._now_s() + delay_s,
            delay_s if repeat else None,
            callback,
        )
        self._live[timer.id] = timer
        self._loop.hold()
        self._push(timer)
        return timer.id

    def clear(self, timer_id: object) -> None:
        """Stop a timer of either kind; an id that is not a live timer's is ignored."""
        timer = self._live.pop(timer_id, None)  # type: ignore[call-overload]
        if timer is None:
            return
        timer.is_live = False
        # It may stay in the heap for long: what its callback holds, a socket perhaps with
        # all that it received, is not to stay with it.
        timer.callback = _nothing
        self._cancelled += 1
        if not self._live:
            self._disarm()
            self._heap.clear()
            self._cancelled = 0
        elif self._cancelled > CANCELLED_MAXIMUM and self._cancelled * 2 > len(
            self._heap
        ):
            self._heap = [entry for entry in self._heap if entry[2].is_live]
            heapq.heapify(self._heap)
            self._cancelled = 0
        self._let_go(timer)

    def rest(self, timer_id: int, *, is_idle: bool) -> None:
        """Set whether the iteration is not to wait for a timeout."""
        timer = self._live.get(timer_id)
        if timer is None or timer.is_kept or timer.is_idle == is_idle:
            return
        timer.is_idle = is_idle
        if is_idle:
            self._idle += 1
            self._loop.release()
        else:
            self._idle -= 1
            self._loop.hold()

    def clear_idle(self) -> None:
        """Stop the timers that the iteration did not wait for: it is over."""
        if self._idle:
            for timer in list(self._live.values()):
                if timer.is_idle:
                    self.clear(timer.id)

    def keep_intervals(self) -> None:
        """Let the intervals that are live now outlive iterations, which end without."""
        for timer in self._live.values():
            if timer.interval_s is not None and not timer.is_kept:
                timer.is_kept = True
                self._loop.release()

    def pending(self) -> list[Timer]:
        """Return the live timers that the iteration waits for, in order of their ids."""
        return [
            timer
            for timer in self._live.values()
            if not (timer.is_kept or timer.is_idle)
        ]

    def clear_all(self) -> None:
        """Stop every timer of the iteration."""
        self.clear_idle()
        for timer in self.pending():
            self.clear(timer.id)

    def clear_kept(self) -> None:
        """Stop the timers that outlive iterations."""
        for timer in list(self._live.values()):
            if timer.is_kept:
                self.clear(timer.id)

    def _let_go(self, timer: Timer) -> None:
        if timer.is_idle:
            self._idle -= 1
        elif not timer.is_kept:
            self._loop.release()

    def _push(self, timer: Timer) -> None:
        self._sequence += 1
        heapq.heappush(self._heap, (timer.due_at_s, self._sequence, timer))
        if timer.due_at_s < self._armed_for_s:
            self._arm(timer.due_at_s)

    def _arm(self, due_at_s: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._armed_for_s = due_at_s
        self._handle = self._event_loop.call_later(
            max(0.0, due_at_s - self._now_s()), self._fire
        )

    def _disarm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._armed_for_s = math.inf

    def _fire(self) -> None:
        self._handle = None
        self._armed_for_s = math.inf
        heap = self._heap
        # uvloop counts in whole milliseconds and may fire up to one early; such a
        # timer is not due yet and is armed for again.
        now_s = self._now_s()
        due: list[Timer] = []
        while heap and heap[0][0] <= now_s:
            timer = heapq.heappop(heap)[2]
            if timer.is_live:
                due.append(timer)
            else:
                self._cancelled = max(0, self._cancelled - 1)
        if heap:
            self._arm(heap[0][0])
        for timer in due:
            self._loop.post(self._run, timer)

    def _run(self, timer: Timer) -> None:
        if not timer.is_live:
            return
        if timer.interval_s is None:
            del self._live[timer.id]
            timer.is_live = False
            try:
                timer.callback()
            finally:
                self._let_go(timer)
            return
        try:
            timer.callback()
        finally:
            if timer.is_live:
                timer.due_at_s = self._now_s() + timer.interval_s
                self._push(timer)

    def describe(self, timer: Timer) -> Any:
        """Return the warning for a timer that the end of an iteration cut off."""
        return (
            f"{timer.name} {timer.id} was stopped because the VU iteration "
            "was interrupted"
        )


def _nothing() -> None:
    """Be the callback of a timer that was cleared."""
