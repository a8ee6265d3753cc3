"""The kinds of values that options have."""

import math
import re
from collections.abc import Callable, Mapping, Sized
from datetime import timedelta
from typing import Annotated, Any

from gharial.lazy_pattern import lazy_pattern
from gharial.options.records import After, Before, ShownAs
from gharial.timing import DurationError, format_duration, parse_duration

_SIZE = lazy_pattern(r"(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?", re.IGNORECASE)
_SIZES_BYTES = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}


def _seconds(value: Any) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if not isinstance(value, (str, int, float)):
        raise ValueError(str(DurationError(value)))
    try:
        seconds = parse_duration(value)
    except DurationError as error:
        raise ValueError(str(error)) from None
    if not math.isfinite(seconds):
        raise ValueError(str(DurationError(value)))
    return seconds


def lasts_at_least(minimum_s: float) -> After:
    """Return a check that a duration is not below ``minimum_s``."""

    def check(value: float) -> float:
        if value < minimum_s:
            raise ValueError(
                f"must be at least {format_duration(minimum_s)}, "
                f"not {format_duration(value)}{_forgotten_unit(value, minimum_s)}"
            )
        return value

    return After(check)


def _forgotten_unit(value_s: float, minimum_s: float) -> str:
    """Return a question for a number that was probably meant in seconds, else nothing."""
    given_ms = value_s * 1e3
    if minimum_s >= 1 and 1 < given_ms <= 300 and given_ms.is_integer():
        return (
            " (a number without a unit is in milliseconds; did you mean "
            f"{given_ms:g}s?)"
        )
    return ""


def at_least(minimum: int) -> After:
    """Return a check that a number is not below ``minimum``."""

    def check(value: int) -> int:
        if value < minimum:
            raise ValueError(f"must be at least {minimum}, not {value}")
        return value

    return After(check)


def at_most(maximum: int) -> After:
    """Return a check that a number is not above ``maximum``."""

    def check(value: int) -> int:
        if value > maximum:
            raise ValueError(f"must be at most {maximum}, not {value}")
        return value

    return After(check)


def _filled(value: Sized) -> Sized:
    if not value:
        raise ValueError("must have at least one entry")
    return value


def _named(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a whole number")
    return value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    return value


def _text_map(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _text(inner) for key, inner in value.items()}
    return value


def _text_list(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _bytes(value: Any) -> Any:
    if isinstance(value, (bool, int)) or (
        isinstance(value, float) and math.isfinite(value)
    ):
        return _whole(value)
    match = _SIZE.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(
            f"{value!r} is not a valid size; write a number of bytes or for example '64MiB'"
        )
    size_bytes = float(match[1]) * _SIZES_BYTES[(match[2] or "b").lower()]
    if not math.isfinite(size_bytes):
        raise ValueError("is larger than any memory")
    return int(size_bytes)


def format_size(size_bytes: int) -> str:
    """Return a size as users write it: ``64MiB``, or a number of bytes."""
    for unit in ("GiB", "MiB", "KiB"):
        count, rest = divmod(size_bytes, _SIZES_BYTES[unit.lower()])
        if count and not rest:
            return f"{count}{unit}"
    return str(size_bytes)


def checked(check: Callable[[str], object]) -> After:
    """Return a check of each string of a list, or each key of a map, by ``check``."""

    def check_all(values: Any) -> Any:
        for value in values:
            check(value)
        return values

    return After(check_all)


_AS_TEXT = ShownAs(format_duration)

AnyDuration = Annotated[float, Before(_seconds), _AS_TEXT]
Duration = Annotated[AnyDuration, lasts_at_least(0.0)]
PositiveDuration = Annotated[Duration, lasts_at_least(0.001)]
RunDuration = Annotated[AnyDuration, lasts_at_least(1.0)]
Count = Annotated[int, Before(_whole)]
Natural = Annotated[Count, at_least(0)]
Positive = Annotated[Count, at_least(1)]
Size = Annotated[int, Before(_bytes), at_least(1)]
Name = Annotated[str, After(_named)]
FILLED = After(_filled)
TextMap = Annotated[dict[str, str], Before(_text_map)]
TextList = Annotated[tuple[str, ...], Before(_text_list)]
