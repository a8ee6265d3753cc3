"""
JSON paths, compiled.

In a file of its own, since the library takes 50 ms to load and few scripts use it.

Source:
    RFC 9535.
"""

from functools import lru_cache
from typing import Any

import jsonpath


@lru_cache(maxsize=256)
def compiled(path: str) -> Any:
    """
    Return what finds values at a path.

    Raises:
        TypeError: If the path is none.

    """
    try:
        return jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        problem = str(error).partition("\n")[0]
        raise TypeError(f"{path!r} is not a valid JSON path: {problem}") from None
