"""The log of a run, kept for a test to look at."""

import sys
from collections import deque
from collections.abc import Mapping
from logging import getLevelName
from typing import Final

LINES_MAXIMUM: Final = 1000
EXCEPTIONS_MAXIMUM: Final = 100

_EXCEPTION: Final = "stacktrace"
_REPEATED: Final = " more like it)"


class LogLine(str):
    """
    A line of a run's log: its text.

    Attributes:
        level: As in `logging`.
        source: Where it comes from: ``console``, ``stacktrace``, ``websocket``; empty if
            that is unknown.

    """

    __slots__ = ("level", "source")

    level: int
    source: str

    def __new__(cls, text: str, level: int, source: str) -> "LogLine":
        """Make a line."""
        line = super().__new__(cls, text)
        line.level = level
        line.source = source
        return line


class RunLog:
    """
    Takes the log of a run.

    Attributes:
        lines: The last lines.
        exceptions: What the script raised in iterations, each text once, in order.

    """

    def __init__(self, *, is_shown: bool) -> None:
        """Keep what is logged and, if so wanted, write it to the standard error."""
        self.lines: deque[LogLine] = deque(maxlen=LINES_MAXIMUM)
        self.exceptions: dict[str, None] = {}
        self._is_shown = is_shown

    def __call__(self, level: int, text: str, fields: Mapping[str, str]) -> None:
        """Take something logged."""
        source = fields.get("source", "")
        self.lines.append(LogLine(text, level, source))
        if self._is_shown:
            sys.stderr.write(f"{getLevelName(level)}: {text}\n")
        is_new = source == _EXCEPTION and not text.endswith(_REPEATED)
        if is_new and len(self.exceptions) < EXCEPTIONS_MAXIMUM:
            self.exceptions[text] = None
