"""Finds out what came of a run, and why, from what is known at its end."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from gharial.errors import ExitCode
from gharial.lazy_dataclass import dataclass
from gharial.metrics import builtin
from gharial.metrics.builtin import BUILTIN
from gharial.metrics.failures import HTTP, REQUEST, SOCKET
from gharial.metrics.metric import Contains, MetricType
from gharial.metrics.selectors import SelectorSyntaxError, parse_selector
from gharial.metrics.thresholds.expression import (
    ThresholdSyntaxError,
    parse_expression,
)
from gharial.report.finding import Finding, RunVerdict
from gharial.report.numbers import (
    format_number,
    format_statistic,
    format_time,
    rounded,
)
from gharial.report.onsets import Slowdown
from gharial.report.run_report import (
    CheckSummary,
    ExceptionSummary,
    FailureSummary,
    RunReport,
    ThresholdResult,
)

FINDINGS_MAXIMUM: Final = 30
CAUSES_MAXIMUM: Final = 5
DETAIL_MAXIMUM: Final = 80

_NOT: Final = {
    "<": "≥",
    "<=": ">",
    ">": "≤",
    ">=": "<",
    "==": "≠",
    "===": "≠",
    "!=": "=",
}
_WHAT: Final = {SOCKET: "", REQUEST: "request ", HTTP: "HTTP "}
_FAILURES_OF: Final = {
    builtin.WS_ERRORS.name: SOCKET,
    builtin.WS_REQ_FAILED.name: REQUEST,
    builtin.HTTP_REQ_FAILED.name: HTTP,
}
_CHARTS: Final = {SOCKET: "errors", REQUEST: "requests-failed", HTTP: "http"}
_STOPPED: Final = {ExitCode.SIGNAL, ExitCode.STOPPED_FROM_OUTSIDE}


@dataclass(frozen=True, slots=True)
class Judged:
    """
    A threshold and what it was asked of.

    Attributes:
        name: The metric's name, with ``{tag:value}`` behind it for a part.
        type: Its type.
        contains: Its unit.
        result: What came of it.

    """

    name: str
    type: MetricType
    contains: Contains
    result: ThresholdResult


@dataclass(frozen=True, slots=True)
class Known:
    """
    What a verdict is made of.

    Attributes:
        exit_code: The exit code of the process.
        problems: Why that is not 0.
        thresholds: All of them.
        checks: All of them, by path.
        failures: What failed.
        exceptions: What ended iterations.
        slowdowns: What became slow.
        is_finished: Whether it came to an end.

    """

    exit_code: int
    problems: tuple[str, ...]
    thresholds: tuple[Judged, ...]
    checks: tuple[CheckSummary, ...]
    failures: tuple[FailureSummary, ...]
    exceptions: tuple[ExceptionSummary, ...]
    slowdowns: tuple[Slowdown, ...]
    is_finished: bool = True


def judged_of(report: RunReport) -> tuple[Judged, ...]:
    """Return all thresholds of a report."""
    return tuple(
        Judged(part.name, part.metric.type, part.metric.contains, result)
        for metric in report.metrics
        for part in (metric, *metric.parts)
        for result in part.thresholds
    )


def with_verdict(
    report: RunReport, exit_code: int, problems: Sequence[str]
) -> RunReport:
    """Return a report with its verdict."""
    known = Known(
        exit_code,
        tuple(problems),
        judged_of(report),
        tuple(report.root.all_checks()),
        report.failures,
        report.exceptions,
        report.slowdowns,
    )
    return replace(report, verdict=verdict_of(known))


def verdict_of(known: Known) -> RunVerdict:
    """Return what came of a run: what failed it first, each with what explains it."""
    crossed = [one for one in known.thresholds if not one.result.has_passed]
    findings = [_threshold(one, known) for one in crossed]
    explained = {cause.text for each in findings for cause in each.causes}
    findings += [one for one in _all_causes(known) if one.text not in explained]
    told, others = findings[:FINDINGS_MAXIMUM], findings[FINDINGS_MAXIMUM:]
    return RunVerdict(_state(known), _reason(known), tuple(told), len(others))


def _state(known: Known) -> str:
    if not known.is_finished:
        return "DID NOT FINISH"
    crossed = any(not one.result.has_passed for one in known.thresholds)
    if known.exit_code in _STOPPED and not crossed:
        return "STOPPED"
    return "FAILED" if known.exit_code else "PASSED"


def _reason(known: Known) -> str:
    if known.exit_code:
        return known.problems[0] if known.problems else f"exit code {known.exit_code}"
    if not known.is_finished:
        return ""
    count = len(known.thresholds)
    if not count:
        return "no thresholds were set"
    judged = sum(one.result.has_values for one in known.thresholds)
    if judged < count:
        return f"{judged} of {count} thresholds hold, the others had no values"
    return "the threshold holds" if count == 1 else f"all {count} thresholds hold"


def _threshold(one: Judged, known: Known) -> Finding:
    result = one.result
    metric = one.name.partition("{")[0]
    causes = tuple(_causes(metric, one.name, known))[:CAUSES_MAXIMUM]
    return Finding(
        "threshold",
        _crossed(one),
        result.since_s,
        chart=chart_of(metric),
        section="thresholds",
        causes=causes,
    )


def _crossed(one: Judged) -> str:
    result = one.result
    if not result.has_values:
        return f"{one.name}: no values for '{result.expression}'"
    try:
        expression = parse_expression(result.expression)
    except ThresholdSyntaxError:
        # A record may come from a version that knew more.
        return f"{one.name}: '{result.expression}' does not hold"
    said = "" if result.statistic in ("count", "value") else f" {result.statistic}"
    if one.type is MetricType.RATE:
        said = ""
    value, limit = (_shown(one, each) for each in (result.value, expression.limit))
    return f"{one.name}{said} {value} {_NOT[expression.operator]} {limit}"


def _shown(one: Judged, value: float) -> str:
    # Nobody reads more than six digits.
    short = value if one.type is MetricType.RATE else rounded(value, 6)
    return format_statistic(short, one.type, one.contains, one.result.statistic)


def chart_of(metric: str) -> str:
    """Return the id of the page's first chart of a metric; empty for none."""
    row = BUILTIN.get(metric)
    if row is None:
        return f"own-{metric}"
    return row.lines[0].chart.id if row.lines else ""


def _causes(metric: str, name: str, known: Known) -> Iterable[Finding]:
    """Return what explains that a threshold on a metric, or a part of one, is crossed."""
    try:
        tags = dict(parse_selector(name).tags)
    except SelectorSyntaxError:
        tags = {}
    if metric in _FAILURES_OF:
        what = _FAILURES_OF[metric]
        groups = [one for one in known.failures if one.what == what]
        return [_failure(one) for one in groups if _carries(one, tags)]
    if metric == builtin.ITERATIONS_FAILED.name:
        return map(_exception, known.exceptions)
    if metric == builtin.CHECKS.name:
        wanted = tags.get("check")
        return [
            _check(one) for one in _failed_checks(known) if wanted in (None, one.name)
        ]
    wanted = tags.get("name")
    same = [one for one in known.slowdowns if one.metric == metric]
    return [_slow(one) for one in same if wanted in (None, one.name)]


def _carries(group: FailureSummary, tags: dict[str, str]) -> bool:
    own = {
        "name": group.name,
        "scenario": group.scenario,
        "reason": group.reason,
        "status": str(group.status),
    }
    return all(own.get(tag, value) == value for tag, value in tags.items())


def _all_causes(known: Known) -> Iterable[Finding]:
    yield from map(_failure, known.failures)
    yield from map(_exception, known.exceptions)
    yield from map(_slow, known.slowdowns)
    yield from map(_check, _failed_checks(known))


def _failed_checks(known: Known) -> list[CheckSummary]:
    failed = [each for each in known.checks if each.fails]
    return sorted(failed, key=lambda each: -each.fails)


def _failure(group: FailureSummary) -> Finding:
    where = f" at {_short(group.name)}" if group.name else ""
    inside = f" ({group.scenario})" if group.scenario not in ("", "default") else ""
    count = format_number(group.count)
    said = " ".join(group.body.split()) or ("" if group.status else group.text)
    if group.body:
        said = f"body '{_short(said)}'"
    return Finding(
        "failure",
        f"{count} × {_WHAT.get(group.what, '')}{group.label}{where}{inside}",
        group.first_s,
        group.last_s,
        detail=said,
        example=group.url,
        chart=_CHARTS.get(group.what, ""),
        section="errors",
    )


def _exception(group: ExceptionSummary) -> Finding:
    where = f" at {_short_place(group.place)}" if group.place else ""
    return Finding(
        "exception",
        f"{format_number(group.count)} × {_short(group.message)}{where}",
        group.first_s,
        group.last_s if group.last_s >= group.first_s else math.nan,
        example=group.place,
        chart="iterations",
        section="exceptions",
    )


def _slow(one: Slowdown) -> Finding:
    before, after = (
        format_time(rounded(each, 3)) for each in (one.before_ms, one.after_ms)
    )
    what = "" if not one.name else f" of {_short(one.name)}"
    return Finding(
        "slow",
        f"{one.metric}{what} slower: p95 {before} → {after}",
        one.since_s,
        chart=chart_of(one.metric),
        section="names",
    )


def _check(one: CheckSummary) -> Finding:
    total = one.passes + one.fails
    path = one.path.removeprefix("::") or one.name
    return Finding(
        "check",
        f"check '{path}' failed {format_number(one.fails)} of "
        f"{format_number(total)} times",
        one.first_failed_s,
        chart="checks",
        section="checks",
    )


def _short(text: str) -> str:
    return text if len(text) <= DETAIL_MAXIMUM else f"{text[: DETAIL_MAXIMUM - 1]}…"


def _short_place(place: str) -> str:
    return place.replace("\\", "/").rpartition("/")[2]
