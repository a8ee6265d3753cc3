"""The summary as text, in k6's look."""

from collections.abc import Iterable, Sequence
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics.builtin import ITERATIONS, ITERATIONS_FAILED, row_of
from gharial.metrics.metric import Contains, Metric
from gharial.metrics.row import Heading, Worse
from gharial.metrics.sinks import CounterSink, GaugeSink, RateSink, TrendSink
from gharial.metrics.statistics import (
    DEFAULT_TREND_STATISTICS,
    parse_trend_statistics,
    statistics_of,
)
from gharial.report.cleaning import cleaned
from gharial.report.finding import Clock
from gharial.report.numbers import (
    NO_VALUES,
    format_number,
    format_share,
    format_statistic,
    format_time,
    format_value,
)
from gharial.report.run_report import (
    CheckSummary,
    GroupSummary,
    MetricSummary,
    RunReport,
)
from gharial.report.socket_ends import socket_ends
from gharial.report.text_names import name_lines
from gharial.report.text_style import Style
from gharial.report.text_verdict import run_clock, verdict_lines

COMPACT: Final = "compact"
FULL: Final = "full"

_CUSTOM: Final = "CUSTOM"
_HEADINGS: Final = (_CUSTOM, *(each for each in Heading if each is not Heading.CHECKS))
"""In the order of the summary; checks have a section of their own."""

_UNREMARKABLE_KINDS: Final = frozenset({"1000", "1005"})
"""If these are the only kinds of a metric, the compact summary leaves them out."""

_LEAST_DOTS: Final = 3
_EXCEPTIONS_SHOWN: Final = 10


def render(  # noqa: PLR0913 - each is one choice of how it looks
    report: RunReport,
    *,
    color: bool = False,
    width: int | None = None,
    trend_stats: Sequence[str] = DEFAULT_TREND_STATISTICS,
    time_unit: str | None = None,
    mode: str = COMPACT,
    clock: Clock = run_clock,
) -> str:
    """
    Return the summary, ending with a line break.

    Args:
        report: The run.
        color: Whether to use ANSI colours.
        width: Columns of the terminal: a trend's numbers then break into several lines
            rather than run over; None for no limit.
        trend_stats: What to show of trends, as in the option ``summaryTrendStats``.
        time_unit: ``s``, ``ms``, ``us``; None for the unit that suits each time.
        mode: ``compact`` or ``full``.
        clock: Returns the time of day for seconds since the beginning of the run; by
            default that is not known, and the seconds are shown.

    Raises:
        TrendStatisticError: If trends do not have one of ``trend_stats``.

    """
    statistics = parse_trend_statistics(tuple(trend_stats))
    writer = _Writer(
        cleaned(report), Style(color, width, statistics, time_unit, mode == FULL, clock)
    )
    return "\n".join(writer.lines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Row:
    """A name and its cells: the first is what counts, the others explain it."""

    name: str
    cells: tuple[str, ...]
    indent: int = 0
    is_trend: bool = False
    look: str = "cyan"


class _Writer:
    def __init__(self, report: RunReport, style: Style) -> None:
        self._report = report
        self._style = style

    def lines(self) -> Iterable[str]:
        yield ""
        yield from verdict_lines(self._report, self._style)
        yield from self._warnings()
        yield from self._thresholds()
        yield from self._exceptions()
        yield from name_lines(self._report, self._style)
        yield from self._title("TOTAL RESULTS")
        yield from self._checks_total()
        yield from self._metrics(self._report.metrics, indent=4)
        if self._style.is_full:
            for group in self._report.root.groups:
                yield from self._group(group, depth=0)
            for scenario in self._report.scenarios:
                yield from self._title(f"SCENARIO: {scenario.name}")
                yield from self._metrics(scenario.metrics, indent=4)
        ends = socket_ends(self._report)
        if ends:
            yield f"  {ends}"
            yield ""

    def _title(self, text: str, indent: int = 2, mark: str = "█") -> Iterable[str]:
        yield f"{' ' * indent}{mark} {self._style.paint(text, 'bold')}"
        yield ""

    def _warnings(self) -> Iterable[str]:
        for warning in self._report.warnings:
            yield f"  {self._style.paint('! ' + warning, 'red')}"
        if self._report.warnings:
            yield ""

    def _thresholds(self) -> Iterable[str]:
        judged = [
            metric
            for metric in self._report.metrics
            if metric.thresholds or any(part.thresholds for part in metric.parts)
        ]
        if not judged:
            return
        yield from self._title("THRESHOLDS")
        for metric in judged:
            if metric.thresholds:
                yield from self._judged(metric, metric.name, 4)
            for part in metric.parts:
                label = part.selector.label if part.selector else ""
                if metric.thresholds:
                    yield from self._judged(part, label, 6)
                else:
                    yield from self._judged(part, f"{metric.name}{label}", 4)
        yield ""

    def _exceptions(self) -> Iterable[str]:
        """Yield how many iterations threw, and what."""
        groups = self._report.exceptions
        failed = _count(self._report, ITERATIONS_FAILED.name)
        # The script may have taken the metric's name.
        failed = failed or sum(group.count for group in groups)
        if not failed:
            return
        yield from self._title("EXCEPTIONS")
        complete = format_number(_count(self._report, ITERATIONS.name))
        told = f"{complete} complete, {format_number(failed)} of them failed"
        yield f"    iterations: {self._style.paint(told, 'red')}"
        yield ""
        shown = groups if self._style.is_full else groups[:_EXCEPTIONS_SHOWN]
        width = max((len(str(group.count)) for group in shown), default=0)
        for group in shown:
            yield f"    {group.count:>{width}} x {self._style.paint(group.message, 'red')}"
            since = f"first after {format_time(group.first_s * 1000)}"
            place = f"at {group.place}, " if group.place else ""
            yield f"    {' ' * width}   {self._style.paint(place + since, 'faint')}"
        if len(groups) > len(shown):
            left = len(groups) - len(shown)
            kinds = "kind" if left == 1 else "kinds"
            yield f"    and {left} more {kinds} (--summary-mode full shows all)"
        yield ""

    def _judged(self, metric: MetricSummary, name: str, indent: int) -> Iterable[str]:
        yield f"{' ' * indent}{name}"
        for result in metric.thresholds:
            value = format_statistic(
                result.value,
                metric.metric.type,
                metric.metric.contains,
                result.statistic,
                self._style.time_unit,
            )
            mark, shown = self._style.judged(result, value)
            yield f"{' ' * indent}{mark} '{result.expression}' {shown}"
        yield ""

    def _checks_total(self) -> Iterable[str]:
        root = self._report.root
        yield from self._check_counts(tuple(root.all_checks()), indent=4)
        yield from self._check_tree(root, indent=4)

    def _check_counts(
        self, checks: Sequence[CheckSummary], indent: int
    ) -> Iterable[str]:
        passes = sum(check.passes for check in checks)
        fails = sum(check.fails for check in checks)
        total = passes + fails
        if not total:
            return
        duration_s = self._report.duration_s
        rate = total / duration_s if duration_s > 0 else 0.0
        rows = [
            _Row("checks_total", (str(total), f"{format_number(rate)}/s")),
            _Row(
                "checks_succeeded",
                (format_share(passes / total), f"{passes} out of {total}"),
                look="cyan" if fails else "green",
            ),
            _Row(
                "checks_failed",
                (format_share(fails / total), f"{fails} out of {total}"),
                look="red" if fails else "cyan",
            ),
        ]
        yield from self._table(rows, indent)
        yield ""

    def _check_tree(self, group: GroupSummary, indent: int) -> Iterable[str]:
        for check in group.checks:
            yield from self._check(check, indent)
        if group.checks:
            yield ""
        for inner in group.groups:
            if any(inner.all_checks()):
                yield f"{' ' * indent}{self._style.paint('↳ ' + inner.name, 'bold')}"
                yield from self._check_tree(inner, indent + 2)

    def _check(self, check: CheckSummary, indent: int) -> Iterable[str]:
        space = " " * indent
        if not check.fails:
            yield f"{space}{self._style.mark(passed=True)} {check.name}"
            return
        share = int(check.passes / (check.passes + check.fails) * 100)
        counts = f"{share}% — ✓ {check.passes} / ✗ {check.fails}"
        yield f"{space}{self._style.paint(f'✗ {check.name}', 'red')}"
        yield f"{space} {self._style.paint(f'↳  {counts}', 'red')}"

    def _group(self, group: GroupSummary, depth: int) -> Iterable[str]:
        indent = 2 + 2 * depth
        mark = "↳" if depth else "█"
        yield from self._title(f"GROUP: {group.name}", indent, mark)
        yield from self._check_counts(group.checks, indent + 2)
        for check in group.checks:
            yield from self._check(check, indent + 2)
        if group.checks:
            yield ""
        yield from self._metrics(group.metrics, indent + 2)
        for inner in group.groups:
            yield from self._group(inner, depth + 1)

    def _metrics(self, metrics: Sequence[MetricSummary], indent: int) -> Iterable[str]:
        by_heading: dict[str, list[_Row]] = {}
        for metric in metrics:
            if not self._is_shown(metric):
                continue
            rows = by_heading.setdefault(_heading_of(metric.metric), [])
            rows.extend(self._rows(metric))
        # One column for all headings, so that the eye runs down a single line.
        column = _column(row for rows in by_heading.values() for row in rows)
        trends = self._trend_widths(by_heading.values())
        for heading in _HEADINGS:
            rows = by_heading.get(heading, [])
            if rows:
                yield f"{' ' * indent}{self._style.paint(heading, 'bold')}"
                yield from self._table(rows, indent, column, trends)
                yield ""

    def _is_shown(self, metric: MetricSummary) -> bool:
        if _heading_of(metric.metric) == Heading.CHECKS:
            return False
        if self._style.is_full or metric.thresholds or metric.parts:
            return True
        row = row_of(metric.metric)
        return row is None or not row.is_detail

    def _rows(self, metric: MetricSummary) -> Iterable[_Row]:
        row = row_of(metric.metric)
        is_bad = row is not None and row.is_sum_of_kinds and row.worse is Worse.HIGHER
        look = "red" if is_bad else "cyan"
        yield self._row(metric, metric.name, look=look)
        kinds = {kind for _, kind, _ in metric.breakdown}
        # What a threshold judges has a row of its own, with a rate.
        labels = {part.selector.label for part in metric.parts if part.selector}
        if self._style.is_full or not kinds <= _UNREMARKABLE_KINDS:
            for tag, kind, value in metric.breakdown:
                if f"{{ {tag}:{kind} }}" in labels:
                    continue
                cells = (format_number(value),)
                yield _Row(f"{{ {tag}:{kind} }}", cells, indent=2, look=look)
        for part in metric.parts:
            label = part.selector.label if part.selector else ""
            yield self._row(part, label, indent=2)

    def _row(
        self, metric: MetricSummary, name: str, *, indent: int = 0, look: str = "cyan"
    ) -> _Row:
        contains = metric.metric.contains
        sink = metric.sink
        if sink.is_empty and not isinstance(sink, CounterSink):
            return _Row(name, (NO_VALUES,), indent, look="faint")
        numbers = statistics_of(sink, self._report.duration_s, self._style.statistics)
        match sink:
            case CounterSink():
                count = self._value(numbers["count"], contains)
                rate = self._value(numbers["rate"], contains)
                return _Row(name, (count, f"{rate}/s"), indent, look=look)
            case GaugeSink():
                value, low, high = (
                    self._value(numbers[key], contains)
                    for key in ("value", "min", "max")
                )
                return _Row(name, (value, f"min={low}", f"max={high}"), indent)
            case RateSink():
                share = format_share(sink.rate)
                return _Row(name, (share, f"{sink.passes} out of {sink.total}"), indent)
            case TrendSink():
                cells = (
                    self._trend_cell(key, numbers[key], contains) for key in numbers
                )
                return _Row(name, tuple(cells), indent, is_trend=True)

    def _trend_cell(self, name: str, value: float, contains: Contains) -> str:
        shown = (
            format_number(value) if name == "count" else self._value(value, contains)
        )
        return f"{name}={shown}"

    def _value(self, value: float, contains: Contains) -> str:
        return format_value(value, contains, self._style.time_unit)

    def _trend_widths(self, tables: Iterable[Sequence[_Row]]) -> list[int]:
        rows = (row.cells for rows in tables for row in rows if row.is_trend)
        return _widths(rows)

    def _table(
        self,
        rows: Sequence[_Row],
        indent: int,
        column: int | None = None,
        trend_widths: Sequence[int] = (),
    ) -> Iterable[str]:
        column = _column(rows) if column is None else column
        others = _widths(row.cells for row in rows if not row.is_trend)
        for row in rows:
            dots = "." * (column - row.indent - len(row.name))
            head = (
                f"{' ' * (indent + row.indent)}{row.name}"
                f"{self._style.paint(dots + ':', 'faint')} "
            )
            widths = trend_widths if row.is_trend else others
            start = indent + column + 2
            yield from self._wrapped(head, row, widths, start)

    def _wrapped(
        self, head: str, row: _Row, widths: Sequence[int], start: int
    ) -> Iterable[str]:
        line, used = head, start
        for index, cell in enumerate(row.cells):
            is_last = index == len(row.cells) - 1
            width = len(cell) if is_last else widths[index]
            limit = self._style.width
            overflows = limit is not None and used + widths[index] > limit
            if row.is_trend and index and overflows:
                yield line.rstrip()
                line, used = " " * start, start
            line += self._painted(cell, row, is_first=index == 0)
            line += "" if is_last else " " * (width - len(cell) + 1)
            used += width + 1
        yield line

    def _painted(self, cell: str, row: _Row, *, is_first: bool) -> str:
        if row.is_trend:
            name, _, value = cell.partition("=")
            return f"{name}={self._style.paint(value, row.look)}"
        return self._style.paint(cell, row.look if is_first else "faint")


def _count(report: RunReport, name: str) -> float:
    found = report.metric(name)
    sink = None if found is None or found.metric.is_custom else found.sink
    return sink.value if isinstance(sink, CounterSink) else 0.0


def _column(rows: Iterable[_Row]) -> int:
    return max((row.indent + len(row.name) for row in rows), default=0) + _LEAST_DOTS


def _widths(rows: Iterable[tuple[str, ...]]) -> list[int]:
    widths: list[int] = []
    for cells in rows:
        for index, cell in enumerate(cells):
            if index == len(widths):
                widths.append(0)
            widths[index] = max(widths[index], len(cell))
    return widths


def _heading_of(metric: Metric) -> str:
    row = row_of(metric)
    return row.heading if row else _CUSTOM
