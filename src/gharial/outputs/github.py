"""
``--out github``: annotations and a job summary for GitHub Actions.

Source:
    GitHub's documentation, "Workflow commands for GitHub Actions": ``::error`` and
    ``::warning``, what is escaped in their values and texts, at most ten of each shown
    for a step; ``GITHUB_STEP_SUMMARY``, a file to which Markdown is appended, at most 1
    MiB from a step.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from gharial.harmless import harmless_line
from gharial.metrics.batch import Batch
from gharial.metrics.sinks import CounterSink, GaugeSink, RateSink, Sink, TrendSink
from gharial.metrics.statistics import (
    DEFAULT_TREND_STATISTICS,
    parse_trend_statistics,
    statistics_of,
)
from gharial.outputs.arguments import parse_settings
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.outputs.end_file import check_writable
from gharial.outputs.ending import (
    Judged,
    all_checks,
    all_judged,
    group_of,
    sentence_of,
    troubles,
)
from gharial.report.numbers import NO_VALUES, format_share, format_time, format_value
from gharial.report.run_report import CheckSummary, ExceptionSummary, MetricSummary
from gharial.timing import format_duration

ANNOTATIONS_MAXIMUM: Final = 10
ROWS_MAXIMUM: Final = 1_000
SETTINGS: Final = ("fileName",)

_THRESHOLDS: Final = ("", "Metric", "Threshold", "Value")
_EXCEPTIONS: Final = ("Exception", "Where", "Iterations", "First after")
_CHECKS: Final = ("", "Check", "Held", "Failed", "Share")
_MARKDOWN: Final = {
    **{ord(mark): f"\\{mark}" for mark in "\\`*_[]|#~$@:"},
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord("&"): "&amp;",
}


def make(argument: str, environment: Mapping[str, str]) -> Output:
    """
    Return the output that annotates a job of GitHub Actions, or writes its summary.

    Args:
        argument: A file, if the summary is not for the job.
        environment: The runner's variables.

    Raises:
        OutputError: If there is neither a file nor a runner.

    """
    given = parse_settings("github", argument, SETTINGS, main="fileName")
    path = given.get("fileName") or environment.get("GITHUB_STEP_SUMMARY")
    if not path:
        raise OutputError(
            "--out github: this is not a job of GitHub Actions (GITHUB_STEP_SUMMARY is "
            "not set); name a file to see the summary: --out github=summary.md"
        )
    return GithubOutput(path, annotates=environment.get("GITHUB_ACTIONS") == "true")


class GithubOutput:
    """
    Writes annotations and a summary when the run ends.

    Attributes:
        wants_samples: No.

    """

    wants_samples = False

    def __init__(self, path: str, *, annotates: bool) -> None:
        """
        Take settings.

        Args:
            path: The file to append the summary to.
            annotates: Whether there is a runner that reads annotations.

        """
        self._path = path
        self._annotates = annotates

    def start(self, run: RunFacts) -> None:
        """
        See whether the file can be written.

        Raises:
            OutputError: If not.

        """
        check_writable("github", self._path)
        self._script = run.script

    def write(self, batch: Batch) -> None:
        """Do nothing: the end has it all."""

    def stop(self, end: RunEnd) -> None:
        """Write it all."""
        if self._annotates:
            lines = list(annotations(end))
            if lines:
                sys.stdout.write("".join(f"{line}\n" for line in lines))
                sys.stdout.flush()
        with Path(self._path).open("a", encoding="utf-8") as file:
            file.write(summary(self._script, end))


def annotations(end: RunEnd) -> Iterator[str]:
    """Yield workflow commands: errors for thresholds, warnings for checks."""
    errors = [("Load test", text) for text in troubles(end)]
    errors += [
        (f"Threshold of {judged.metric}", judged.sentence)
        for judged in all_judged(end.report)
        if not judged.has_passed
    ]
    warnings = [
        (f"Threshold of {judged.metric}", judged.sentence)
        for judged in all_judged(end.report)
        if judged.has_passed and not judged.has_values
    ]
    warnings += [
        ("Check", sentence_of(check)) for check in all_checks(end.report) if check.fails
    ]
    for command, told in (("error", errors), ("warning", warnings)):
        yield from _commands(command, told)


def _commands(command: str, told: Sequence[tuple[str, str]]) -> Iterator[str]:
    shown = list(told)
    if len(shown) > ANNOTATIONS_MAXIMUM:
        shown = shown[: ANNOTATIONS_MAXIMUM - 1]
        left = len(told) - len(shown)
        shown.append(("Load test", f"{left} more are in the job's summary"))
    for title, text in shown:
        yield f"::{command} title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(script: str, end: RunEnd) -> str:
    """Return the summary in Markdown."""
    report = end.report
    judged = all_judged(report)
    checks = list(all_checks(report))
    mark = "❌" if end.exit_code else "✅"
    duration = format_duration(round(report.duration_s, 1))
    lines = [
        f"## {mark} Load test {_text(script)}",
        "",
        f"{_verdict(judged, checks)} in {duration}; exit code {end.exit_code}.",
        "",
    ]
    for text in (*troubles(end), *report.warnings):
        lines += [f"> ⚠️ {_text(text)}", ""]
    if judged:
        lines += _table("Thresholds", _THRESHOLDS, map(_threshold_row, judged))
    if checks:
        lines += _table("Checks", _CHECKS, map(_check_row, checks))
    if report.exceptions:
        lines += _table(
            "Exceptions", _EXCEPTIONS, map(_exception_row, report.exceptions)
        )
    metrics = [row for metric in report.metrics for row in _metric_rows(metric, end)]
    if metrics:
        lines += _table("Metrics", ("Metric", "Values"), metrics)
    return "\n".join(lines) + "\n"


def _verdict(judged: Sequence[Judged], checks: Sequence[CheckSummary]) -> str:
    held = sum(each.has_passed and each.has_values for each in judged)
    unjudged = sum(not each.has_values for each in judged)
    without = f" ({unjudged} had no values)" if unjudged else ""
    right = sum(not each.fails for each in checks)
    return (
        f"{held} of {len(judged)} thresholds held{without}, {right} of {len(checks)} "
        "checks always held"
    )


def _threshold_row(judged: Judged) -> tuple[str, ...]:
    mark, value = "\N{HEAVY MINUS SIGN}", judged.value
    if judged.has_values:
        mark = _mark(passed=judged.has_passed)
        value = f"{judged.statistic} = {value}"
    return (mark, _text(judged.metric), _text(judged.expression), _text(value))


def _exception_row(group: ExceptionSummary) -> tuple[str, ...]:
    first = format_time(group.first_s * 1000)
    return (_text(group.message), _text(group.place), f"{group.count:,}", first)


def _check_row(check: CheckSummary) -> tuple[str, ...]:
    made = check.passes + check.fails
    group = group_of(check)
    name = f"{group}::{check.name}" if group else check.name
    return (
        _mark(passed=not check.fails),
        _text(name),
        f"{check.passes:,}",
        f"{check.fails:,}",
        format_share(check.passes / made),
    )


def _metric_rows(metric: MetricSummary, end: RunEnd) -> Iterator[tuple[str, ...]]:
    for each in (metric, *metric.parts):
        yield _text(each.name), _text(_values(each, each.sink, end.report.duration_s))


def _values(metric: MetricSummary, sink: Sink, duration_s: float) -> str:
    if sink.is_empty and not isinstance(sink, CounterSink):
        return NO_VALUES
    contains = metric.metric.contains
    statistics = parse_trend_statistics(DEFAULT_TREND_STATISTICS)
    numbers = statistics_of(sink, duration_s, statistics)
    shown = {name: format_value(value, contains) for name, value in numbers.items()}
    match sink:
        case CounterSink():
            return f"{shown['count']}, {shown['rate']}/s"
        case GaugeSink():
            return f"{shown['value']}, min {shown['min']}, max {shown['max']}"
        case RateSink():
            return f"{format_share(sink.rate)}, {sink.passes} of {sink.total}"
        case TrendSink():
            return ", ".join(f"{name} {value}" for name, value in shown.items())


def _table(
    title: str, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterator[str]:
    yield from (f"### {title}", "", _row(head), _row(["---"] * len(head)))
    for count, row in enumerate(rows):
        if count == ROWS_MAXIMUM:
            yield from ("", f"Only the first {ROWS_MAXIMUM:,} are shown.")
            break
        yield _row(row)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _mark(*, passed: bool) -> str:
    return "✅" if passed else "❌"


def _text(text: str) -> str:
    """Return text that Markdown shows as it is."""
    one_line = text.replace("\r", " ").replace("\n", " ")
    return harmless_line(one_line).translate(_MARKDOWN)
