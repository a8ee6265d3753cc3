"""What ``k6/data`` keeps once for all virtual users of a process."""

import json
from collections.abc import Callable
from typing import Any


class SharedArrays:
    """Arrays by name, each element as JSON text."""

    def __init__(self) -> None:
        self._arrays: dict[str, list[str]] = {}

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the module calls, by name."""
        return {
            "sharedElement": lambda name, index: self._arrays[name][int(index)],
            "sharedLength": self.length,
            "sharedPut": self.put,
        }

    def length(self, name: str) -> int:
        """Return how many elements there are, -1 if there is no such array."""
        array = self._arrays.get(name)
        return -1 if array is None else len(array)

    def put(self, name: str, texts: str) -> None:
        """Keep an array, given as a JSON array of its elements' texts."""
        self._arrays[name] = json.loads(texts)
