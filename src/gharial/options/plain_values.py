"""Plain values as users write them: numbers, yes or no, strings."""

from collections.abc import Callable, Mapping
from typing import Any

from gharial.lazy_pattern import lazy_pattern

_WHOLE = lazy_pattern(r"\s*[+-]?\d+(?:_\d+)*(?:\.0*)?\s*")
# Past it, a float that is one whole number stands for many.
_LARGEST = 2.0**63
_TRUE = frozenset(("1", "on", "t", "true", "y", "yes"))
_FALSE = frozenset(("0", "off", "f", "false", "n", "no"))


def whole_number(given: Any) -> int:
    """
    Return a whole number: one, or one that a string or a float holds.

    Raises:
        ValueError: If it is none.

    """
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if isinstance(given, float) and given.is_integer():
        if abs(given) >= _LARGEST:
            raise ValueError(f"{given!r} is too large")
        return int(given)
    if isinstance(given, str) and _WHOLE.fullmatch(given):
        try:
            return int(given.partition(".")[0])
        except ValueError:
            raise ValueError(f"{given!r} is too large") from None
    raise ValueError(f"{given!r} is not a whole number")


def yes_or_no(given: Any) -> bool:
    """
    Return what a word or a number says.

    Raises:
        ValueError: If it says neither.

    """
    if isinstance(given, str):
        word = given.lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
    elif isinstance(given, (int, float)) and given in (0, 1):
        return bool(given)
    raise ValueError(f"{given!r} is neither true nor false")


def number(given: Any) -> float:
    """
    Return a number.

    Raises:
        ValueError: If it is none.

    """
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return float(given)
    raise ValueError(f"{given!r} is not a number")


def string(given: Any) -> str:
    """
    Return a string.

    Raises:
        ValueError: If it is none.

    """
    if isinstance(given, str):
        return given
    raise ValueError(f"{given!r} is not a string")


PLAIN: Mapping[type, Callable[[Any], Any]] = {
    bool: yes_or_no,
    int: whole_number,
    float: number,
    str: string,
}
"""What reads a value of each plain type."""
