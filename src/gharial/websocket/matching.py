"""Decides which message answers a request: by a function, or by a path and a value."""

import json
from collections.abc import Callable, Mapping
from typing import Any

Matches = Callable[[Any], bool]

_NOT_GIVEN = object()


def matcher(match: object) -> Matches:
    """
    Return a function that tells whether a message's data is the one that is waited for.

    Args:
        match: None for any message; a function of the data; or a mapping of ``path``, a
            JSON path, and ``value``, which something at that path is to equal (without
            it, something is to be there).

    Raises:
        TypeError: If it is something else, or the path is none.

    Source:
        RFC 9535 for paths.

    """
    if match is None:
        return lambda data: True
    if callable(match):
        function: Callable[[Any], object] = match
        return lambda data: bool(function(data))
    if not isinstance(match, Mapping) or not match.keys() <= {"path", "value"}:
        raise TypeError(
            f"match is a function, or has path and value, such as "
            f"path '$.id' and value 7; not {match!r}"
        )
    return json_matcher(match.get("path"), match.get("value", _NOT_GIVEN))


def json_matcher(path: object, value: object = _NOT_GIVEN) -> Matches:
    """
    Return a function that tells whether a text is JSON with a value at a path.

    What is no text, or no JSON, does not match.

    Raises:
        TypeError: If the path is none.

    """
    if not isinstance(path, str):
        raise TypeError(f"the path of a match is a string such as '$.id', not {path!r}")
    from gharial.websocket.json_paths import compiled  # It loads slowly.

    wanted = compiled(path)

    def matches(data: Any) -> bool:
        if not isinstance(data, str):
            return False
        try:
            found = wanted.findall(json.loads(data))
        except (ValueError, RecursionError):
            return False
        if value is _NOT_GIVEN:
            return bool(found)
        return any(_are_equal(one, value) for one in found)

    return matches


def _are_equal(one: object, other: object) -> bool:
    # In JSON, true is not 1; in Python it is.
    return isinstance(one, bool) is isinstance(other, bool) and one == other
