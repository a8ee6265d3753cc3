"""
Everything known about a run that has ended, as plain data: for page, record and comparison.

Reports are made from it, run records keep it, and runs are compared by it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from gharial.lazy_dataclass import dataclass
from gharial.metrics.digest import Digest, digest_of
from gharial.metrics.metric import Contains, MetricType
from gharial.metrics.sinks import CounterSink, GaugeSink, RateSink, TrendSink
from gharial.report.finding import RunVerdict
from gharial.report.moments import Moment
from gharial.report.name_table import NamedSummary
from gharial.report.onsets import Slowdown
from gharial.report.run_report import (
    CheckSummary,
    ExceptionSummary,
    FailureSummary,
    MetricSummary,
    RunReport,
    ThresholdResult,
)
from gharial.report.timeline import NO_SHARE, Point, Share
from gharial.report.verdict import Judged, Known, verdict_of


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """
    Which run it was.

    Attributes:
        run_id: Unique.
        script: The script's path as the user gave it.
        engine: What ran it, for people.
        version: Gharial's.
        began_at_epoch_s: When, in seconds since the Unix epoch.
        duration_s: For how long load ran, which rates are over.
        exit_code: The exit code of the process.
        problems: Why that was not 0.
        options: The consolidated options, by their names.
        machine: Facts of the machine, by names that people understand.
        scenarios: Name and one line for each.

    """

    run_id: str
    script: str
    engine: str
    version: str
    began_at_epoch_s: float
    duration_s: float
    exit_code: int = 0
    problems: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)
    scenarios: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FinalMetric:
    """
    A metric, or a part of one, over the whole run.

    Attributes:
        name: With ``{tag:value}`` behind it for a part.
        type: Its type.
        contains: Its unit.
        total: Of a counter: the sum.
        share: Of a rate.
        gauge: Of a gauge: last value, lowest, highest.
        digest: Of a trend.
        thresholds: What was asked of it.
        is_custom: Whether the script made it.

    """

    name: str
    type: MetricType
    contains: Contains
    total: float = 0.0
    share: Share = NO_SHARE
    gauge: tuple[float, float, float] = (0.0, 0.0, 0.0)
    digest: Digest = field(default_factory=Digest)
    thresholds: tuple[ThresholdResult, ...] = ()
    is_custom: bool = False


@dataclass(frozen=True, slots=True)
class FinalCheck:
    """
    One check.

    Attributes:
        path: Its group's path, ``::`` and its name.
        passes: How often it held.
        fails: How often it did not.
        first_failed_s: When it failed first, from the beginning of the run; NaN if it did
            not, or if that is unknown.

    """

    path: str
    passes: int
    fails: int
    first_failed_s: float = math.nan


@dataclass(frozen=True, slots=True)
class FinalNamed:
    """
    What was measured under one name.

    Attributes:
        kind: Which table it is in.
        labels: The values of the table's tags, empty for a missing one.
        count: How many there were.
        failures: How many of them failed.
        digest: How long they took.

    """

    kind: str
    labels: tuple[str, ...]
    count: float
    failures: float
    digest: Digest


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """
    A line of the log.

    Attributes:
        at_epoch_s: When, in seconds since the Unix epoch.
        level: As in `logging`.
        text: What it says.
        source: Where it comes from; empty if that is unknown.

    """

    at_epoch_s: float
    level: int
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class RunDocument:
    """
    A run that is over.

    Attributes:
        identity: Which run it was.
        metrics: Metrics and parts of them, those with values or thresholds.
        checks: All checks.
        points: Second by second, oldest first.
        examples: For each reason why sockets failed, a few texts.
        log: The last lines of the log.
        warnings: What the reader has to know before trusting the numbers.
        exceptions: What ended iterations, the most frequent first.
        is_finished: Whether the run came to its end: a record of one that was killed has
            all until then, but nothing was judged.
        failures: What failed, the most frequent first.
        named: Connections and requests by name.
        slowdowns: What became slow.
        moments: What happened when: lines on the charts.

    """

    identity: RunIdentity
    metrics: tuple[FinalMetric, ...] = ()
    checks: tuple[FinalCheck, ...] = ()
    points: tuple[Point, ...] = ()
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    log: tuple[LoggedLine, ...] = ()
    warnings: tuple[str, ...] = ()
    is_finished: bool = True
    exceptions: tuple[ExceptionSummary, ...] = ()
    failures: tuple[FailureSummary, ...] = ()
    named: tuple[FinalNamed, ...] = ()
    slowdowns: tuple[Slowdown, ...] = ()
    moments: tuple[Moment, ...] = ()

    def metric(self, name: str) -> FinalMetric | None:
        """Return the metric, or part of one, of this name; None if there is none."""
        return next((each for each in self.metrics if each.name == name), None)


def final_metrics(report: RunReport) -> tuple[FinalMetric, ...]:
    """Return all metrics of a report, each followed by its parts and its kinds."""
    found = []
    for summary in report.metrics:
        found.append(_final(summary))
        found.extend(_final(part) for part in summary.parts)
        found.extend(
            FinalMetric(
                f"{summary.name}{{{tag}:{kind}}}",
                summary.metric.type,
                summary.metric.contains,
                total=value,
            )
            for tag, kind, value in summary.breakdown
        )
    return tuple({each.name: each for each in reversed(found)}.values())[::-1]


def final_checks(report: RunReport) -> tuple[FinalCheck, ...]:
    """Return all checks of a report."""
    return tuple(
        FinalCheck(check.path, check.passes, check.fails, check.first_failed_s)
        for check in report.root.all_checks()
    )


def _final(summary: MetricSummary) -> FinalMetric:
    metric, sink = summary.metric, summary.sink
    values: dict[str, Any] = {}
    match sink:
        case CounterSink():
            values["total"] = sink.value
        case RateSink():
            values["share"] = Share(sink.passes, sink.total)
        case GaugeSink():
            has_values = sink.minimum <= sink.maximum
            values["gauge"] = (
                sink.value,
                sink.minimum if has_values else sink.value,
                sink.maximum if has_values else sink.value,
            )
        case TrendSink():
            values["digest"] = digest_of(sink)
    return FinalMetric(
        summary.name,
        metric.type,
        metric.contains,
        thresholds=summary.thresholds,
        is_custom=metric.is_custom,
        **values,
    )


def document_of(
    identity: RunIdentity,
    report: RunReport,
    points: Sequence[Point],
    *,
    examples: Mapping[str, Sequence[str]],
    log: Sequence[LoggedLine],
    moments: Sequence[Moment] = (),
) -> RunDocument:
    """Return all that is known of a run, from its parts."""
    return RunDocument(
        identity,
        final_metrics(report),
        final_checks(report),
        tuple(points),
        {reason: tuple(texts) for reason, texts in examples.items()},
        tuple(log),
        report.warnings,
        exceptions=report.exceptions,
        failures=report.failures,
        named=final_named(report.named),
        slowdowns=report.slowdowns,
        moments=tuple(moments),
    )


def final_named(rows: Sequence[NamedSummary]) -> tuple[FinalNamed, ...]:
    """Return the rows of the tables by name."""
    return tuple(
        FinalNamed(row.kind, row.labels, row.count, row.failures, digest_of(row.sink))
        for row in rows
    )


def verdict_of_document(document: RunDocument) -> RunVerdict:
    """Return what came of a run, and why."""
    return verdict_of(
        Known(
            document.identity.exit_code,
            document.identity.problems,
            tuple(
                Judged(metric.name, metric.type, metric.contains, result)
                for metric in document.metrics
                for result in metric.thresholds
            ),
            tuple(
                CheckSummary(
                    each.path.rpartition("::")[2],
                    each.path,
                    each.passes,
                    each.fails,
                    each.first_failed_s,
                )
                for each in document.checks
            ),
            document.failures,
            document.exceptions,
            document.slowdowns,
            document.is_finished,
        )
    )
