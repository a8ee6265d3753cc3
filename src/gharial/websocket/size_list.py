"""
The sizes of messages as they arrive: all that the hot path measures.

``size_list.pyx`` is the same in C, and takes the place of this file where it could be
compiled.
"""

from array import array


class SizeList:
    """
    Sizes in bytes, until somebody takes them.

    Attributes:
        append: Adds a size; a function in C.

    """

    __slots__ = ("_sizes", "append")

    def __init__(self) -> None:
        self._sizes = array("d")
        self.append = self._sizes.append

    def take(self) -> "array[float]":
        """Return what has come since the last time, and forget it."""
        taken = self._sizes[:]
        del self._sizes[:]
        return taken

    def __call__(self, size: float, at_s: float = 0.0) -> None:
        """Add a size; it does not matter when the message came."""
        self.append(size)
