"""Which virtual users share a heap of the engine."""

from typing import Generic, TypeVar

from gharial.engine.port import JsGroup

# A heap that takes more gets no further context: sharing saves 44 KB each, and one that
# takes much makes the collector slow for the others.
SHARED_BYTES_MAXIMUM = 8 * 1024 * 1024

Member = TypeVar("Member")


class SharedHeap(Generic[Member]):
    """
    One heap.

    Attributes:
        group: The engine's contexts in it.
        members: Those whose contexts they are.
        is_full: Whether one of them has filled it, so that no other is to join.

    """

    def __init__(self, group: JsGroup, all_heaps: "list[SharedHeap[Member]]") -> None:
        self.group = group
        self.members: list[Member] = []
        self.is_full = False
        self._all_heaps = all_heaps

    def has_room(self, members_maximum: int) -> bool:
        """Return whether one more may join."""
        return (
            len(self.members) < members_maximum
            and not self.is_full
            and self.group.memory_bytes() <= SHARED_BYTES_MAXIMUM
        )

    def leave(self, member: Member) -> None:
        """Forget one of them; the heap goes when it was the last."""
        if member in self.members:
            self.members.remove(member)
            if not self.members and self in self._all_heaps:
                self._all_heaps.remove(self)


class Heaps(Generic[Member]):
    """All heaps of one script."""

    def __init__(self) -> None:
        self._heaps: list[SharedHeap[Member]] = []

    def with_room(self, members_maximum: int) -> SharedHeap[Member] | None:
        """Return the latest heap if one more may join it."""
        if self._heaps and self._heaps[-1].has_room(members_maximum):
            return self._heaps[-1]
        return None

    def add(self, group: JsGroup) -> SharedHeap[Member]:
        """Return a heap that is the latest from now on."""
        heap = SharedHeap[Member](group, self._heaps)
        self._heaps.append(heap)
        return heap

    def clear(self) -> None:
        """Forget all of them."""
        self._heaps.clear()
