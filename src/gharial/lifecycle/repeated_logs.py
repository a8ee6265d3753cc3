"""A log that a failing script cannot flood."""

from collections.abc import Callable, Mapping

from gharial.log_lines import Log

# Exceptions, and the timers that the end of an iteration cuts off.
LIMITED_SOURCES = frozenset({"stacktrace", "timers", "sockets"})
MOST_A_SECOND = 5
# At most this many different texts are distinguished within a second.
MOST_TEXTS = 1000


class RepeatedLogs:
    """Forwards identical log lines a few times per second, then counts them."""

    def __init__(self, log: Log, now_s: Callable[[], float]) -> None:
        self._log = log
        self._now_s = now_s
        self._second_began_at_s = now_s()
        self._counts: dict[tuple[int, str, str], int] = {}

    def log(self, level: int, text: str, fields: Mapping[str, str]) -> None:
        """Log a text, unless the same was logged too often just now."""
        if fields.get("source") not in LIMITED_SOURCES:
            self._log(level, text, fields)
            return
        if self._now_s() - self._second_began_at_s >= 1:
            self.flush()
        key = (level, text, fields["source"])
        if key not in self._counts and len(self._counts) >= MOST_TEXTS:
            self.flush()
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count <= MOST_A_SECOND:
            self._log(level, text, fields)

    def flush(self) -> None:
        """Say how often each text was left out since the last time."""
        for (level, text, source), count in self._counts.items():
            if count > MOST_A_SECOND:
                left_out = count - MOST_A_SECOND
                first_line = text.partition("\n")[0]
                self._log(
                    level,
                    f"{first_line} (and {left_out} more like it)",
                    {"source": source},
                )
        self._counts.clear()
        self._second_began_at_s = self._now_s()
