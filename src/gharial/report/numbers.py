"""
Numbers as the summary writes them.

Source:
    k6 v2.2, ``internal/js/summary.js``: which units, and what is cut off or rounded.
"""

import math
from typing import Final

from gharial.metrics.metric import Contains, MetricType

TIME_UNITS: Final = {"s": (1e-3, "s"), "ms": (1.0, "ms"), "us": (1e3, "µs")}
"""Values of the option ``summaryTimeUnit``: factor from ms, and suffix."""

NO_VALUES: Final = "no values"
"""What stands where a number would be, if nothing was measured."""

_DATA_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")


def format_number(value: float) -> str:
    """Return a number with up to six decimals, none of them trailing zeros."""
    if not math.isfinite(value):
        return str(value)
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def format_share(share: float) -> str:
    """Return a share of 1 as per cent, cut (99.999 % must not read 100 %)."""
    return f"{_cut(share * 100, 2):.2f}%"


def format_data(size_bytes: float) -> str:
    """Return a size in powers of 1000: ``519 kB``, ``1.3 MB``."""
    if size_bytes < 0:
        return "-" + format_data(-size_bytes)
    if size_bytes < 10 or not math.isfinite(size_bytes):
        return f"{format_number(_cut(size_bytes, 2))} B"
    power = min(int(math.log(size_bytes, 1000) + 1e-12), len(_DATA_UNITS) - 1)
    scaled = math.floor(size_bytes / 1000**power * 10 + 0.5) / 10
    return f"{scaled:.{1 if scaled < 10 else 0}f} {_DATA_UNITS[power]}"


def format_time(time_ms: float, unit: str | None = None) -> str:
    """
    Return a time.

    Args:
        time_ms: In milliseconds.
        unit: A key of `TIME_UNITS`; None for the unit that suits the time.

    """
    if unit in TIME_UNITS:
        factor, suffix = TIME_UNITS[unit]
        return f"{time_ms * factor:.2f}{suffix}"
    if time_ms < 0:
        return "-" + format_time(-time_ms)
    if time_ms == 0:
        return "0s"
    for below_ms, factor, suffix, decimals in (
        (0.001, 1e6, "ns", 0),
        (1.0, 1e3, "µs", 2),
        (1000.0, 1.0, "ms", 2),
        (60_000.0, 1e-3, "s", 2),
    ):
        if time_ms < below_ms:
            return f"{format_number(_cut(time_ms * factor, decimals))}{suffix}"
    if not math.isfinite(time_ms):
        return f"{time_ms}s"
    minutes, seconds = divmod(int(time_ms // 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{seconds}s" if hours else f"{minutes}m{seconds}s"


def format_value(value: float, contains: Contains, time_unit: str | None = None) -> str:
    """Return a metric's value in its unit."""
    match contains:
        case Contains.TIME:
            return format_time(value, time_unit)
        case Contains.DATA:
            return format_data(value)
        case Contains.DEFAULT:
            return format_number(value)


def format_statistic(
    value: float,
    type: MetricType,  # noqa: A002 - the word that users know it by
    contains: Contains,
    statistic: str,
    time_unit: str | None = None,
) -> str:
    """Return a statistic of a metric: shares as per cent, a counter's rate a second."""
    if type is MetricType.RATE:
        return format_share(value)
    text = format_value(value, contains, time_unit)
    is_rate = type is MetricType.COUNTER and statistic == "rate"
    return f"{text}/s" if is_rate else text


def rounded(value: float, digits: int) -> float:
    """Return a number with so many significant digits."""
    return float(f"{value:.{digits}g}")


def _cut(value: float, decimals: int) -> float:
    if not math.isfinite(value):
        return value
    factor = 10.0**decimals
    # A product such as 0.29 * 100 lies a hair below what was meant: cut no real digits.
    return float(math.trunc(round(value * factor, 6))) / factor
