"""
A histogram of bounded size whose buckets grow with the values.

The bucket of a value is the top of its bits as an IEEE 754 number: the exponent and the
first seven bits of the mantissa. So each power of two is cut into 128 equal buckets, a
block of values is binned by one shift and one count, and the middle of a bucket is
within 1/256 of every value in it.
"""

import math
from array import array

import numpy as np
import numpy.typing as npt

MANTISSA_BITS = 7
RELATIVE_ERROR = 1 / 256
# Values outside are counted at the edge: 10^-9 to 10^15 covers a nanosecond in
# milliseconds up to thirty thousand years, and petabytes.
SMALLEST = 2.0**-30
LARGEST = 2.0**50
_SHIFT = 52 - MANTISSA_BITS
_FIRST = int(np.float64(SMALLEST).view(np.int64)) >> _SHIFT
_LAST = int(np.float64(LARGEST).view(np.int64)) >> _SHIFT
# At most this many buckets, however many values there are.
BUCKETS_MAXIMUM = _LAST - _FIRST + 1

Counts = npt.NDArray[np.int64]


class Histogram:
    """
    Counts of values by size.

    Only the stretch of buckets between the smallest and the largest one used is kept.

    Attributes:
        zeros: How many values were zero (or nearer to it than the smallest bucket).

    """

    __slots__ = ("_counts", "_first", "_negatives", "zeros")

    def __init__(self) -> None:
        self._first = 0
        self._counts: Counts = np.zeros(0, np.int64)
        self._negatives: Histogram | None = None
        self.zeros = 0

    def add(self, values: "array[float] | npt.NDArray[np.float64]") -> None:
        """Count a block of finite values."""
        block = np.frombuffer(values, np.float64)
        positive = block[block >= SMALLEST]
        if len(positive):
            clipped = np.minimum(positive, LARGEST)
            self._count(clipped.view(np.int64) >> _SHIFT)
        if len(positive) == len(block):
            return
        negative = -block[block <= -SMALLEST]
        self.zeros += len(block) - len(positive) - len(negative)
        if len(negative):
            if self._negatives is None:
                self._negatives = Histogram()
            self._negatives.add(np.ascontiguousarray(negative))

    def merge(self, other: "Histogram") -> None:
        """Add all that ``other`` counted."""
        self.zeros += other.zeros
        if len(other._counts):
            self._cover(other._first, other._first + len(other._counts) - 1)
            start = other._first - self._first
            self._counts[start : start + len(other._counts)] += other._counts
        if other._negatives is not None:
            if self._negatives is None:
                self._negatives = Histogram()
            self._negatives.merge(other._negatives)

    @property
    def bucket_count(self) -> int:
        """The number of buckets that are kept."""
        below = 0 if self._negatives is None else self._negatives.bucket_count
        return len(self._counts) + below

    def values_at(self, ranks: list[int]) -> list[float]:
        """
        Return the values at these ranks, each within the relative error.

        Args:
            ranks: Ascending, from 0 (the smallest value counted) on.

        """
        edges, totals = self._ladder()
        steps = np.searchsorted(np.cumsum(totals), ranks, side="right")
        return [float(edges[min(step, len(edges) - 1)]) for step in steps.tolist()]

    def buckets(self) -> list[tuple[float, int]]:
        """Return middle and count of every bucket that is not empty, ascending."""
        edges, totals = self._ladder()
        return [
            (float(edge), int(total))
            for edge, total in zip(edges, totals, strict=True)
            if total
        ]

    def _ladder(self) -> tuple[npt.NDArray[np.float64], Counts]:
        middles = [self._middles()]
        counts = [self._counts]
        middles.insert(0, np.zeros(1))
        counts.insert(0, np.array([self.zeros], np.int64))
        if self._negatives is not None:
            middles.insert(0, -self._negatives._middles()[::-1])
            counts.insert(0, self._negatives._counts[::-1])
        return np.concatenate(middles), np.concatenate(counts)

    def _middles(self) -> npt.NDArray[np.float64]:
        indices = np.arange(
            self._first, self._first + len(self._counts), dtype=np.int64
        )
        lower = (indices << _SHIFT).view(np.float64)
        upper = ((indices + 1) << _SHIFT).view(np.float64)
        return (lower + upper) / 2

    def _count(self, indices: Counts) -> None:
        lowest, highest = int(indices.min()), int(indices.max())
        self._cover(lowest, highest)
        counted = np.bincount(indices - lowest, minlength=highest - lowest + 1)
        start = lowest - self._first
        self._counts[start : start + len(counted)] += counted

    def _cover(self, lowest: int, highest: int) -> None:
        """Keep at least the buckets from ``lowest`` to ``highest``."""
        if not len(self._counts):
            self._first = lowest
            self._counts = np.zeros(highest - lowest + 1, np.int64)
            return
        last = self._first + len(self._counts) - 1
        before = max(0, self._first - lowest)
        after = max(0, highest - last)
        if before or after:
            self._counts = np.pad(self._counts, (before, after))
            self._first -= before


def interpolated_rank(percentile: float, count: int) -> tuple[int, int, float]:
    """
    Return the two ranks around a percentile, and how far it lies from the first.

    Source:
        k6 v2.2, ``metrics/sink.go``: linear interpolation at ``p * (n - 1)``.
    """
    position = percentile / 100 * (count - 1)
    lower = math.floor(position)
    return lower, min(lower + 1, count - 1), position - lower
