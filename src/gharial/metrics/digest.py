"""A distribution as a few frozen numbers: to be kept, sent, added up and asked again."""

import math
from collections.abc import Iterable
from dataclasses import field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gharial.lazy_dataclass import dataclass
from gharial.metrics.histogram import Histogram, bucket_values
from gharial.metrics.sinks import TrendSink

_NONE: Final = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """
    Values of a trend, by buckets of ``histogram.RELATIVE_ERROR``.

    Attributes:
        count: How many values.
        sum: Their exact sum.
        minimum: The exact lowest; 0 if there is none.
        maximum: The exact highest; 0 if there is none.
        buckets: Numbers of the buckets that have values, ascending; a negative value's
            bucket has a negative number, zero's is 0 (see ``histogram.bucket_values``).
        counts: How many values each of them has.

    """

    count: int = 0
    sum: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0
    buckets: NDArray[np.int64] = field(default_factory=lambda: _NONE)
    counts: NDArray[np.int64] = field(default_factory=lambda: _NONE)

    @property
    def mean(self) -> float:
        """The average; 0 if there are no values."""
        return self.sum / self.count if self.count else 0.0

    def percentiles(self, percents: Iterable[float]) -> list[float]:
        """
        Return the values below which so many per cent of the values are.

        They are interpolated as `TrendSink.percentile` does, and 0 if there are no values.
        """
        wanted = list(percents)
        if not self.count:
            return [0.0] * len(wanted)
        values, ends = bucket_values(self.buckets), np.cumsum(self.counts)
        found = []
        for percent in wanted:
            place = percent / 100 * (self.count - 1)
            below = math.floor(place)
            above = min(below + 1, self.count - 1)
            lower, upper = (
                self._value_at(rank, values, ends) for rank in (below, above)
            )
            found.append(lower + (upper - lower) * (place - below))
        return found

    def coarse(self, parts_an_octave: int) -> list[tuple[float, int]]:
        """
        Return fewer buckets, for pictures.

        Args:
            parts_an_octave: Into how many each doubling is divided.

        Returns:
            For each that has values: the logarithm to the base of two of its lower bound,
            and how many. Values up to zero are left out.

        """
        is_positive = self.buckets > 0
        values = bucket_values(self.buckets[is_positive])
        places = np.floor(np.log2(values) * parts_an_octave).astype(np.int64)
        found, where = np.unique(places, return_inverse=True)
        counts = np.zeros(len(found), np.int64)
        np.add.at(counts, where, self.counts[is_positive])
        return [
            (place / parts_an_octave, count)
            for place, count in zip(found.tolist(), counts.tolist(), strict=True)
        ]

    def _value_at(
        self, rank: int, values: NDArray[np.float64], ends: NDArray[np.int64]
    ) -> float:
        if rank == 0:
            return self.minimum
        if rank == self.count - 1:
            return self.maximum
        value = float(values[np.searchsorted(ends, rank, side="right")])
        return min(max(value, self.minimum), self.maximum)


def digest_of(sink: TrendSink) -> Digest:
    """Return what a sink holds, without changing it."""
    histogram = Histogram()
    if sink.histogram is not None:
        histogram.absorb(sink.histogram)
    pending = sink.pending_values()
    if len(pending):
        histogram.record(pending)
    buckets, counts = histogram.sparse()
    return Digest(sink.count, sink.sum, sink.minimum, sink.maximum, buckets, counts)


def merged_digest(digests: Iterable[Digest]) -> Digest:
    """Return all values of several."""
    some = [digest for digest in digests if digest.count]
    if len(some) < 2:
        return some[0] if some else Digest()
    buckets, where = np.unique(
        np.concatenate([each.buckets for each in some]), return_inverse=True
    )
    counts = np.zeros(len(buckets), np.int64)
    np.add.at(counts, where, np.concatenate([each.counts for each in some]))
    return Digest(
        sum(each.count for each in some),
        math.fsum(each.sum for each in some),
        min(each.minimum for each in some),
        max(each.maximum for each in some),
        buckets,
        counts,
    )
