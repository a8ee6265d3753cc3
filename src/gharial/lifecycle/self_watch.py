"""
The generator watches itself: how late its event loop is, how much CPU it takes.

If either is past its limit, what was measured says as much of the generator as of the
server.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.sinks import TrendSink
from gharial.metrics.tags import EMPTY, TagSet

INTERVAL_S: Final = 0.02
SECOND_S: Final = 1.0
LAG_LIMIT_MS: Final = 10.0
# One stall of 100 ms in ten seconds does not reach this percentile, two do.
LAG_PERCENT: Final = 99
LAG_WINDOW: Final = 10
LAG_SECONDS_AT_LEAST: Final = 5
CPU_LIMIT_PERCENT: Final = 90.0
CPU_SECONDS: Final = 5
# What a stall adds at most: a percentile does not change by more.
MISSED_MAXIMUM: Final = 5_000
# uvloop counts in whole milliseconds and may be up to one early; without the least wait,
# the rest would be spent in circles.
LEAST_WAIT_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class Overload:
    """
    A worker that was past a limit of its own.

    Attributes:
        worker: Which, from 1.
        lag_ms: The highest 99th percentile of the event loop's lateness over some seconds,
            in milliseconds; None if it never was past its limit.
        cpu_percent: The highest use of a core over some seconds; None if it never was past
            its limit.

    """

    worker: int
    lag_ms: float | None = None
    cpu_percent: float | None = None


class Watchfulness:
    """
    Judges a worker's seconds, one after the other.

    Attributes:
        overload: How far it was past its limits so far; None if it never was.

    """

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self._lags: deque[Sequence[float]] = deque(maxlen=LAG_WINDOW)
        self._cpu: deque[float] = deque(maxlen=CPU_SECONDS)
        self.overload: Overload | None = None

    def take(self, lags_ms: Sequence[float], cpu_percent: float) -> None:
        """
        Take what was seen in one second.

        Args:
            lags_ms: How late each tick of the event loop was.
            cpu_percent: CPU time of the process, as a share of one core.

        """
        self._lags.append(lags_ms)
        self._cpu.append(cpu_percent)
        self._note(self._lag_past_limit_ms(), self._cpu_past_limit())

    def _lag_past_limit_ms(self) -> float | None:
        lags_ms = list(chain.from_iterable(self._lags))
        if len(self._lags) < LAG_SECONDS_AT_LEAST or not lags_ms:
            return None
        # Not numpy's percentile, which loads all of its masked arrays.
        lags = TrendSink()
        lags.add_all(np.array(lags_ms))
        high_ms = lags.percentile(LAG_PERCENT)
        return high_ms if high_ms > LAG_LIMIT_MS else None

    def _cpu_past_limit(self) -> float | None:
        if len(self._cpu) < CPU_SECONDS or min(self._cpu) <= CPU_LIMIT_PERCENT:
            return None
        return sum(self._cpu) / len(self._cpu)

    def _note(self, lag_ms: float | None, cpu_percent: float | None) -> None:
        if lag_ms is None and cpu_percent is None:
            return
        before = self.overload or Overload(self._worker)
        self.overload = Overload(
            self._worker,
            _higher(before.lag_ms, lag_ms),
            _higher(before.cpu_percent, cpu_percent),
        )


class SelfWatch:
    """
    Measures ``vu_loop_lag`` and ``worker_cpu`` of this process while it is started.

    Ticks are due on a fixed grid: a loop that stands still for 100 ms makes five of them
    late, by 100 ms to 20 ms, so that a stall weighs as much as it lasted.
    """

    def __init__(
        self,
        event_loop: asyncio.AbstractEventLoop,
        now_s: Callable[[], float],
        registry: Registry,
        *,
        tags: TagSet = EMPTY,
        worker: int = 1,
        cpu_s: Callable[[], float] = time.process_time,
    ) -> None:
        """
        Take what it watches.

        Args:
            event_loop: Whose timers it uses.
            now_s: The monotonic clock.
            registry: Where the measurements go.
            tags: What they carry beside ``worker``.
            worker: Which worker this is, from 1.
            cpu_s: Returns the CPU time that this process has taken, in seconds.

        """
        own_tags = tags.with_({"worker": str(worker)})
        self._event_loop = event_loop
        self._now_s = now_s
        self._cpu_s = cpu_s
        self._lag = registry.series(builtin.VU_LOOP_LAG, own_tags)
        self._cpu = registry.series(builtin.WORKER_CPU, own_tags)
        self._watchfulness = Watchfulness(worker)
        self._lags_ms: list[float] = []
        self._due_at_s = 0.0
        self._second_began_at_s = 0.0
        self._second_began_cpu_s = 0.0
        self._handle: asyncio.TimerHandle | None = None

    @property
    def overload(self) -> Overload | None:
        """How far this process was past its limits so far; None if it never was."""
        return self._watchfulness.overload

    def start(self) -> None:
        """Watch from now on."""
        self._due_at_s = self._second_began_at_s = self._now_s()
        self._second_began_cpu_s = self._cpu_s()
        self._wait()

    def stop(self) -> None:
        """Watch no more; a second that has only begun is left out of ``worker_cpu``."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _wait(self) -> None:
        self._due_at_s += INTERVAL_S
        self._wait_for_due(self._now_s())

    def _wait_for_due(self, now_s: float) -> None:
        self._handle = self._event_loop.call_later(
            max(self._due_at_s - now_s, LEAST_WAIT_S), self._tick
        )

    def _tick(self) -> None:
        now_s = self._now_s()
        late_s = now_s - self._due_at_s
        if late_s < 0:
            self._wait_for_due(now_s)
            return
        missed = int(late_s / INTERVAL_S)
        for index in range(min(missed, MISSED_MAXIMUM) + 1):
            lag_ms = (late_s - index * INTERVAL_S) * 1e3
            self._lags_ms.append(lag_ms)
            self._lag.add(lag_ms)
        self._due_at_s += missed * INTERVAL_S
        if now_s - self._second_began_at_s >= SECOND_S:
            self._end_second(now_s)
        self._wait()

    def _end_second(self, now_s: float) -> None:
        cpu_s = self._cpu_s()
        cpu_percent = (
            (cpu_s - self._second_began_cpu_s) / (now_s - self._second_began_at_s) * 100
        )
        self._second_began_at_s, self._second_began_cpu_s = now_s, cpu_s
        self._cpu.add(cpu_percent)
        self._watchfulness.take(self._lags_ms, cpu_percent)
        self._lags_ms = []


def warning_of(overloads: Sequence[Overload], workers: int) -> str:
    """
    Return what to tell of workers that were past their limits.

    Args:
        overloads: One for each of them, one at least.
        workers: How many workers there are.

    """
    found = "; ".join(_described(each, workers) for each in overloads)
    return (
        f"the generator was the bottleneck, not only the server: {found}. Its times are "
        "too long. Use more --workers, fewer virtual users, simpler handlers, or a second "
        "machine"
    )


def _described(overload: Overload, workers: int) -> str:
    facts = []
    if overload.lag_ms is not None:
        facts.append(
            f"event loop {overload.lag_ms:.0f} ms late (vu_loop_lag, "
            f"p({LAG_PERCENT}) of {LAG_WINDOW} s; limit {LAG_LIMIT_MS:.0f} ms)"
        )
    if overload.cpu_percent is not None:
        facts.append(
            f"{overload.cpu_percent:.0f}% of a core for {CPU_SECONDS} s (worker_cpu; "
            f"limit {CPU_LIMIT_PERCENT:.0f}%)"
        )
    where = f"worker {overload.worker} of {workers}: " if workers > 1 else ""
    return where + " and ".join(facts)


def _higher(one: float | None, other: float | None) -> float | None:
    known = [each for each in (one, other) if each is not None]
    return max(known, default=None)
