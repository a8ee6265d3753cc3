"""The summary as JSON, in the two shapes that k6's users have tools for."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gharial.metrics.metric import MetricType
from gharial.metrics.named import NAMED
from gharial.metrics.statistics import (
    DEFAULT_TREND_STATISTICS,
    Statistic,
    parse_trend_statistics,
    statistics_of,
)
from gharial.report.finding import Finding, RunVerdict
from gharial.report.name_table import NAMED_STATISTICS, NamedSummary
from gharial.report.run_report import (
    CheckSummary,
    GroupSummary,
    MetricSummary,
    RunReport,
)


def summary_export(
    report: RunReport,
    trend_stats: Sequence[str] = DEFAULT_TREND_STATISTICS,
    setup_data: tuple[Any, ...] = (),
) -> str:
    """
    Return the text of the file that ``--summary-export`` asks for.

    In its ``thresholds``, true means that the threshold failed.

    Args:
        report: The run.
        trend_stats: What to give of trends.
        setup_data: What ``setup`` returned, as the only member; empty if that is nothing.

    Source:
        k6 v2.2, ``internal/js/summary.go``, the legacy export.

    """
    statistics = parse_trend_statistics(tuple(trend_stats))
    metrics = {}
    for summary in _all_metrics(report):
        numbers = _numbers(summary, report.duration_s, statistics)
        if summary.metric.type is MetricType.RATE:
            numbers["value"] = numbers.pop("rate")
        entry: dict[str, Any] = dict(numbers)
        if summary.thresholds:
            entry["thresholds"] = {
                result.expression: not result.has_passed
                for result in summary.thresholds
            }
            unjudged = [r.expression for r in summary.thresholds if not r.has_values]
            if unjudged:
                # k6 has no such key: it is there only if there is something in it.
                entry["thresholds_without_values"] = unjudged
        metrics[summary.name] = entry
    data = {
        "root_group": _named_group(report.root),
        "metrics": metrics,
        **({"setup_data": setup_data[0]} if setup_data else {}),
        **_beyond_k6(report),
    }
    return json.dumps(data, indent=4, ensure_ascii=False) + "\n"


def summary_data(
    report: RunReport,
    trend_stats: Sequence[str] = DEFAULT_TREND_STATISTICS,
    *,
    options: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    setup_data: object = None,
) -> dict[str, Any]:
    """
    Return what a script's ``handleSummary`` is called with.

    Args:
        report: The run.
        trend_stats: What to give of trends.
        options: Added to ``options``: ``summaryTimeUnit``, ``noColor``.
        state: Added to ``state``: ``isStdOutTTY``, ``isStdErrTTY``.
        setup_data: What ``setup`` returned.

    """
    statistics = parse_trend_statistics(tuple(trend_stats))
    return {
        "root_group": _listed_group(report.root),
        "options": {
            "summaryTrendStats": list(trend_stats),
            "summaryTimeUnit": "",
            "noColor": False,
            **(options or {}),
        },
        "state": {
            "isStdOutTTY": False,
            "isStdErrTTY": False,
            **(state or {}),
            "testRunDurationMs": (report.run_s or report.duration_s) * 1000.0,
        },
        "metrics": {
            summary.name: _metric_data(summary, report.duration_s, statistics)
            for summary in _all_metrics(report)
        },
        "setup_data": setup_data,
        **_beyond_k6(report),
    }


def _beyond_k6(report: RunReport) -> dict[str, Any]:
    # k6 has no such keys: they are there only if there is something in them.
    found: dict[str, Any] = {
        "warnings": list(report.warnings),
        "verdict": verdict_data(report.verdict),
        "exceptions": [asdict(group) for group in report.exceptions],
        "failures": [asdict(group) for group in report.failures],
        "names": [_named(row, report.duration_s) for row in report.named],
        "slowdowns": [asdict(each) for each in report.slowdowns],
    }
    return {key: value for key, value in found.items() if value}


def verdict_data(verdict: RunVerdict) -> dict[str, Any]:
    """Return a verdict as plain data; empty if there is none."""
    if not verdict.state:
        return {}
    return {
        "state": verdict.state,
        "reason": verdict.reason,
        "findings": [_finding(each) for each in verdict.findings],
        "left_out": verdict.left_out,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    data = asdict(finding) | {"causes": [_finding(each) for each in finding.causes]}
    for key in ("first_s", "last_s"):
        data[key] = data[key] if math.isfinite(data[key]) else None
    return data


def _named(row: NamedSummary, duration_s: float) -> dict[str, Any]:
    kind = next(each for each in NAMED if each.kind == row.kind)
    data: dict[str, Any] = {
        "kind": row.kind,
        **dict(zip(kind.tags, row.labels, strict=True)),
        "count": int(row.count),
        "failures": int(row.failures),
        "rate": row.count / duration_s if duration_s > 0 else 0.0,
    }
    if not row.sink.is_empty:
        data |= statistics_of(row.sink, duration_s, NAMED_STATISTICS)
    return data


def _all_metrics(report: RunReport) -> list[MetricSummary]:
    return [each for metric in report.metrics for each in (metric, *metric.parts)]


def _numbers(
    summary: MetricSummary, duration_s: float, statistics: tuple[Statistic, ...]
) -> dict[str, float]:
    numbers = statistics_of(summary.sink, duration_s, statistics)
    # A count is written 3, not 3.0.
    return {
        name: int(value) if float(value).is_integer() else value
        for name, value in numbers.items()
    }


def _metric_data(
    summary: MetricSummary, duration_s: float, statistics: tuple[Statistic, ...]
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "type": summary.metric.type.value,
        "contains": summary.metric.contains.value,
        "values": _numbers(summary, duration_s, statistics),
    }
    if summary.thresholds:
        data["thresholds"] = {
            result.expression: {"ok": result.has_passed}
            for result in summary.thresholds
        }
    return data


def _identity(name: str, path: str) -> dict[str, Any]:
    # k6 uses this digest as a name, not for security.
    digest = hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()
    return {"name": name, "path": path, "id": digest}


def _check(check: CheckSummary) -> dict[str, Any]:
    return {
        **_identity(check.name, check.path),
        "passes": check.passes,
        "fails": check.fails,
    }


def _named_group(group: GroupSummary) -> dict[str, Any]:
    return {
        **_identity(group.name, group.path),
        "groups": {inner.name: _named_group(inner) for inner in group.groups},
        "checks": {check.name: _check(check) for check in group.checks},
    }


def _listed_group(group: GroupSummary) -> dict[str, Any]:
    return {
        **_identity(group.name, group.path),
        "groups": [_listed_group(inner) for inner in group.groups],
        "checks": [_check(check) for check in group.checks],
    }
