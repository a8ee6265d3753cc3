"""The last lines of a run's log, and examples of errors."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from gharial.harmless import whole
from gharial.lazy_dataclass import dataclass
from gharial.log_lines import Log
from gharial.report.masking import redacted

LINES_MAXIMUM: Final = 200
EXAMPLES_MAXIMUM: Final = 3
REASONS_MAXIMUM: Final = 100
TEXT_MAXIMUM: Final = 2000
MARKS_MAXIMUM: Final = 40
MARK_MAXIMUM: Final = 160
ALIKE_MAXIMUM: Final = 40


@dataclass(frozen=True, slots=True)
class LogLine:
    """
    One line of a log.

    Attributes:
        number: From 1, without gaps.
        at_epoch_s: When, in seconds since the Unix epoch.
        level: As in `logging`.
        text: What it says, cut off after `TEXT_MAXIMUM` characters.
        source: Where it comes from; empty if that is unknown.

    """

    number: int
    at_epoch_s: float
    level: int
    text: str
    source: str


class LogTail:
    """
    Forwards a log, and keeps its last lines.

    Attributes:
        lines: The last lines, oldest first.
        marks: The first warnings and errors that differ, and what somebody did.
        examples: For each reason of a socket's failure, the first texts.

    """

    def __init__(
        self,
        log: Log,
        *,
        secrets: tuple[str, ...] = (),
        now_epoch_s: Callable[[], float] = time.time,
    ) -> None:
        """
        Take where the log goes on to.

        Args:
            log: Where to.
            secrets: Texts that are not kept, longest first.
            now_epoch_s: The time of day.

        """
        self.lines: deque[LogLine] = deque(maxlen=LINES_MAXIMUM)
        self.marks: list[LogLine] = []
        self._marked: set[str] = set()
        self.examples: dict[str, list[str]] = {}
        self._log = log
        self._secrets = secrets
        self._now_epoch_s = now_epoch_s
        self._count = 0

    def log(self, level: int, text: str, fields: Mapping[str, str]) -> None:
        """Log a line."""
        text = whole(text)
        self._log(level, text, fields)
        text = redacted(text, self._secrets)[:TEXT_MAXIMUM]
        self._count += 1
        source = fields.get("source", "")
        line = LogLine(self._count, self._now_epoch_s(), level, text, source)
        self.lines.append(line)
        if level >= logging.WARNING or source == "control":
            self._mark(line)
        reason = fields.get("reason")
        if reason is not None and len(self.examples) < REASONS_MAXIMUM:
            examples = self.examples.setdefault(reason, [])
            if text not in examples and len(examples) < EXAMPLES_MAXIMUM:
                examples.append(text)

    def _mark(self, line: LogLine) -> None:
        start = line.text.partition("\n")[0][:MARK_MAXIMUM]
        # Lines that differ in a number or so are alike.
        alike = start[:ALIKE_MAXIMUM] if line.source != "control" else start
        if len(self.marks) < MARKS_MAXIMUM and alike not in self._marked:
            self._marked.add(alike)
            self.marks.append(replace(line, text=start))
