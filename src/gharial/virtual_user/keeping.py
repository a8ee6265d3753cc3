"""Describes what keeps an iteration from ending."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from gharial.virtual_user.operations import Operation
from gharial.virtual_user.timers import Timer

SHOWN_MAXIMUM = 5


def what_keeps(
    operations: Iterable[Operation],
    timers: Iterable[Timer],
    place_of: Callable[[Any], str],
) -> list[str]:
    """
    Return what an iteration waits for, each in a few words.

    Nothing is noted for this while the iteration runs: a timer's function knows where it
    was written.

    Args:
        operations: Its sockets, requests and tasks.
        timers: Its timers.
        place_of: Returns where a function of the script's was written.

    """
    found = [operation.description for operation in operations]
    for timer in timers:
        callback = timer.callback
        # Both languages set a timer with a function of ours that calls the script's.
        own = (
            callback.args[0]
            if isinstance(callback, partial) and callback.args
            else None
        )
        place = place_of(own) if own is not None else ""
        found.append(f"{timer.name} {timer.id}{f' of {place}' if place else ''}")
    return found


def listed(found: Sequence[str]) -> str:
    """Return the first few as one string, with the number of the others."""
    text = "; ".join(found[:SHOWN_MAXIMUM])
    more = len(found) - SHOWN_MAXIMUM
    return f"{text}; and {more} more" if more > 0 else text
