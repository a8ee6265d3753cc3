"""Since when something has been slow, or a check has failed: seen from second to second."""

import math
from array import array
from collections.abc import Sequence
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.metric import Metric
from gharial.metrics.named import NAMED
from gharial.metrics.sinks import RateSink, Sink, TrendSink, combined
from gharial.report.masking import masked_url

KEYS_MAXIMUM: Final = 40
CHECKS_MAXIMUM: Final = 200
SECONDS_MAXIMUM: Final = 600
"""With more, every two become one."""

SPLITS_MAXIMUM: Final = 120
LEAST_SECONDS: Final = 3
LEAST_FACTOR: Final = 2.5
LEAST_MS: Final = 20.0
LEAST_EXPLAINED: Final = 0.4
"""What share of the variation a change has to explain, to be called one."""

_WATCHED: Final = {kind.duration.name for kind in NAMED}


@dataclass(frozen=True, slots=True)
class Slowdown:
    """
    A duration that rose and stayed up.

    Attributes:
        metric: Its metric.
        name: The tag ``name`` of what took longer.
        since_s: Since when, from the beginning of the run.
        before_ms: Its 95th percentile in a usual second before.
        after_ms: The same since then.

    """

    metric: str
    name: str
    since_s: float
    before_ms: float
    after_ms: float


class _Seconds:
    """When seconds of a series began, and their values; without an object for each."""

    __slots__ = ("begins_s", "values_ms")

    def __init__(self) -> None:
        self.begins_s = array("d")
        self.values_ms = array("d")

    def __len__(self) -> int:
        return len(self.begins_s)

    def add(self, begin_s: float, value_ms: float) -> None:
        self.begins_s.append(begin_s)
        self.values_ms.append(value_ms)

    def halved(self) -> "_Seconds":
        """Return a series in which every two seconds have become one."""
        halved = _Seconds()
        for place in range(0, len(self), 2):
            halved.add(self.begins_s[place], max(self.values_ms[place : place + 2]))
        return halved


class Onsets:
    """
    Hears a run second by second, in bounded space.

    Attributes:
        last_p95_ms: The 95th percentile of the last second that had values, by metric.
        checks_passed: Checks that held so far.
        checks_made: All checks so far.

    """

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str], _Seconds] = {}
        self._checks: dict[str, tuple[float, float]] = {}
        self.last_p95_ms: dict[str, float] = {}
        self.checks_passed = self.checks_made = 0

    def add(self, batch: Batch) -> None:
        """Add about a second."""
        by_metric: dict[Metric, list[Sink]] = {}
        by_name: dict[tuple[str, str], tuple[Metric, list[Sink]]] = {}
        for metric, tags, sink in batch.delta:
            if metric.name in _WATCHED and not (metric.is_custom or sink.is_empty):
                by_metric.setdefault(metric, []).append(sink)
                key = (metric.name, masked_url(tags.get("name") or ""))
                # What is not kept is not added up: of 1,000 names that took most time.
                if self._keeps(key):
                    by_name.setdefault(key, (metric, []))[1].append(sink)
            elif metric.name == builtin.CHECKS.name and isinstance(sink, RateSink):
                check = f"{tags.get('group') or ''}::{tags.get('check') or ''}"
                self._saw_check(check, sink, batch)
                self.checks_passed += sink.passes
                self.checks_made += sink.total
        for metric, sinks in by_metric.items():
            self.last_p95_ms[metric.name] = _p95(metric, sinks)
        for key, (metric, sinks) in by_name.items():
            self._saw(key, batch.begin_s, _p95(metric, sinks))

    def check_times(self) -> dict[str, tuple[float, float]]:
        """Return when each check failed first and last, by its path."""
        return dict(self._checks)

    def slowdowns(self) -> tuple[Slowdown, ...]:
        """Return what has become slow and stayed so, the largest factor first."""
        found = [
            slowdown
            for (metric, name), seconds in self._seconds.items()
            if (slowdown := _slowdown(metric, name, seconds)) is not None
        ]
        return tuple(sorted(found, key=lambda one: -one.after_ms / one.before_ms))

    def _keeps(self, key: tuple[str, str]) -> bool:
        if key not in self._seconds and len(self._seconds) < KEYS_MAXIMUM:
            self._seconds[key] = _Seconds()
        return key in self._seconds

    def _saw(self, key: tuple[str, str], begin_s: float, value_ms: float) -> None:
        seconds = self._seconds[key]
        seconds.add(begin_s, value_ms)
        if len(seconds) > SECONDS_MAXIMUM:
            self._seconds[key] = seconds.halved()

    def _saw_check(self, path: str, sink: RateSink, batch: Batch) -> None:
        if not sink.fails:
            return
        first = self._checks.get(path, (batch.begin_s, 0.0))[0]
        if path in self._checks or len(self._checks) < CHECKS_MAXIMUM:
            self._checks[path] = (first, batch.end_s)


def _p95(metric: Metric, sinks: Sequence[Sink]) -> float:
    whole = sinks[0] if len(sinks) == 1 else combined(metric, sinks)
    return whole.percentile(95) if isinstance(whole, TrendSink) else math.nan


def _slowdown(metric: str, name: str, seconds: _Seconds) -> Slowdown | None:
    """
    Return where a series of seconds rises and stays up; None if it does not.

    The split is the one with the least absolute deviation from two medians, of the
    logarithms: a few slow seconds between quick ones then move no median.
    """
    while len(seconds) > SPLITS_MAXIMUM:
        seconds = seconds.halved()
    if len(seconds) < 2 * LEAST_SECONDS:
        return None
    values = [math.log(max(value, 1e-3)) for value in seconds.values_ms]
    whole = _deviation(values)
    best, least = 0, whole
    for split in range(LEAST_SECONDS, len(values) - LEAST_SECONDS + 1):
        cost = _deviation(values[:split]) + _deviation(values[split:])
        if cost < least:
            best, least = split, cost
    if not best or whole - least < LEAST_EXPLAINED * whole:
        return None
    before, after = (
        _median(some) for some in (seconds.values_ms[:best], seconds.values_ms[best:])
    )
    if after < LEAST_FACTOR * before or after - before < LEAST_MS:
        return None
    return Slowdown(metric, name, seconds.begins_s[best], max(before, 1e-3), after)


def _deviation(values: Sequence[float]) -> float:
    middle = _median(values)
    return sum(abs(value - middle) for value in values)


def _median(values: Sequence[float]) -> float:
    # Python's own module for it takes longer to load than a short run does.
    ordered, half = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2
