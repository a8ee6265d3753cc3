"""Connections and requests by name, in the summary."""

from collections.abc import Iterable, Sequence
from typing import Final

from gharial.metrics.metric import Contains
from gharial.metrics.named import NAMED, NamedKind
from gharial.metrics.statistics import statistics_of
from gharial.report.name_table import NAMED_STATISTICS, NamedSummary
from gharial.report.numbers import NO_VALUES, format_number, format_value, rounded
from gharial.report.run_report import RunReport
from gharial.report.text_style import Style

ROWS_SHOWN: Final = 10
NAME_MAXIMUM: Final = 36
_HEADS: Final = ("count", "failed", "rate", "med", "p(95)", "p(99)", "max")


def name_lines(report: RunReport, style: Style) -> Iterable[str]:
    """Yield a table for each kind of work that has more than one name, or failures."""
    kinds = [
        (kind, rows)
        for kind in NAMED
        if (rows := [r for r in report.named if r.kind == kind.kind and r.count])
        and (
            style.is_full
            or len(rows) > 1
            or any(row.failures for row in rows)
            or any(one.metric == kind.duration.name for one in report.slowdowns)
        )
    ]
    if not kinds:
        return
    yield f"  █ {style.paint('BY NAME', 'bold')}"
    yield ""
    for kind, rows in kinds:
        yield from _table(kind, rows, report.duration_s, style)
        yield ""


def _table(
    kind: NamedKind, rows: Sequence[NamedSummary], duration_s: float, style: Style
) -> Iterable[str]:
    shown = rows if style.is_full else rows[:ROWS_SHOWN]
    names = [_short(_name(row)) for row in shown]
    cells = [_cells(row, duration_s, style) for row in shown]
    room = max(len(name) for name in (*names, kind.title))
    widths = [
        max(len(row[column]) for row in (_HEADS, *cells))
        for column in range(len(_HEADS))
    ]
    columns = _fitting(widths, room, style.width)
    head = "  ".join(f"{_HEADS[each]:>{widths[each]}}" for each in columns)
    title = style.paint(f"{kind.title:<{room}}", "bold")
    yield f"    {title}  {style.paint(head, 'faint')}"
    for name, row, summary in zip(names, cells, shown, strict=True):
        line = "  ".join(f"{row[each]:>{widths[each]}}" for each in columns)
        look = "red" if summary.failures else "cyan"
        yield f"    {name:<{room}}  {style.paint(line, look)}"
    if len(rows) > len(shown):
        left = len(rows) - len(shown)
        yield f"    and {left} more (--summary-mode full shows all)"


def _fitting(widths: Sequence[int], room: int, width: int | None) -> list[int]:
    """Return the columns that fit: the rate goes first, then the 99th percentile."""
    columns = list(range(len(widths)))
    for dropped in (2, 5, 3):
        used = 4 + room + sum(2 + widths[each] for each in columns)
        if width is None or used <= width:
            break
        columns.remove(dropped)
    return columns


def _name(row: NamedSummary) -> str:
    name, *others = row.labels
    inside = [each for each in others if each and each not in ("default", name)]
    end = f" ({', '.join(inside)})" if inside else ""
    return f"{name or '(no name)'}{end}"


def _short(name: str) -> str:
    if len(name) <= NAME_MAXIMUM:
        return name
    # The end tells more of a URL than its beginning.
    return f"…{name[-NAME_MAXIMUM + 1 :]}"


def _cells(row: NamedSummary, duration_s: float, style: Style) -> tuple[str, ...]:
    rate = row.count / duration_s if duration_s > 0 else 0.0
    times: tuple[str, ...] = (NO_VALUES, "", "", "")
    if not row.sink.is_empty:
        numbers = statistics_of(row.sink, duration_s, NAMED_STATISTICS)
        times = tuple(
            format_value(value, Contains.TIME, style.time_unit)
            for value in numbers.values()
        )
    return (
        format_number(row.count),
        format_number(row.failures),
        f"{format_number(rounded(rate, 3))}/s",
        *times,
    )
