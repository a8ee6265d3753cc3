"""What came of a run, and why: the one verdict that every view shows."""

import math
from collections.abc import Callable
from typing import Final

from gharial.lazy_dataclass import dataclass

Clock = Callable[[float], str]
"""Returns the time of day for seconds since the beginning of the run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that went wrong.

    Attributes:
        kind: ``threshold``, ``failure``, ``exception``, ``slow``, ``check``, ``problem``.
        text: What, without when.
        first_s: Since when, from the beginning of the run; NaN if that is unknown.
        last_s: Until when; NaN if that is unknown, or if it lasted until the end.
        detail: An example: what the server answered.
        example: Where that was: a URL, or a file and line.
        chart: The page's chart that shows it; empty for none.
        section: The page's table that has more; empty for none.
        causes: What explains it, the weightiest first.

    """

    kind: str
    text: str
    first_s: float = math.nan
    last_s: float = math.nan
    detail: str = ""
    example: str = ""
    chart: str = ""
    section: str = ""
    causes: tuple["Finding", ...] = ()

    def line(self, clock: Clock) -> str:
        """Return it in a line, with the time of day."""
        since = "" if math.isnan(self.first_s) else f" since {clock(self.first_s)}"
        if since and not math.isnan(self.last_s):
            first, last = clock(self.first_s), clock(self.last_s)
            since = f" at {first}" if first == last else f" from {first} to {last}"
        detail = f", {self.detail}" if self.detail else ""
        return f"{self.text}{since}{detail}"


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """
    What came of a run.

    Attributes:
        state: ``PASSED``, ``FAILED``, ``STOPPED``, ``DID NOT FINISH``; empty if unknown.
        reason: Why, if nothing in ``findings`` says it.
        findings: What went wrong: thresholds that failed first.
        left_out: How many more findings there were.

    """

    state: str = ""
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    left_out: int = 0

    def headline(self, clock: Clock) -> str:
        """Return the verdict in one line."""
        told = [self.reason] if self.reason else []
        if self.findings and self.state != "PASSED":
            first = self.findings[0]
            told = [] if first.kind == "threshold" else told
            told.append(first.text if first.causes else first.line(clock))
            told += [cause.line(clock) for cause in first.causes[:1]]
        elif self.findings:
            told.append(f"but {self.findings[0].line(clock)}")
        return ": ".join([self.state, *told])


NO_VERDICT: Final = RunVerdict()
