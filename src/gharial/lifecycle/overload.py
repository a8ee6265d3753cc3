"""Detects that a worker was overloaded, and why: from seconds to a warning."""

import os
from array import array
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import chain
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics.sinks import TrendSink

LAG_LIMIT_MS: Final = 10.0
# A thread that waits for a CPU is this late on any busy machine, which changes little:
# what comes is dated by the kernel.
WAITING_LAG_LIMIT_MS: Final = 50.0
# One stall of 100 ms in ten seconds does not reach this percentile, two do.
LAG_PERCENT: Final = 99
LAG_WINDOW: Final = 10
LAG_SECONDS_AT_LEAST: Final = 5
CPU_LIMIT_PERCENT: Final = 90.0
CPU_SECONDS: Final = 5
# Of a loop that is late with so much CPU, the CPU is the reason and no single task.
CPU_MUCH_PERCENT: Final = 70.0
# Code that blocks does so again and again, or for long. What stands still once for less
# was the system: a page read from disk, a virtual machine that had a pause.
BLOCKING_SECONDS: Final = 2
BLOCKING_LONG_MS: Final = 500.0
# Beyond so much of the time, who took the CPU is worth telling apart.
TAKEN_PERCENT: Final = 5.0


class Cause(StrEnum):
    """Why a worker's event loop was late, or about to be."""

    OWN_CPU = "own CPU"
    MACHINE = "machine"
    STOLEN = "hypervisor"
    THROTTLED = "container"
    COMPUTING = "computing"
    BLOCKING = "blocking"


@dataclass(frozen=True, slots=True)
class Second:
    """
    What was seen of a worker in one second.

    Attributes:
        lags_ms: How late each tick of the event loop was.
        cpu_percent: CPU time of the process, as a share of one core.
        computed_s: Of the time that the loop was late: what its thread computed.
        waited_s: What it was ready to run, and no CPU was free for it.
        blocked_s: What it did neither: something in it waited.
        longest_ms: The longest time that it was late.
        stolen_percent: What a hypervisor kept back of the machine.
        throttled_percent: For how much of it a container's limit held it back.
        is_active: Whether anything went over the network.

    """

    lags_ms: Sequence[float]
    cpu_percent: float
    computed_s: float = 0.0
    waited_s: float = 0.0
    blocked_s: float = 0.0
    longest_ms: float = 0.0
    stolen_percent: float = 0.0
    throttled_percent: float = 0.0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Overload:
    """
    A worker that was past a limit of its own, for one reason.

    Attributes:
        worker: Which, from 1.
        cause: Why.
        lag_ms: The highest 99th percentile of the event loop's lateness over some seconds,
            in milliseconds; None if it never was past its limit.
        cpu_percent: The highest use of a core over some seconds; None if it never was past
            its limit.
        longest_ms: The longest that the event loop was late.
        taken_percent: Of the time, what others had of its CPU.
        where: The process or the machine, for people; empty for this one.

    """

    worker: int
    cause: Cause = Cause.OWN_CPU
    lag_ms: float | None = None
    cpu_percent: float | None = None
    longest_ms: float = 0.0
    taken_percent: float = 0.0
    where: str = ""


class Watchfulness:
    """
    Judges a worker's seconds, one after the other.

    Attributes:
        overloads: How far it was past its limits so far, one for each cause.

    """

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self._seconds: deque[Second] = deque(maxlen=LAG_WINDOW)
        self._found: dict[Cause, Overload] = {}

    @property
    def overloads(self) -> tuple[Overload, ...]:
        """One for each cause; empty if it never was past a limit."""
        return tuple(self._found.values())

    def take(self, second: Second) -> None:
        """Take what was seen in one second."""
        self._seconds.append(second)
        found = judged(self._worker, tuple(self._seconds))
        if found is not None:
            before = self._found.get(found.cause, found)
            self._found[found.cause] = replace(
                found,
                lag_ms=_higher(before.lag_ms, found.lag_ms),
                cpu_percent=_higher(before.cpu_percent, found.cpu_percent),
                longest_ms=max(before.longest_ms, found.longest_ms),
                taken_percent=max(before.taken_percent, found.taken_percent),
            )


def judged(worker: int, seconds: Sequence[Second]) -> Overload | None:
    """Return how far past its limits a worker was over its last seconds, and why."""
    cpu_percent = _cpu_past_limit(seconds)
    lag_ms = lag_past_limit_ms(seconds, LAG_LIMIT_MS)
    if lag_ms is None and cpu_percent is None:
        return None
    cause = cause_of(seconds)
    taken_percent = 0.0
    if cpu_percent is not None:
        cause = Cause.OWN_CPU
    elif cause in (Cause.MACHINE, Cause.STOLEN, Cause.THROTTLED):
        active = [each for each in seconds if each.is_active]
        lag_ms = lag_past_limit_ms(active, WAITING_LAG_LIMIT_MS)
        if lag_ms is None:
            # Users slept meanwhile, or it was what any busy machine does.
            return None
        taken_percent = {
            Cause.STOLEN: _mean(each.stolen_percent for each in seconds),
            Cause.THROTTLED: _mean(each.throttled_percent for each in seconds),
        }.get(cause, _mean(each.waited_s * 100 for each in seconds))
    longest_ms = max(each.longest_ms for each in seconds)
    if cause is Cause.BLOCKING and longest_ms < BLOCKING_LONG_MS:
        blocked = [each for each in seconds if each.longest_ms and _is_blocked(each)]
        if len(blocked) < BLOCKING_SECONDS:
            return None
    return Overload(worker, cause, lag_ms, cpu_percent, longest_ms, taken_percent)


def cause_of(seconds: Sequence[Second]) -> Cause:
    """Return why the event loop was late, by what its thread did in that time."""
    seconds = [each for each in seconds if each.longest_ms] or seconds
    computed_s = sum(each.computed_s for each in seconds)
    waited_s = sum(each.waited_s for each in seconds)
    blocked_s = sum(each.blocked_s for each in seconds)
    if waited_s > max(computed_s, blocked_s):
        if _mean(each.throttled_percent for each in seconds) >= TAKEN_PERCENT:
            return Cause.THROTTLED
        stolen = _mean(each.stolen_percent for each in seconds)
        return Cause.STOLEN if stolen >= TAKEN_PERCENT else Cause.MACHINE
    if _mean(each.cpu_percent for each in seconds) >= CPU_MUCH_PERCENT:
        return Cause.OWN_CPU
    return Cause.BLOCKING if blocked_s > computed_s else Cause.COMPUTING


def _is_blocked(second: Second) -> bool:
    return second.blocked_s > max(second.computed_s, second.waited_s)


def lag_past_limit_ms(seconds: Sequence[Second], limit_ms: float) -> float | None:
    """Return the 99th percentile of lateness if it is past a limit."""
    lags_ms = list(chain.from_iterable(each.lags_ms for each in seconds))
    if len(seconds) < LAG_SECONDS_AT_LEAST or not lags_ms:
        return None
    # Not numpy's percentile, which loads all of its masked arrays.
    lags = TrendSink()
    lags.add_all(array("d", lags_ms))
    high_ms = lags.percentile(LAG_PERCENT)
    return high_ms if high_ms > limit_ms else None


def warnings_of(
    overloads: Sequence[Overload], workers: int, cores: int | None = None
) -> dict[Cause, str]:
    """
    Return what to tell of workers that were past their limits, by cause.

    Args:
        overloads: One for each of them and each cause.
        workers: How many workers there are.
        cores: How many cores; None to ask the system.

    """
    by_cause: dict[Cause, list[Overload]] = {}
    for each in overloads:
        by_cause.setdefault(each.cause, []).append(each)
    cores = os.cpu_count() or 1 if cores is None else cores
    return {
        cause: _warning(cause, some, workers, cores) for cause, some in by_cause.items()
    }


def _warning(cause: Cause, some: Sequence[Overload], workers: int, cores: int) -> str:
    found = "; ".join(_described(each, workers) for each in some)
    more = "more --workers, " if workers < cores else ""
    match cause:
        case Cause.OWN_CPU:
            return (
                f"the generator was the bottleneck, not only the server: {found}. Its "
                f"times are too long. Use {more}fewer virtual users, simpler handlers, or "
                "a second machine"
            )
        case Cause.COMPUTING:
            return (
                f"the script blocked the event loop: {found}. It computes for too long at "
                "a time, or too many virtual users compute at once, and all others wait "
                "meanwhile. Do less at a time, spread the work, or use "
                f"{more}a second machine"
            )
        case Cause.BLOCKING:
            return (
                f"something blocked the event loop: {found}. All virtual users waited "
                "while it was neither computing nor waiting for a CPU. In Python, "
                "time.sleep() or reading a file can do that: use sleep(), await, or "
                "asyncio.to_thread(). So can a machine that swaps, or a virtual machine "
                "that is paused"
            )
        case Cause.THROTTLED:
            return (
                f"the container's CPU limit held the generator back: {found}. Times may "
                "be too long. Raise the limit, or set --workers to the cores it allows"
            )
        case Cause.STOLEN:
            return (
                f"the hypervisor gave the machine's CPU to others: {found}. Times may be "
                "too long. Use a machine that does not share its cores"
            )
        case Cause.MACHINE:
            fewer = (
                f" Use no more --workers than its {cores} cores."
                if (workers > cores)
                else ""
            )
            return (
                f"the machine was busy with other programs: {found}. Times may be too "
                "long. Stop them, or run the load and the server on different machines; "
                f"more --workers would not help.{fewer}"
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
    if overload.taken_percent:
        facts.append(f"without a CPU for {overload.taken_percent:.0f}% of the time")
    if overload.cause in (Cause.COMPUTING, Cause.BLOCKING):
        facts.append(f"at most {overload.longest_ms:.0f} ms at a time")
    found = " and ".join(facts)
    if overload.where:
        return f"worker {overload.worker} of {workers}, {overload.where}: {found}"
    return f"worker {overload.worker} of {workers}: {found}" if workers > 1 else found


def _cpu_past_limit(seconds: Sequence[Second]) -> float | None:
    last = [each.cpu_percent for each in seconds][-CPU_SECONDS:]
    if len(last) < CPU_SECONDS or min(last) <= CPU_LIMIT_PERCENT:
        return None
    return sum(last) / len(last)


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else 0.0


def _higher(one: float | None, other: float | None) -> float | None:
    known = [each for each in (one, other) if each is not None]
    return max(known, default=None)
