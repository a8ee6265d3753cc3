"""Times of day as outputs write them."""

import time
from functools import lru_cache
from typing import Final

NANOSECONDS: Final = 1_000_000_000


def nanosecond_of(time_s: float) -> int:
    """
    Return a time in nanoseconds since the Unix epoch.

    Second and fraction apart: their product does not fit into a float without loss.
    """
    second = int(time_s)
    return second * NANOSECONDS + int((time_s - second) * NANOSECONDS)


@lru_cache(maxsize=64)
def clock_text(second: int) -> tuple[str, str]:
    """
    Return a second since the Unix epoch as RFC 3339 has it, in two parts.

    Returns:
        The local time up to its second, and that time's offset: what comes before a
        fraction and what comes after it.

    """
    local = time.localtime(second)
    minutes = local.tm_gmtoff // 60
    hours, minutes_left = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{hours:02d}:{minutes_left:02d}" if minutes else "Z"
    return time.strftime("%Y-%m-%dT%H:%M:%S", local), offset


def rfc3339(time_s: float) -> str:
    """Return a time to the second: ``2026-01-02T03:04:05+02:00``."""
    instant, offset = clock_text(int(time_s))
    return instant + offset


def rfc3339_nano(time_s: float) -> str:
    """Return a time with all nine digits of its fraction."""
    second = int(time_s)
    instant, offset = clock_text(second)
    return f"{instant}.{int((time_s - second) * NANOSECONDS):09d}{offset}"
