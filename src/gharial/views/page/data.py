"""The data for the page's script: points, totals and tables as plain data for JSON."""

import contextlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from gharial.metrics.builtin import BUILTIN, description_of
from gharial.metrics.charts import Chart
from gharial.metrics.digest import Digest
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.named import NAMED
from gharial.metrics.thresholds.expression import (
    ThresholdSyntaxError,
    parse_expression,
)
from gharial.report.document import (
    FinalMetric,
    FinalNamed,
    RunDocument,
    verdict_of_document,
)
from gharial.report.json import verdict_data
from gharial.report.moments import Moment
from gharial.report.numbers import rounded
from gharial.report.run_report import (
    ExceptionSummary,
    FailureSummary,
    ThresholdResult,
)
from gharial.report.timeline import Point, thinned
from gharial.report.verdict import chart_of

PERCENTS: Final = (50, 90, 95, 99, 99.9)
"""The percentiles that the page can show."""

HEAT_PARTS: Final = 4
"""Into how many rows of a heat map each doubling of a time is divided."""

REPORT_POINTS: Final = 400
"""A report of a long run has no more points: a chart has hardly more pixels."""


def point_data(point: Point, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """
    Return a point: from, to, then counters, shares, gauges, distributions, heat maps.

    Args:
        point: The point.
        metrics: All metrics by name; only times have heat maps.

    """
    return {
        "a": _short(point.begin_s),
        "b": _short(point.end_s),
        "c": {key: _short(value) for key, value in point.counters.items()},
        "s": {key: [one.passes, one.total] for key, one in point.shares.items()},
        "g": {key: _short(value) for key, value in point.gauges.items()},
        "d": {key: digest_data(one) for key, one in point.digests.items()},
        "h": {
            key: digest.coarse(HEAT_PARTS)
            for key, digest in point.digests.items()
            if key in metrics and metrics[key].contains is Contains.TIME
        },
    }


def digest_data(digest: Digest) -> list[float]:
    """Return count, mean, lowest, highest, and the percentiles of `PERCENTS`."""
    values = (digest.mean, digest.minimum, digest.maximum)
    return [
        digest.count,
        *map(_short, values),
        *map(_short, digest.percentiles(PERCENTS)),
    ]


def metrics_data(metrics: Iterable[Metric]) -> dict[str, Any]:
    """Return what the metrics are, by name."""
    return {
        metric.name: {
            "type": metric.type.value,
            "contains": metric.contains.value,
            "text": description_of(metric),
        }
        for metric in metrics
    }


def charts_data() -> list[dict[str, Any]]:
    """Return the charts of built-in metrics, in the order of their rows."""
    charts: dict[Chart, list[dict[str, str]]] = {}
    for name, row in BUILTIN.items():
        for line in row.lines:
            shown = {
                "metric": name,
                "value": line.value.value,
                "label": line.label,
                "kindLabel": line.kind_label,
                "kindTag": row.kind_tag,
            }
            charts.setdefault(line.chart, []).append(shown)
    return [{**asdict(chart), "lines": lines} for chart, lines in charts.items()]


def tiles_data() -> list[dict[str, str]]:
    """Return the numbers at the top of the page, in the order of their metrics' rows."""
    return [
        {"metric": name, "title": row.tile.title, "value": row.tile.value.value}
        for name, row in BUILTIN.items()
        if row.tile is not None
    ]


def final_data(metric: FinalMetric, duration_s: float) -> dict[str, Any]:
    """Return a metric over the whole run."""
    data: dict[str, Any] = {"name": metric.name, "type": metric.type.value}
    data["contains"] = metric.contains.value
    match metric.type:
        case MetricType.COUNTER:
            data["total"] = _short(metric.total, 15)
            data["rate"] = _short(metric.total / duration_s if duration_s > 0 else 0)
        case MetricType.RATE:
            data["share"] = [metric.share.passes, metric.share.total]
        case MetricType.GAUGE:
            data["gauge"] = [_short(value) for value in metric.gauge]
        case MetricType.TREND:
            data["digest"] = digest_data(metric.digest)
    data["thresholds"] = [threshold_data(one) for one in metric.thresholds]
    if metric.thresholds and not any(one.has_values for one in metric.thresholds):
        data["empty"] = True
    return data


def threshold_data(one: ThresholdResult) -> dict[str, Any]:
    """Return a threshold that was judged; without values there is no value."""
    data: dict[str, Any] = {
        "text": one.expression,
        "statistic": one.statistic,
        "ok": one.has_passed,
    }
    with contextlib.suppress(ThresholdSyntaxError):
        # A record may come from a version that knew more.
        data["limit"] = parse_expression(one.expression).limit
    if math.isfinite(one.since_s):
        data["since"] = _short(one.since_s)
    return data | ({"value": _short(one.value)} if one.has_values else {})


def document_data(document: RunDocument) -> dict[str, Any]:
    """Return a whole run, as a report shows it."""
    identity = document.identity
    metrics = {
        one.name: Metric(one.name, one.type, one.contains, is_custom=one.is_custom)
        for one in document.metrics
        if "{" not in one.name
    }
    return {
        "run": {
            "id": identity.run_id,
            "script": identity.script,
            "engine": identity.engine,
            "version": identity.version,
            "began": identity.began_at_epoch_s,
            "duration": _short(identity.duration_s),
            "exit": identity.exit_code,
            "isFinished": document.is_finished,
            "problems": list(identity.problems),
            "options": identity.options,
            "machine": dict(identity.machine),
            "scenarios": [list(one) for one in identity.scenarios],
            "metrics": metrics_data(metrics.values()),
            "charts": charts_data(),
            "tiles": tiles_data(),
            "percents": list(PERCENTS),
            "kinds": kinds_data(),
            "zone": identity.machine.get("Time zone", ""),
        },
        "points": [
            point_data(point, metrics)
            for point in thinned(document.points, REPORT_POINTS)
        ],
        "final": [
            final_data(metric, identity.duration_s) for metric in document.metrics
        ],
        "checks": [[one.path, one.passes, one.fails] for one in document.checks],
        "examples": {key: list(texts) for key, texts in document.examples.items()},
        "log": [
            [_short(line.at_epoch_s, 14), line.level, line.text, line.source]
            for line in document.log
        ],
        "warnings": list(document.warnings),
        "exceptions": exceptions_data(document.exceptions),
        "verdict": verdict_data(verdict_of_document(document)),
        "failures": failures_data(document.failures),
        "names": [
            named_data(one, identity.duration_s)
            for one in document.named
            if one.count or one.digest.count
        ],
        "moments": moments_data(document.moments),
    }


def kinds_data() -> list[dict[str, Any]]:
    """Return the tables by name, in the order in which they are shown."""
    return [
        {
            "kind": kind.kind,
            "title": kind.title,
            "tags": list(kind.tags),
            "chart": chart_of(kind.duration.name),
        }
        for kind in NAMED
    ]


def named_data(one: FinalNamed, duration_s: float) -> dict[str, Any]:
    """Return a row of a table by name."""
    return {
        "kind": one.kind,
        "labels": list(one.labels),
        "count": _short(one.count, 15),
        "failures": _short(one.failures, 15),
        "rate": _short(one.count / duration_s if duration_s > 0 else 0),
        "digest": digest_data(one.digest),
    }


def failures_data(failures: Iterable[FailureSummary]) -> list[dict[str, Any]]:
    """Return groups of failures, each with its example."""
    return [
        asdict(one)
        | {
            "label": one.label,
            "first_s": _short(one.first_s),
            "last_s": _short(one.last_s),
        }
        for one in failures
    ]


def moments_data(moments: Iterable[Moment]) -> list[list[Any]]:
    """Return the lines on the charts: when, kind, text."""
    return [[_short(one.at_s), one.kind, one.text] for one in moments]


def exceptions_data(exceptions: Iterable[ExceptionSummary]) -> list[list[Any]]:
    """Return groups: message, place, count, first and last time, scenario, stack."""
    return [
        [
            *(one.message, one.place, one.count, _short(one.first_s)),
            *(_short(one.last_s), one.scenario, one.stack),
        ]
        for one in exceptions
    ]


def _short(value: float, digits: int = 6) -> float:
    """Return a number with no more digits than anybody reads, which keeps pages small."""
    if not math.isfinite(value):
        return 0.0
    short = rounded(value, digits)
    return int(short) if short.is_integer() and abs(short) < 2**53 else short
