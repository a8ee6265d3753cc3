"""How the summary looks."""

from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics.statistics import Statistic
from gharial.report.finding import Clock
from gharial.report.numbers import NO_VALUES
from gharial.report.run_report import ThresholdResult

_CODES: Final = {
    "bold": "1",
    "faint": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}


@dataclass(frozen=True, slots=True)
class Style:
    """
    How the summary looks.

    Attributes:
        color: Whether to use ANSI colours.
        width: Columns of the terminal; None for no limit.
        statistics: What to show of trends.
        time_unit: The unit of times; None for the one that suits each.
        is_full: Whether to show everything.
        clock: Returns the time of day for seconds since the beginning of the run.

    """

    color: bool
    width: int | None
    statistics: tuple[Statistic, ...]
    time_unit: str | None
    is_full: bool
    clock: Clock

    def paint(self, text: str, look: str) -> str:
        """Return a string in a colour."""
        return f"\x1b[{_CODES[look]}m{text}\x1b[0m" if self.color and text else text

    def mark(self, *, passed: bool) -> str:
        """Return a tick or a cross."""
        return self.paint("✓", "green") if passed else self.paint("✗", "red")

    def judged(self, result: ThresholdResult, value: str) -> tuple[str, str]:
        """Return a threshold's mark and what it was judged by."""
        look = "green" if result.has_passed else "red"
        if not result.has_values:
            # Neither held nor crossed; what the exit code makes of it shows in the colour.
            look = "yellow" if result.has_passed else "red"
            return self.paint("-", look), self.paint(NO_VALUES, look)
        shown = f"{result.statistic}={self.paint(value, look)}"
        return self.mark(passed=result.has_passed), shown
