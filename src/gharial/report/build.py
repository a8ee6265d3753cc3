"""Builds the report of a run from its measurements."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics import builtin
from gharial.metrics.builtin import row_of
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.selectors import parse_selector
from gharial.metrics.sinks import CounterSink, RateSink, Sink, combined
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import Verdict
from gharial.report.name_table import name_table
from gharial.report.onsets import Slowdown
from gharial.report.run_report import (
    CheckSummary,
    ExceptionSummary,
    FailureSummary,
    GroupSummary,
    MetricSummary,
    RunReport,
    ScenarioSummary,
    ThresholdResult,
)

_SEPARATOR: Final = "::"
_OUTSIDE_GROUPS: Final = ("::setup", "::teardown", "::vuSetup", "::vuTeardown")
_WITH_ITERATIONS: Final = (builtin.DATA_SENT.name, builtin.DATA_RECEIVED.name)
"""What each iteration says something of in k6, if only 0."""
_EXPECTED: Final = parse_selector("http_req_duration{expected_response:true}")
"""A part that k6 shows whether or not a threshold asks for it."""


@dataclass(frozen=True, slots=True)
class Happenings:
    """
    What no metric says: examples, and since when.

    Attributes:
        exceptions: What ended iterations.
        failures: What failed.
        slowdowns: What became slow.
        check_times: When checks failed first and last, by path.
        crossed_since_s: Since when thresholds are crossed, by metric and expression.

    """

    exceptions: Sequence[ExceptionSummary] = ()
    failures: Sequence[FailureSummary] = ()
    slowdowns: Sequence[Slowdown] = ()
    check_times: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    crossed_since_s: Mapping[tuple[str, str], float] = field(default_factory=dict)


NOTHING_HAPPENED: Final = Happenings()


def build_report(
    registry: Registry,
    *,
    duration_s: float,
    run_s: float = 0.0,
    verdicts: Sequence[Verdict] = (),
    warnings: Iterable[str] = (),
    happenings: Happenings = NOTHING_HAPPENED,
) -> RunReport:
    """
    Return the report of all that a registry holds.

    Args:
        registry: The measurements; they stay as they are.
        duration_s: For how long load ran.
        run_s: From before setup to after teardown.
        verdicts: All thresholds, judged at the end.
        warnings: What the reader has to know before trusting the numbers.
        happenings: What failed, and since when.

    """
    has_iterated = not registry.merged(builtin.ITERATIONS).is_empty
    metrics = (
        _summary(
            registry,
            metric,
            [v for v in verdicts if _is_of(v, metric)],
            happenings.crossed_since_s,
        )
        for metric in sorted(registry.metrics(), key=lambda metric: metric.name)
    )
    return RunReport(
        duration_s=duration_s,
        metrics=tuple(
            metric
            for metric in metrics
            if metric.thresholds
            or metric.parts
            or not metric.sink.is_empty
            or (has_iterated and metric.name in _WITH_ITERATIONS)
        ),
        root=_groups(registry, happenings.check_times),
        scenarios=_scenarios(registry),
        warnings=tuple(warnings),
        run_s=run_s,
        exceptions=tuple(happenings.exceptions),
        failures=tuple(happenings.failures),
        named=name_table(registry.all_series()),
        slowdowns=tuple(happenings.slowdowns),
    )


def _is_of(verdict: Verdict, metric: Metric) -> bool:
    return verdict.threshold.selector.metric == metric.name


def _summary(
    registry: Registry,
    metric: Metric,
    verdicts: list[Verdict],
    since_s: Mapping[tuple[str, str], float],
) -> MetricSummary:
    by_text: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_text.setdefault(verdict.threshold.selector.text, []).append(verdict)
    own: list[ThresholdResult] = []
    parts = []
    for same in by_text.values():
        selector = same[0].threshold.selector
        results = tuple(_result(verdict, since_s) for verdict in same)
        if selector.tags:
            part = registry.merged(metric, selector)
            parts.append(MetricSummary(metric, part, selector, results))
        else:
            own.extend(results)
    if metric == builtin.HTTP_REQ_DURATION and _EXPECTED.text not in by_text:
        part = registry.merged(metric, _EXPECTED)
        if not part.is_empty:
            parts.append(MetricSummary(metric, part, _EXPECTED))
    return MetricSummary(
        metric,
        registry.merged(metric),
        thresholds=tuple(own),
        parts=tuple(parts),
        breakdown=_breakdown(metric, registry.series_of(metric)),
    )


def _result(
    verdict: Verdict, since_s: Mapping[tuple[str, str], float]
) -> ThresholdResult:
    expression = verdict.threshold.expression
    key = (verdict.threshold.selector.text, expression.text)
    return ThresholdResult(
        expression.text,
        expression.stat,
        verdict.value,
        verdict.has_passed,
        math.nan if verdict.has_passed else since_s.get(key, math.nan),
    )


def _breakdown(
    metric: Metric, series: Iterable[tuple[TagSet, Sink]]
) -> tuple[tuple[str, str, float], ...]:
    row = row_of(metric)
    if row is None or not row.is_sum_of_kinds:
        return ()
    tag = row.kind_tag
    kinds: dict[str, float] = {}
    for tags, sink in series:
        if isinstance(sink, CounterSink) and not sink.is_empty:
            kind = tags.get(tag) or "unknown"
            kinds[kind] = kinds.get(kind, 0) + sink.value
    most_first = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    return tuple((tag, kind, value) for kind, value in most_first)


def _shares(
    registry: Registry, belongs: Callable[[TagSet], bool]
) -> tuple[MetricSummary, ...]:
    """Return what the series that belong make of each metric that they have."""
    shares = []
    for metric in sorted(registry.metrics(), key=lambda metric: metric.name):
        series = [
            (tags, sink) for tags, sink in registry.series_of(metric) if belongs(tags)
        ]
        sink = combined(metric, (sink for _, sink in series))
        if not sink.is_empty:
            breakdown = _breakdown(metric, series)
            shares.append(MetricSummary(metric, sink, breakdown=breakdown))
    return tuple(shares)


def _scenarios(registry: Registry) -> tuple[ScenarioSummary, ...]:
    names = dict.fromkeys(
        name for _, tags, _ in registry.all_series() if (name := tags.get("scenario"))
    )
    if list(names) == ["default"]:
        return ()

    def of_scenario(name: str) -> Callable[[TagSet], bool]:
        return lambda tags: tags.get("scenario") == name

    return tuple(
        ScenarioSummary(name, _shares(registry, of_scenario(name))) for name in names
    )


def _groups(
    registry: Registry, times: Mapping[str, tuple[float, float]]
) -> GroupSummary:
    """Return the tree of groups: all paths that any series carries, and their checks."""
    checks: dict[str, dict[str, list[int]]] = {"": {}}
    for metric, tags, sink in registry.all_series():
        path = tags.get("group") or ""
        # A path stands for the groups around it as well.
        steps = path.split(_SEPARATOR)[1:]
        if path not in _OUTSIDE_GROUPS:
            for depth in range(len(steps)):
                outer = "".join(_SEPARATOR + step for step in steps[: depth + 1])
                checks.setdefault(outer, {})
        name = tags.get("check")
        if metric.name != builtin.CHECKS.name or not isinstance(sink, RateSink):
            continue
        if name is not None and not sink.is_empty:
            found = checks.setdefault(path, {}).setdefault(name, [0, 0])
            found[0] += sink.passes
            found[1] += sink.fails
    return _group(registry, "", checks, times)


def _group(
    registry: Registry,
    path: str,
    checks: dict[str, dict[str, list[int]]],
    times: Mapping[str, tuple[float, float]],
) -> GroupSummary:
    inner = [
        other
        for other in checks
        if other and other.rpartition(_SEPARATOR)[0] == path and other != path
    ]

    def is_inside(tags: TagSet) -> bool:
        group = tags.get("group") or ""
        return group == path or group.startswith(path + _SEPARATOR)

    return GroupSummary(
        name=path.rpartition(_SEPARATOR)[2],
        path=path,
        checks=tuple(
            CheckSummary(
                name,
                f"{path}{_SEPARATOR}{name}",
                passes,
                fails,
                times.get(f"{path}{_SEPARATOR}{name}", (math.nan, 0.0))[0],
            )
            for name, (passes, fails) in checks[path].items()
        ),
        groups=tuple(_group(registry, other, checks, times) for other in inner),
        metrics=_shares(registry, is_inside) if path else (),
    )
