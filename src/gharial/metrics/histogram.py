"""
The distribution of many values in little space: a log-linear histogram.

A float's bit pattern, read as an integer, grows with its magnitude. Cut down to the
exponent and the first seven bits of the mantissa it is the number of a bucket; numpy does
that for a whole block of values at once. A bucket is 1/128 as wide as its lower bound, and
stands for its middle, hence the stated error.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MANTISSA_BITS: Final = 7
_SHIFT: Final = 52 - _MANTISSA_BITS
_MAGNITUDE: Final = 0x7FFF_FFFF_FFFF_FFFF
_OCTAVE: Final = 1 << _MANTISSA_BITS

RELATIVE_ERROR: Final = 1 / 256
"""How far a percentile may be from the exact one, as a share of the exact one."""

SMALLEST: Final = 2.0**-40
"""Magnitudes below this (a millionth of a nanosecond, if they are ms) count as zero."""

LARGEST: Final = 2.0**63
"""Magnitudes from this on share one bucket, which bounds the size."""


def _bucket(value: float) -> int:
    return int(np.float64(value).view(np.int64)) >> _SHIFT


_FIRST_BUCKET: Final = _bucket(SMALLEST)
_LAST_BUCKET: Final = _bucket(LARGEST)

BUCKETS_AT_MOST: Final = 2 * (_LAST_BUCKET - _FIRST_BUCKET + _OCTAVE) + 1
"""The most buckets that a histogram can ever have."""


class _Window:
    """Counts of the buckets in use: as wide as the values need, in whole octaves."""

    __slots__ = ("counts", "first")

    def __init__(self) -> None:
        self.first = 0
        self.counts: NDArray[np.int64] = np.zeros(0, np.int64)

    def add(self, first: int, counts: NDArray[np.int64]) -> None:
        """Add counts of adjacent buckets, of which ``first`` is the number of the first."""
        self._cover(first, first + len(counts))
        start = first - self.first
        self.counts[start : start + len(counts)] += counts

    def _cover(self, first: int, end: int) -> None:
        if len(self.counts):
            if self.first <= first and end <= self.first + len(self.counts):
                return
            first = min(first, self.first)
            end = max(end, self.first + len(self.counts))
        first -= first % _OCTAVE
        end += -end % _OCTAVE
        counts = np.zeros(end - first, np.int64)
        start = self.first - first if len(self.counts) else 0
        counts[start : start + len(self.counts)] = self.counts
        self.first, self.counts = first, counts

    def middles(self) -> NDArray[np.float64]:
        """Return the value that each bucket stands for."""
        bounds = np.arange(self.first, self.first + len(self.counts) + 1) << _SHIFT
        edges = bounds.view(np.float64)
        return (edges[:-1] + edges[1:]) / 2


class Histogram:
    """
    Counts of values by magnitude and sign.

    Its size depends on the range of the values, never on their number: one octave takes
    1 KiB, so 1 µs to 1 minute takes 26 KiB. Histograms add up without loss.
    """

    __slots__ = ("_negative", "_positive", "_zeros")

    def __init__(self) -> None:
        self._zeros = 0
        self._positive = _Window()
        self._negative = _Window()

    @property
    def count(self) -> int:
        """How many values it holds."""
        windows = self._positive.counts.sum() + self._negative.counts.sum()
        return int(windows) + self._zeros

    @property
    def buckets(self) -> int:
        """How many buckets it has at present."""
        return len(self._positive.counts) + len(self._negative.counts) + 1

    def record(self, values: NDArray[np.float64]) -> None:
        """Add values, none of which is NaN."""
        bits = values.view(np.int64)
        buckets = (bits & _MAGNITUDE) >> _SHIFT
        np.minimum(buckets, _LAST_BUCKET, out=buckets)
        is_zero = buckets < _FIRST_BUCKET
        is_negative = bits < 0
        # Nearly all blocks are positive throughout: then there is nothing to pick out.
        if not (is_zero.any() or is_negative.any()):
            _record(self._positive, buckets)
            return
        self._zeros += int(is_zero.sum())
        _record(self._positive, buckets[~is_zero & ~is_negative])
        _record(self._negative, buckets[~is_zero & is_negative])

    def absorb(self, other: "Histogram") -> None:
        """Add all that ``other`` holds; it stays as it is."""
        self._zeros += other._zeros
        for own, others in (
            (self._positive, other._positive),
            (self._negative, other._negative),
        ):
            if len(others.counts):
                own.add(others.first, others.counts)

    def ordered(self, ranks: NDArray[np.int64]) -> NDArray[np.float64]:
        """
        Return the values at places of the ascending order.

        Args:
            ranks: Places, from 0 to ``count - 1``.

        Returns:
            Values that are off by `RELATIVE_ERROR` at most, where the magnitude is
            between `SMALLEST` and `LARGEST`.

        """
        values = np.concatenate(
            (-self._negative.middles()[::-1], [0.0], self._positive.middles())
        )
        counts = np.concatenate(
            (self._negative.counts[::-1], [self._zeros], self._positive.counts)
        )
        places: NDArray[np.float64] = values[
            np.searchsorted(np.cumsum(counts), ranks, side="right")
        ]
        return places

    def sparse(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """
        Return the buckets that have values: their numbers, ascending, and counts.

        A positive value's number is that of its bucket, a negative value's is minus that
        of its magnitude's; 0 stands for zero. `bucket_values` tells what they stand for.
        """
        parts = []
        for sign, window in ((-1, self._negative), (1, self._positive)):
            used = np.flatnonzero(window.counts)
            parts.append((sign * (window.first + used), window.counts[used]))
        (below, below_counts), (above, above_counts) = parts
        zero = np.zeros(1 if self._zeros else 0, np.int64)
        return (
            np.concatenate((below[::-1], zero, above)),
            np.concatenate((below_counts[::-1], zero + self._zeros, above_counts)),
        )


def bucket_values(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the values, the middles, that buckets of `Histogram.sparse` stand for."""
    magnitudes = np.abs(numbers).astype(np.int64)
    lower = (magnitudes << _SHIFT).view(np.float64)
    upper = ((magnitudes + 1) << _SHIFT).view(np.float64)
    values: NDArray[np.float64] = np.sign(numbers) * (lower + upper) / 2
    return values


def _record(window: _Window, buckets: NDArray[np.int64]) -> None:
    if len(buckets):
        first = int(buckets.min())
        window.add(first, np.bincount(buckets - first).astype(np.int64, copy=False))
