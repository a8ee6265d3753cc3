"""The verdict as the first lines of the summary."""

import textwrap
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from gharial.report.finding import Clock, Finding
from gharial.report.numbers import format_time
from gharial.report.run_report import RunReport
from gharial.report.text_style import Style

SHOWN_MAXIMUM: Final = 10
_LOOKS: Final = {"PASSED": "green", "STOPPED": "yellow"}


def run_clock(second: float) -> str:
    """Return a time of the run where the time of day is not known."""
    return format_time(second * 1000)


def wall_clock(began_at_epoch_s: float) -> Clock:
    """Return what gives the time of day, in this machine's time zone."""

    def at(second: float) -> str:
        return f"{datetime.fromtimestamp(began_at_epoch_s + second):%H:%M:%S}"

    return at


def verdict_lines(report: RunReport, style: Style) -> Iterable[str]:
    """Yield the verdict, and what went wrong; nothing if there is none."""
    verdict = report.verdict
    if not verdict.state:
        return
    look = _LOOKS.get(verdict.state, "red")
    yield from _wrapped(verdict.headline(style.clock), "  █ ", style, look, "bold")
    yield ""
    shown = verdict.findings if style.is_full else verdict.findings[:SHOWN_MAXIMUM]
    for finding in shown:
        yield from _finding(finding, style)
    left = len(verdict.findings) - len(shown) + verdict.left_out
    if left:
        hint = "" if style.is_full else " (--summary-mode full shows more)"
        yield f"    and {left} more{hint}"
    if shown:
        yield ""


def _finding(finding: Finding, style: Style) -> Iterable[str]:
    is_crossed = finding.kind == "threshold"
    lead = "    ✗ " if is_crossed else "    ! "
    look = "red" if is_crossed else "yellow"
    yield from _wrapped(finding.line(style.clock), lead, style, look)
    yield from _example(finding, style, 8)
    for cause in finding.causes:
        yield from _wrapped(cause.line(style.clock), "        ", style, "red")
        yield from _example(cause, style, 10)


def _example(finding: Finding, style: Style, indent: int) -> Iterable[str]:
    # The text has the end of an exception's place, and EXCEPTIONS all of it.
    is_told = finding.kind == "exception" or finding.example in finding.text
    if not is_told:
        yield f"{' ' * indent}{style.paint(finding.example, 'faint')}"


def _wrapped(
    text: str, lead: str, style: Style, look: str, also: str = ""
) -> Iterable[str]:
    """Yield a text in lines that fit, the first after its lead."""
    space = " " * len(lead)
    room = None if style.width is None else max(20, style.width - len(lead))
    lines = [text] if room is None else textwrap.wrap(text, room) or [""]
    for index, line in enumerate(lines):
        shown = style.paint(style.paint(line, look), also) if also else None
        yield f"{space if index else lead}{shown or style.paint(line, look)}"
