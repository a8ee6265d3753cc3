"""The clock that everything uses, and durations as users write them."""

import re
import time
from collections.abc import Callable

from gharial.errors import ConfigurationError
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern


@dataclass(frozen=True, slots=True)
class Clock:
    """
    A monotonic clock that can convert its instants to the time of day.

    Attributes:
        now_s: Returns the present instant, in seconds from an arbitrary origin.
        epoch_offset_s: Added to an instant, gives seconds since the Unix epoch.

    """

    now_s: Callable[[], float]
    epoch_offset_s: float

    def epoch_ms(self, at_s: float) -> float:
        """Return an instant of this clock as milliseconds since the Unix epoch."""
        return (at_s + self.epoch_offset_s) * 1000.0

    def epoch_s(self) -> float:
        """
        Return the present instant as seconds since the Unix epoch.

        It never steps back, nor ahead, also if somebody sets the machine's time of day.
        """
        return self.now_s() + self.epoch_offset_s


def system_clock(epoch_offset_s: float | None = None) -> Clock:
    """
    Return the machine's monotonic clock, tied to its time of day.

    Args:
        epoch_offset_s: What another process of this machine has tied it by: the clock is
            the same for all. None ties it as of now.

    """
    if epoch_offset_s is None:
        epoch_offset_s = time.time() - time.monotonic()
    return Clock(time.monotonic, epoch_offset_s)


class DurationError(ConfigurationError):
    """
    A string is not a duration.

    Attributes:
        text: What the user wrote.

    """

    def __init__(self, text: object) -> None:
        super().__init__(
            f"{text!r} is not a duration; write for example '30s', '1m30s', '500ms', "
            "'2d3h', or a number of milliseconds"
        )
        self.args = (text,)


_UNITS_S = {
    "d": 86_400.0,
    "h": 3_600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "ns": 1e-9,
}
_PART = lazy_pattern(r"(\d+(?:\.\d*)?|\.\d+)(ms|us|µs|ns|d|h|m|s)")


def parse_duration(text: str | int | float) -> float:
    """
    Return a duration in seconds.

    Args:
        text: Go's syntax with days added ("1m30s", "2d3h", "1.5s"), or a bare number,
            which is milliseconds.

    Raises:
        DurationError: If the text is neither.

    Source:
        k6 v2.2, ``lib/types/types.go``.

    """
    if isinstance(text, bool):
        raise DurationError(text)
    if isinstance(text, (int, float)):
        return float(text) / 1000.0
    stripped = text.strip()
    sign = -1.0 if stripped.startswith("-") else 1.0
    body = stripped.lstrip("+-")
    if re.fullmatch(r"\d+(?:\.\d*)?|\.\d+", body):
        return sign * float(body) / 1000.0
    position, total_s = 0, 0.0
    while position < len(body):
        part = _PART.match(body, position)
        if part is None:
            raise DurationError(text)
        total_s += float(part[1]) * _UNITS_S[part[2]]
        position = part.end()
    if position == 0:
        raise DurationError(text)
    return sign * total_s


def format_duration(duration_s: float) -> str:
    """Return a duration as k6 writes it: ``30s``, ``1m30s``, ``1h0m5s``, ``500ms``."""
    if duration_s < 0:
        return "-" + format_duration(-duration_s)
    if duration_s < 1:
        for unit, factor in (("ms", 1e3), ("µs", 1e6)):
            if duration_s * factor >= 1:
                return f"{_trim(duration_s * factor)}{unit}"
        return "0s" if duration_s == 0 else f"{_trim(duration_s * 1e9)}ns"
    minutes, seconds = divmod(round(duration_s, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    if hours:
        return f"{hours}h{minutes}m{_trim(seconds)}s"
    if minutes:
        return f"{minutes}m{_trim(seconds)}s"
    return f"{_trim(seconds)}s"


def _trim(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
