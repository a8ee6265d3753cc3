"""
The generator measures itself: how late its event loop is, how much CPU it uses.

Of the time that the loop is late it is noted what its thread did: compute, wait for a CPU
that others had, or neither. What follows from it is judged in `gharial.lifecycle.overload`.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Final

from gharial.lifecycle.cpu_probes import CpuProbe, MakeProbe
from gharial.lifecycle.overload import Overload, Second, Watchfulness
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.snapshot import Snapshot
from gharial.metrics.tags import EMPTY, TagSet

INTERVAL_S: Final = 0.02
SECOND_S: Final = 1.0
# What a stall adds at most: a percentile does not change by more.
MISSED_MAXIMUM: Final = 5_000
# A loop that stands still for so long is told of: nothing is read, and no ping answered.
STALL_S: Final = 3.0
# uvloop counts in whole milliseconds and may be up to one early; without the least wait,
# the rest would be spent in circles.
LEAST_WAIT_S: Final = 0.001
# Less than this is no lateness that would need a reason.
LATE_S: Final = 0.005

_NETWORK: Final = frozenset(
    each.name
    for each in (
        builtin.WS_SESSIONS,
        builtin.WS_MSGS_SENT,
        builtin.WS_MSGS_RECEIVED,
        builtin.HTTP_REQS,
    )
)
"""What is measured of them has times that a late event loop can spoil."""


class SelfWatch:
    """
    Measures ``vu_loop_lag`` and ``worker_cpu`` of this process while it is started.

    Ticks are due on a fixed grid: a loop that stands still for 100 ms makes five of them
    late, by 100 ms to 20 ms, so that a stall weighs as much as it lasted.

    Attributes:
        on_stall: Called with what is to be told of a loop that stood still for long.

    """

    def __init__(
        self,
        event_loop: asyncio.AbstractEventLoop,
        now_s: Callable[[], float],
        registry: Registry,
        *,
        tags: TagSet = EMPTY,
        worker: int = 1,
        make_probe: MakeProbe = CpuProbe,
    ) -> None:
        """
        Take what it watches.

        Args:
            event_loop: Whose timers it uses.
            now_s: The monotonic clock.
            registry: Where the measurements go.
            tags: What they carry in addition to ``worker``.
            worker: Which worker this is, from 1.
            make_probe: Returns what tells of the CPU that the process and its loop got.

        """
        own_tags = tags.with_({"worker": str(worker)})
        self._event_loop = event_loop
        self._now_s = now_s
        self._lag = registry.series(builtin.VU_LOOP_LAG, own_tags)
        self._cpu = registry.series(builtin.WORKER_CPU, own_tags)
        self._watchfulness = Watchfulness(worker)
        self._make_probe = make_probe
        self._probe: CpuProbe | None = None
        self._computed_s = self._waited_s = 0.0
        self._stolen_s = self._throttled_s = 0.0
        self._late = _Lateness()
        self._is_active = False
        registry.on_drain = self._drained
        self.on_stall: Callable[[str], object] = _nothing
        self._lags_ms: list[float] = []
        self._due_at_s = 0.0
        self._second_began_at_s = 0.0
        self._second_began_cpu_s = 0.0
        self._handle: asyncio.TimerHandle | None = None

    @property
    def overloads(self) -> tuple[Overload, ...]:
        """How far this process was past its limits so far, one for each cause."""
        return self._watchfulness.overloads

    def start(self) -> None:
        """Watch from now on."""
        self._due_at_s = self._second_began_at_s = self._now_s()
        self._probe = self._make_probe()
        self._second_began_cpu_s = self._probe.process_s()
        self._stolen_s = self._probe.stolen_s()
        self._throttled_s = self._probe.throttled_s()
        self._computed_s = self._probe.computed_s()
        self._waited_s = self._probe.waited_s() or 0.0
        self._wait()

    def stop(self) -> None:
        """Watch no more; a second that has only begun is left out of ``worker_cpu``."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._probe is not None:
            self._probe.close()
            self._probe = None

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
        self._find_reason(late_s)
        missed = int(late_s / INTERVAL_S)
        for index in range(min(missed, MISSED_MAXIMUM) + 1):
            lag_ms = (late_s - index * INTERVAL_S) * 1e3
            self._lags_ms.append(lag_ms)
            self._lag.add(lag_ms)
        self._due_at_s += missed * INTERVAL_S
        if now_s - self._second_began_at_s >= SECOND_S:
            self._end_second(now_s)
        self._wait()

    def _find_reason(self, late_s: float) -> None:
        """Note what the loop's thread did since the last tick, if it is late."""
        assert self._probe is not None, "it was started"
        computed_s, waited_s = self._probe.computed_s(), self._probe.waited_s()
        computed = computed_s - self._computed_s
        waited = None if waited_s is None else waited_s - self._waited_s
        self._computed_s, self._waited_s = computed_s, waited_s or 0.0
        if late_s >= LATE_S:
            self._late.add(late_s, computed, waited)
        if late_s >= STALL_S:
            self.on_stall(stall_text(late_s, computed, waited or 0.0))

    def _drained(self, snapshot: Snapshot) -> None:
        if not self._is_active:
            self._is_active = any(metric.name in _NETWORK for metric, _, _ in snapshot)

    def _end_second(self, now_s: float) -> None:
        assert self._probe is not None, "it was started"
        cpu_s, lasted_s = self._probe.process_s(), now_s - self._second_began_at_s
        cpu_percent = (cpu_s - self._second_began_cpu_s) / lasted_s * 100
        stolen_s, throttled_s = self._probe.stolen_s(), self._probe.throttled_s()
        self._second_began_at_s, self._second_began_cpu_s = now_s, cpu_s
        self._cpu.add(cpu_percent)
        self._watchfulness.take(
            Second(
                self._lags_ms,
                cpu_percent,
                self._late.computed_s,
                self._late.waited_s,
                self._late.blocked_s,
                self._late.longest_s * 1e3,
                (stolen_s - self._stolen_s) / lasted_s * 100,
                (throttled_s - self._throttled_s) / lasted_s * 100,
                self._is_active,
            )
        )
        self._stolen_s, self._throttled_s = stolen_s, throttled_s
        self._lags_ms, self._late, self._is_active = [], _Lateness(), False


class _Lateness:
    """What the thread did in the time by which the loop was late, added up."""

    def __init__(self) -> None:
        self.computed_s = self.waited_s = self.blocked_s = self.longest_s = 0.0

    def add(self, late_s: float, computed_s: float, waited_s: float | None) -> None:
        """Add one time that the loop was late, with what happened since its last tick."""
        self.longest_s = max(self.longest_s, late_s)
        computed_s = min(computed_s, late_s)
        rest_s = late_s - computed_s
        if waited_s is None:
            # Nobody tells: on a machine that has more to do than cores it waited.
            waited_s = rest_s if _is_machine_busy() else 0.0
        waited_s = min(waited_s, rest_s)
        self.computed_s += computed_s
        self.waited_s += waited_s
        self.blocked_s += rest_s - waited_s


def _is_machine_busy() -> bool:
    try:
        return os.getloadavg()[0] > (os.cpu_count() or 1)
    except (OSError, AttributeError):
        return False


def stall_text(stood_s: float, computed_s: float, waited_s: float) -> str:
    """
    Return what to tell of an event loop that stood still.

    Args:
        stood_s: For how long.
        computed_s: For how much of it its thread computed.
        waited_s: For how much of it the thread was ready to run and had no CPU.

    """
    computed_s = min(computed_s, stood_s)
    causes = {
        computed_s: f"the script computed for {computed_s:.1f} s of it without a pause. "
        "Split such work, do it in setup(), or use more --workers",
        waited_s: f"other programs had the CPU for {waited_s:.1f} s of it",
        stood_s - computed_s - waited_s: "a call blocked it, such as time.sleep() in "
        "Python, or the process was suspended",
    }
    return (
        f"the event loop stood still for {stood_s:.1f} s, in which no socket was read and "
        "no ping answered; servers may close sockets because of that (1011): "
        f"{causes[max(causes)]}"
    )


def _nothing(text: str) -> None:
    return None
