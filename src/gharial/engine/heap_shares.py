"""
How much of a shared heap each virtual user certainly uses.

The engine does not say whose an object is. But only one sharer runs at a time: what the
heap grows by meanwhile is its own. What the collector frees may be anybody's. So a sharer
takes at least what it has added, less all that was collected since; nobody is blamed for
what a neighbour took.
"""


class HeapShares:
    """What the sharers of one heap have added to it, by their numbers."""

    def __init__(self) -> None:
        self._added_bytes: dict[int, int] = {}
        self._collected_bytes = 0
        self._size_bytes = 0

    def begin(self, size_bytes: int) -> None:
        """Count from now on, in a heap of this size from which all garbage is gone."""
        self._added_bytes.clear()
        self._collected_bytes = 0
        self._size_bytes = size_bytes

    def ran(self, sharer: int, size_bytes: int) -> None:
        """Count what the heap has grown by since the last call as the sharer's."""
        before = self._added_bytes.get(sharer, 0)
        self._added_bytes[sharer] = before + size_bytes - self._size_bytes
        self._size_bytes = size_bytes

    def collected(self, size_bytes: int) -> None:
        """Take note that the collector has run, and nobody else."""
        self._collected_bytes += max(0, self._size_bytes - size_bytes)
        self._size_bytes = size_bytes

    def left(self, sharer: int, size_bytes: int) -> None:
        """Forget a sharer, whose objects are gone."""
        self._added_bytes.pop(sharer, None)
        self._size_bytes = size_bytes

    def certain_bytes(self, sharer: int) -> int:
        """Return what a sharer takes at the least."""
        return self._added_bytes.get(sharer, 0) - self._collected_bytes
