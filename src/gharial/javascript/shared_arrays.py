"""What ``k6/data`` keeps once for all virtual users of a process."""

import json
from collections.abc import Callable
from typing import Any


class SharedArrays:
    """Arrays by name, each element as JSON text."""

    def __init__(self) -> None:
        self._arrays: dict[str, list[str]] = {}
        # Those that are on their way over from a script.
        self._parts: dict[str, list[str]] = {}

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the module calls, by name."""
        return {
            "sharedAppend": self.append,
            "sharedDone": self.done,
            "sharedElement": lambda name, index: self._arrays[name][int(index)],
            "sharedLength": self.length,
        }

    def length(self, name: str) -> int:
        """Return how many elements there are, -1 if there is no such array."""
        array = self._arrays.get(name)
        return -1 if array is None else len(array)

    def append(self, name: str, texts: str) -> None:
        """Keep more elements of an array, given as a JSON array of their texts."""
        self._parts.setdefault(name, []).extend(json.loads(texts))

    def keep(self, name: str, texts: list[str]) -> None:
        """Keep an array that was made here, each element as JSON text."""
        self._arrays[name] = texts

    def done(self, name: str) -> None:
        """Let an array be seen, now that all of it is there."""
        self._arrays[name] = self._parts.pop(name)
