"""The parameters of a socket that the standard does not know: k6's third argument."""

from collections.abc import Mapping
from typing import Any


def read_params(
    params: Mapping[str, Any] | None, given: dict[str, Any]
) -> dict[str, Any]:
    """
    Return headers, tags, jar and compression.

    Args:
        params: A mapping of any of them, as in k6.
        given: The same as single arguments, which win; None for what was not given.

    Raises:
        TypeError: For a name that is not known, or a wrong value.

    """
    for name, value in (params or {}).items():
        if name not in given:
            raise TypeError(
                f"unknown WebSocket parameter {name!r}; known are {', '.join(given)}"
            )
        if given[name] is None:
            given[name] = value
    given["headers"] = dict(given["headers"] or {})
    tags = {}
    for name, value in (given["tags"] or {}).items():
        if not isinstance(value, (str, int, float)):
            raise TypeError(f"the tag {name!r} must be a text, a number or a boolean")
        tags[name] = str(value).lower() if isinstance(value, bool) else str(value)
    given["tags"] = tags
    compression = given["compression"]
    if compression is not None and str(compression).strip() != "deflate":
        raise TypeError(
            f"unsupported compression algorithm {compression!r}; supported is 'deflate'"
        )
    return given
