"""Source maps for tests: encoded here, so that what decodes them has something to meet."""

import base64
import json
import string
from collections.abc import Iterable, Sequence
from typing import Any

_DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"

Segment = tuple[int, ...]
"""Column; then, if it is known: number of the source, line, column; all from 0."""


def mappings(lines: Iterable[Sequence[Segment]]) -> str:
    """Return the ``mappings`` of a bundle, given the segments of each of its lines."""
    written = []
    before = (0, 0, 0)
    for line in lines:
        column = 0
        parts = []
        for segment in line:
            part = _number(segment[0] - column)
            column = segment[0]
            if len(segment) > 1:
                rest = segment[1:4]
                part += "".join(
                    _number(now - then) for now, then in zip(rest, before, strict=True)
                )
                before = (rest[0], rest[1], rest[2])
            parts.append(part)
        written.append(",".join(parts))
    return ";".join(written)


def source_map(
    lines: Iterable[Sequence[Segment]], sources: Sequence[str], **more: Any
) -> dict[str, Any]:
    """Return a source map, as JSON has it."""
    return {
        "version": 3,
        "sources": list(sources),
        "names": [],
        "mappings": mappings(lines),
        **more,
    }


def embedded(given: Any) -> str:
    """Return the comment that embeds a map in its bundle."""
    data = base64.b64encode(json.dumps(given).encode()).decode()
    return f"//# sourceMappingURL=data:application/json;base64,{data}"


def _number(value: int) -> str:
    rest = abs(value) << 1 | (value < 0)
    digits = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        digits += _DIGITS[digit | 32 if rest else digit]
        if not rest:
            return digits
