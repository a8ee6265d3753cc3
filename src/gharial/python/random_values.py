"""
Random values and other small things that scripts need: the jslib utilities.

They draw from the virtual user's own generator, so that a seed makes them repeatable.
"""

import uuid
from collections.abc import Sequence
from random import Random
from typing import Literal, TypeVar, overload

from gharial.python.current import CURRENT

Item = TypeVar("Item")

LOWER_CASE = "abcdefghijklmnopqrstuvwxyz"

_OUTSIDE = Random()


def random_seed(seed: int) -> None:
    """Seed this virtual user's random values, so that they are repeatable."""
    _generator().seed(seed)


def random_int_between(minimum: int, maximum: int) -> int:
    """Return a random whole number, both ends included."""
    return _generator().randint(minimum, maximum)


def random_string(length: int, charset: str = LOWER_CASE) -> str:
    """Return a string of random characters from ``charset``."""
    return "".join(_generator().choices(charset, k=length))


def random_item(items: Sequence[Item]) -> Item:
    """
    Return one of the items.

    Raises:
        IndexError: If there are none.

    """
    return _generator().choice(items)


def uuidv4(*, secure: bool = False) -> str:
    """
    Return a random UUID (version 4) as a string.

    Args:
        secure: Whether to take it from the system's source of secrets, which no seed
            makes repeatable.

    """
    if secure:
        return str(uuid.uuid4())
    return str(uuid.UUID(int=_generator().getrandbits(128), version=4))


@overload
def find_between(
    content: str, left: str, right: str, *, repeat: Literal[False] = False
) -> str | None: ...


@overload
def find_between(
    content: str, left: str, right: str, *, repeat: Literal[True]
) -> list[str] | None: ...


def find_between(
    content: str, left: str, right: str, *, repeat: bool = False
) -> str | list[str] | None:
    """
    Return the string between two others.

    Args:
        content: Where to look.
        left: What comes before.
        right: What comes after.
        repeat: Whether to return a list of all, rather than the first.

    Returns:
        None if there is no such string.

    """
    found: list[str] = []
    position = 0
    while (start := content.find(left, position)) >= 0:
        start += len(left)
        end = content.find(right, start)
        if end < 0:
            break
        if not repeat:
            return content[start:end]
        found.append(content[start:end])
        if end + len(right) <= position:
            # Nothing lies between nothing and nothing, again and again.
            break
        position = end + len(right)
    return found or None


def _generator() -> Random:
    instance = CURRENT.get()
    # Outside of a run they are of use too, for example in a test of the script.
    return _OUTSIDE if instance is None else instance.random
