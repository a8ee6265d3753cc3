# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""
The sizes of messages as they arrive: all that the hot path measures.

Compiled where that could be done (``size_list.pxd`` says how it looks in C); in plain
Python it does the same.
"""

from array import array

_LEAST_CAPACITY = 16


class SizeList:
    """Sizes in bytes, until somebody takes them."""

    __slots__ = ("_capacity", "_length", "_sizes", "_view")

    def __init__(self) -> None:
        self._sizes = array("d")
        # The same; in C where the sizes are, so that a call of Python's is spared.
        self._view = self._sizes
        self._length = 0
        self._capacity = 0

    def add(self, size: float) -> None:
        """Add a size."""
        if self._length == self._capacity:
            self._grow()
        self._view[self._length] = size
        self._length += 1

    def take(self) -> "array[float]":
        """Return what has come since the last time, and forget it."""
        taken = self._sizes[: self._length]
        self._sizes = self._view = array("d")
        self._length = self._capacity = 0
        return taken

    def __call__(self, size: float, at_s: float = 0.0) -> None:
        """Add a size; it does not matter when the message came."""
        self.add(size)

    def _grow(self) -> None:
        capacity = max(_LEAST_CAPACITY, 2 * self._capacity)
        grown = array("d", bytes(capacity * 8))
        grown[: self._length] = self._sizes
        self._sizes = self._view = grown
        self._capacity = capacity
