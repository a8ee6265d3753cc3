"""Two runs side by side: what changed, how surely, and whether for the worse."""

import math
from collections.abc import Mapping
from enum import StrEnum
from itertools import chain
from typing import Any, Final

import numpy as np

from gharial.lazy_dataclass import dataclass
from gharial.metrics.builtin import BUILTIN
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.row import Worse
from gharial.metrics.statistics import Statistic
from gharial.report.document import FinalMetric, RunDocument, RunIdentity
from gharial.report.resampling import (
    POINTS_MINIMUM,
    SEED,
    Floats,
    Resampled,
    interval,
)

PERCENTS: Final = (50.0, 90.0, 95.0, 99.0)
RESOLUTION: Final = 2 / 256
"""Two percentiles that differ by less, as a share, may be the same: each is off by half."""

LEAST_CHANGE: Final = 0.001
"""Smaller changes are not marked, however sure they are."""

SHOWN: Final[Mapping[MetricType, tuple[str, ...]]] = {
    MetricType.COUNTER: ("count", "rate"),
    MetricType.RATE: ("rate",),
    MetricType.GAUGE: ("avg", "max"),
    MetricType.TREND: ("avg", "p(50)", "p(90)", "p(95)", "p(99)"),
}
"""What is compared of each type of metric."""


class Verdict(StrEnum):
    """What a change means."""

    WORSE = "worse"
    BETTER = "better"
    CHANGED = "changed"
    UNCLEAR = ""


@dataclass(frozen=True, slots=True)
class Change:
    """
    One number of both runs.

    Attributes:
        metric: The metric's name, with ``{tag:value}`` behind it for a part.
        type: Its type.
        contains: Its unit.
        statistic: Which number: ``avg``, ``p(95)``, ``rate`` (of a counter: a second).
        before: Of the first run; None if it has none.
        after: Of the second.
        interval: Between which bounds the change lies, as shares of ``before``; None if
            that cannot be said.
        verdict: What it means; `Verdict.UNCLEAR` where it may be chance.

    """

    metric: str
    type: MetricType
    contains: Contains
    statistic: str
    before: float | None
    after: float | None
    interval: tuple[float, float] | None = None
    verdict: Verdict = Verdict.UNCLEAR

    @property
    def relative(self) -> float | None:
        """The change as a share of ``before``; None if there is no such share."""
        return relative_change(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Two runs, compared.

    Attributes:
        before: The first run.
        after: The second.
        changes: All numbers, in the order of the first run's metrics.
        notes: What else the runs differ in, and why some things cannot be said.
        are_finished: Whether each came to its end, and so has an exit code.

    """

    before: RunIdentity
    after: RunIdentity
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    are_finished: tuple[bool, bool] = (True, True)

    def count(self, verdict: Verdict) -> int:
        """Return how many numbers have this verdict."""
        return sum(change.verdict is verdict for change in self.changes)


def compare(before: RunDocument, after: RunDocument, *, seed: int = SEED) -> Comparison:
    """
    Return two runs side by side.

    Args:
        before: The run to compare with.
        after: The run that is judged.
        seed: Of the resampling; the same seed gives the same intervals.

    """
    long_enough = min(len(before.points), len(after.points)) >= POINTS_MINIMUM
    drawn = None
    if long_enough:
        drawn = (
            Resampled(before.points, seed=seed),
            Resampled(after.points, seed=seed + 1),
        )
    metrics = {each.name: each for each in chain(before.metrics, after.metrics)}
    changes: list[Change] = []
    for metric in metrics.values():
        changes += _changes(metric, before, after, drawn)
    return Comparison(
        before.identity,
        after.identity,
        tuple(changes),
        tuple(_notes(before, after)),
        (before.is_finished, after.is_finished),
    )


def relative_change(before: float | None, after: float | None) -> float | None:
    """Return a change as a share of what was before; None if there is no such share."""
    if before is None or after is None or math.isnan(before) or math.isnan(after):
        return None
    if before == after:
        return 0.0
    return (after - before) / abs(before) if before else None


def value_of(
    document: RunDocument, metric: Metric | FinalMetric, statistic: Statistic
) -> float | None:
    """
    Return a number of a run.

    Args:
        document: The run.
        metric: The metric, or a part of one.
        statistic: Which number: what thresholds may ask for, and ``avg``, ``min`` and
            ``max`` of gauges.

    Returns:
        None if the run has no values of it. Of a counter that is zero, but not of a part
        of one that the run did not save.

    """
    found = document.metric(metric.name)
    match metric.type, statistic.name:
        case MetricType.COUNTER, name:
            if found is None and not _is_zero(document, metric.name):
                return None
            total = found.total if found is not None else 0.0
            seconds = document.identity.duration_s
            return total if name == "count" else total / seconds if seconds else 0.0
        case _ if found is None:
            return None
        case MetricType.RATE, _:
            share = found.share
            return share.passes / share.total if share.total else None
        case MetricType.GAUGE, name:
            last, low, high = found.gauge
            known = {"value": last, "min": low, "max": high}
            return known[name] if name in known else _gauge_mean(document, found.name)
        case _:
            return _of_trend(found, statistic)


def _is_zero(document: RunDocument, name: str) -> bool:
    """Tell whether a counter that a run has no record of stood at zero."""
    base, _, tags = name.partition("{")
    whole = document.metric(base.rstrip())
    if not tags or whole is None or not whole.total:
        return True
    # Reports have all kinds of these; of other parts, those that a threshold judges.
    row = None if whole.is_custom else BUILTIN.get(whole.name)
    return (
        row is not None
        and row.is_sum_of_kinds
        and row.kind_tag == tags.partition(":")[0]
    )


def worse_direction(name: str) -> int:
    """Return 1 if higher values of a metric are worse, -1 if lower ones, 0 if unknown."""
    row = BUILTIN.get(name.partition("{")[0])
    worse = Worse.UNKNOWN if row is None else row.worse
    return (worse is Worse.HIGHER) - (worse is Worse.LOWER)


def verdict_of(name: str, bounds: tuple[float, float], resolution: float) -> Verdict:
    """
    Return what a change means.

    Args:
        name: The metric's name.
        bounds: Between which the change lies.
        resolution: The smallest change that can be distinguished from none.

    """
    low, high = bounds
    if low <= resolution and high >= -resolution:
        return Verdict.UNCLEAR
    direction = worse_direction(name)
    if direction == 0:
        return Verdict.CHANGED
    return Verdict.WORSE if (low > 0) == (direction > 0) else Verdict.BETTER


def _changes(
    metric: FinalMetric,
    before: RunDocument,
    after: RunDocument,
    drawn: tuple[Resampled, Resampled] | None,
) -> list[Change]:
    name, names = metric.name, SHOWN[metric.type]
    resamples: dict[str, tuple[Floats, Floats]] = {}
    spread = 1.0
    if drawn is not None:
        first, second = (_resamples(metric, each) for each in drawn)
        resamples = {key: (first[key], second[key]) for key in first}
        spread = max(each.spread for each in drawn)
    found = []
    for statistic in names:
        percent = float(statistic[2:-1]) if statistic.startswith("p(") else None
        asked = Statistic(statistic, percent)
        values = (value_of(before, metric, asked), value_of(after, metric, asked))
        bounds, verdict = None, Verdict.UNCLEAR
        if statistic in resamples and None not in values:
            bounds, verdict = _judged(
                name,
                values[0] or 0.0,
                values[1] or 0.0,
                resamples[statistic],
                spread,
                resolution=RESOLUTION if percent is not None else LEAST_CHANGE,
            )
        kind = (metric.type, metric.contains)
        found.append(Change(name, *kind, statistic, *values, bounds, verdict))
    return found


def _judged(
    name: str,
    before: float,
    after: float,
    resamples: tuple[Floats, Floats],
    spread: float,
    *,
    resolution: float,
) -> tuple[tuple[float, float] | None, Verdict]:
    first, second = resamples
    if min(before, after) > 0 and (first > 0).all() and (second > 0).all():
        # By their logarithms: a bound may say "a hundredth", never "less than nothing".
        bounds = interval(np.log(second / first), math.log(after / before), spread)
        if bounds is None:
            return None, Verdict.UNCLEAR
        bounds = math.expm1(bounds[0]), math.expm1(bounds[1])
        return bounds, verdict_of(name, bounds, resolution)
    # There is no share of nothing; whether it changed at all can still be said.
    bounds = interval(second - first, after - before, spread)
    if bounds is None:
        return None, Verdict.UNCLEAR
    return None, verdict_of(name, bounds, 0.0)


def _resamples(metric: FinalMetric, drawn: Resampled) -> dict[str, Floats]:
    """Return the numbers of a metric that vary, each in all resamples."""
    name = metric.name
    match metric.type:
        case MetricType.COUNTER:
            return {"rate": drawn.rate_per_s(name)}
        case MetricType.RATE:
            return {"rate": drawn.share(name)}
        case MetricType.GAUGE:
            return {"avg": drawn.gauge_mean(name)}
        case MetricType.TREND:
            percentiles = drawn.percentiles(name, PERCENTS)
            texts = [f"p({percent:g})" for percent in PERCENTS]
            return {
                "avg": drawn.trend_mean(name),
                **dict(zip(texts, percentiles, strict=True)),
            }


def _gauge_mean(document: RunDocument, name: str) -> float | None:
    known = [point for point in document.points if name in point.gauges]
    seconds = math.fsum(point.seconds for point in known)
    if not seconds:
        return None
    return math.fsum(point.gauges[name] * point.seconds for point in known) / seconds


def _of_trend(metric: FinalMetric, statistic: Statistic) -> float | None:
    digest = metric.digest
    if statistic.name == "count":
        return float(digest.count)
    if not digest.count:
        return None
    if statistic.percent is not None or statistic.name == "med":
        (value,) = digest.percentiles(
            [50.0 if statistic.percent is None else statistic.percent]
        )
        return value
    known = {"avg": digest.mean, "min": digest.minimum, "max": digest.maximum}
    return known[statistic.name]


def _notes(before: RunDocument, after: RunDocument) -> list[str]:
    first, second = before.identity, after.identity
    notes = []
    for what, one, other in (
        ("script", first.script, second.script),
        ("engine", first.engine, second.engine),
        ("version of Gharial", first.version, second.version),
    ):
        if one != other:
            notes.append(f"another {what}: {one}, then {other}")
    machine = _different(first.machine, second.machine)
    notes += [
        f"another machine, {name}: {first.machine.get(name, 'unknown')}, then "
        f"{second.machine.get(name, 'unknown')}"
        for name in machine
    ]
    options = _different(first.options, second.options)
    if options:
        notes.append(f"other options: {', '.join(options)}")
    for which, document in (("first", before), ("second", after)):
        if not document.is_finished:
            notes.append(f"the record of the {which} run is not complete")
        if len(document.points) < POINTS_MINIMUM:
            notes.append(
                f"the {which} run has {len(document.points)} seconds; at least "
                f"{POINTS_MINIMUM} are needed to say which changes are more than chance"
            )
        notes += [f"warning of the {which} run: {text}" for text in document.warnings]
    return notes


def _different(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    names = dict.fromkeys([*first, *second])
    return [name for name in names if first.get(name) != second.get(name)]
