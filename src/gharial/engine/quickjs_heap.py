"""
The memory limit of a QuickJS heap, which several contexts may share.

The limit is each context's. One that has a heap of its own is held to it as it is. Where
several share a heap, it is looked into once all of them together take more than one may:
from then on each task's growth counts for its context (see ``heap_shares.py``), and the
collector runs between tasks only. One is stopped when it takes more than its limit for
certain, or when all together take more than all of them may.
"""

import ctypes
from collections.abc import Sequence
from typing import Protocol

from gharial.engine.heap_shares import HeapShares

# An engine without memory for even the smallest thing may crash while it throws: the
# object of an error can be freed while its stack is noted. So a script is stopped at its
# limit, and the engine's own one lies higher by what a script can take in between.
HEADROOM_BYTES = 32 * 1024 * 1024
# What a context may add before the collector runs, on top of the engine's own half.
STARTING_BYTES = 256 * 1024
# The collector does not run by itself.
_NEVER = 1 << 62


class Runtime(Protocol):
    """What is used of the binding's runtime."""

    def set_memory_limit(self, limit: int) -> None:
        """Let allocations fail that go beyond it."""
        ...

    def set_gc_threshold(self, threshold: int) -> None:
        """Let the collector run when the heap is larger."""
        ...

    def run_gc(self) -> None:
        """Run the collector."""
        ...


class QuickJsHeap:
    """
    One heap.

    Attributes:
        size: Where the engine keeps its size; None where that is not known.
        size_view: The same as the only item of a sequence, which is faster to read; 0 where
            it is not known.
        looked_at_above: Each task's end is to be looked at while the size is above this.
        looked_at_above_bytes: The same number.

    """

    def __init__(
        self, runtime: Runtime, limit_bytes: int, size: "ctypes.c_uint64 | None"
    ) -> None:
        """
        Limit a heap.

        Args:
            runtime: The binding's.
            limit_bytes: What each context may take.
            size: Where the engine keeps the size of the heap, in bytes.

        """
        self._runtime = runtime
        self._limit_bytes = limit_bytes
        self._headroom_bytes = max(HEADROOM_BYTES, limit_bytes // 4)
        self._sharers: set[int] = set()
        self._shares = HeapShares()
        self._is_watched = False
        self._collected_at_bytes = 0
        self.size = size
        self.size_view: Sequence[int] = (0,)
        if size is not None:
            self.size_view = memoryview(size).cast("B").cast("Q")
        self.looked_at_above = ctypes.c_uint64(_NEVER)
        self.looked_at_above_bytes = _NEVER
        self._set_limits()

    def joined(self, sharer: int) -> None:
        """Count one context more, which is to start without the collector's help."""
        self._sharers.add(sharer)
        if self.size is not None and not self._is_watched:
            # The engine's own threshold begins at 256 KB. It would look through the whole
            # heap again and again while twenty start, and find nothing.
            self._runtime.set_gc_threshold(self.size.value * 3 // 2 + STARTING_BYTES)
        self._set_limits()

    def left(self, sharer: int) -> None:
        """Count one context less, whose objects are gone."""
        self._sharers.discard(sharer)
        if self.size is not None:
            self._shares.left(sharer, self.size.value)
        if self._is_watched and len(self._sharers) < 2:
            self._unwatch()
        self._set_limits()

    def collect(self) -> None:
        """Run the collector."""
        if self.size is None:
            self._runtime.run_gc()
        else:
            self._collect()

    def over_limit_bytes(self, sharer: int) -> int:
        """
        Return which limit is exceeded, in a task of the context or at its end; 0 for none.

        It is that of the context, or what all that share the heap may take together. It
        is returned once, when it is found out.
        """
        if self.size is None or self.size.value <= self._limit_bytes:
            return 0
        if len(self._sharers) > 1:
            if not self._is_watched:
                self._watch()
                return 0
            self._take_note(sharer)
        grown_bytes = self.size.value - self._collected_at_bytes
        if self._exceeded_bytes(sharer) and grown_bytes > self._limit_bytes // 16:
            # Some of that may be garbage. The collector takes its time: not for a trifle.
            self._collect()
            return self._exceeded_bytes(sharer)
        return 0

    def _exceeded_bytes(self, sharer: int) -> int:
        assert self.size is not None
        if len(self._sharers) < 2:
            return self._limit_bytes if self.size.value > self._limit_bytes else 0
        if self._shares.certain_bytes(sharer) > self._limit_bytes:
            return self._limit_bytes
        together_bytes = self._limit_bytes * len(self._sharers)
        return together_bytes if self.size.value > together_bytes else 0

    def _take_note(self, sharer: int) -> None:
        assert self.size is not None
        self._shares.ran(sharer, self.size.value)
        if self.size.value > self._collected_at_bytes * 3 // 2:
            # As often as the engine itself would.
            self._collect()
        self._set_limits()

    def _collect(self) -> None:
        assert self.size is not None
        self._runtime.run_gc()
        self._shares.collected(self.size.value)
        self._collected_at_bytes = self.size.value
        if self._is_watched and self.size.value < self._limit_bytes // 2:
            self._unwatch()

    def _watch(self) -> None:
        assert self.size is not None
        self._is_watched = True
        self._runtime.set_gc_threshold(_NEVER)
        self._runtime.run_gc()
        self._shares.begin(self.size.value)
        self._collected_at_bytes = self.size.value
        self._set_limits()

    def _unwatch(self) -> None:
        assert self.size is not None
        self._is_watched = False
        self._runtime.set_gc_threshold(self.size.value * 3 // 2)
        self._set_limits()

    def _set_limits(self) -> None:
        """Set the engine's own limit: what a task may add to the heap, and a bit more."""
        if self.size is None:
            shared = min(len(self._sharers), 2) or 1
            self._runtime.set_memory_limit(self._limit_bytes * shared)
            return
        before_bytes, looked_at_above_bytes = 0, self._limit_bytes
        if self._is_watched:
            before_bytes, looked_at_above_bytes = self.size.value, 0
        elif len(self._sharers) > 1:
            before_bytes = self._limit_bytes
        self.looked_at_above_bytes = looked_at_above_bytes
        self.looked_at_above.value = looked_at_above_bytes
        self._runtime.set_memory_limit(
            before_bytes + self._limit_bytes + self._headroom_bytes
        )
