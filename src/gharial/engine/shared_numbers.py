"""The numbers of ``shared_numbers.pxi``, which C, JavaScript and Python share."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gharial.lazy_pattern import lazy_pattern

_NUMBER = lazy_pattern(r"^    ([A-Z_]+) = (-?\d+)$", re.MULTILINE)
_NAME = lazy_pattern(r"\$([A-Z][A-Z_]*)")


@cache
def shared_numbers() -> Mapping[str, int]:
    """Return the numbers by their names."""
    text = Path(__file__).with_name("shared_numbers.pxi").read_text("utf-8")
    return {name: int(number) for name, number in _NUMBER.findall(text)}


def with_numbers(source: str) -> str:
    """
    Return JavaScript with the number wherever it says ``$NAME``.

    A name would be looked up each time, and take memory of every virtual user.

    Raises:
        KeyError: If there is no such name.

    """
    return _NAME.sub(lambda match: str(shared_numbers()[match[1]]), source)
