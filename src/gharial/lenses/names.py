"""
Operations out of what applications name their events, methods and topics.

The parts that look like ids are replaced by ``*``: a series for each user, room or device
would tell nothing, and there could be any number of them.
"""

import re
from functools import lru_cache

LENGTH_MAXIMUM = 100
"""Characters of an operation; what is longer is cut."""

_KNOWN_NAMES = 4_096

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
# Of one part between two of the usual separators: digits alone, a UUID, a long number of
# base 16, or what is long and has several digits in it.
_ID = re.compile(
    rf"\d+|{_UUID}|(?=[^\d]*\d)[0-9a-fA-F]{{8,}}|(?=(?:[^\d]*\d){{3}})[\w\-]{{16,}}"
)
_SEPARATORS = re.compile(r"([/.:|# ])")
_LAST_NUMBER = re.compile(r"\d+$")


@lru_cache(_KNOWN_NAMES)
def method_name(written: str) -> str:
    """Return the name of an event or a method, without the parts of it that are ids."""
    return _without(written, numbered=False)


@lru_cache(_KNOWN_NAMES)
def topic_pattern(written: str) -> str:
    """Return a topic, channel or path without ids; numbers at the end of parts are some."""
    return _without(written, numbered=True)


def _without(written: str, *, numbered: bool) -> str:
    if len(written) > LENGTH_MAXIMUM * 4:
        written = written[: LENGTH_MAXIMUM * 4]
    parts = _SEPARATORS.split(written)
    for place, part in enumerate(parts):
        if _ID.fullmatch(part):
            parts[place] = "*"
        elif numbered:
            parts[place] = _LAST_NUMBER.sub("*", part)
    made = "".join(parts)
    return f"{made[: LENGTH_MAXIMUM - 1]}…" if len(made) > LENGTH_MAXIMUM else made
