"""
Our histograms as exponential ones, which Prometheus and OpenTelemetry take.

An exponential histogram of scale ``s`` has buckets that grow by the factor
``2 ** 2 ** -s``; ours have 128 of equal width in each octave. A value is first counted in
our bucket, then in the exponential one in which the middle of ours lies. So it is counted
where a value belongs that is off by `histogram.RELATIVE_ERROR` (0.4%) at most. At
`SCALE` a bucket is 2.2% wide: a quantile that is read from the buckets is within 2.6% of
the exact one, whatever point of the bucket the reader takes. Count, sum, and each value's
sign are exact. The same value always goes to the same bucket, so the counts of a running
total never fall, which readers would take for a restart.

Source:
    OpenTelemetry's data model for metrics, "ExponentialHistogram"; Prometheus' native
    histograms number the same buckets one higher, as they name the upper bound.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gharial.lazy_dataclass import dataclass
from gharial.metrics.histogram import SMALLEST, Histogram, bucket_values
from gharial.metrics.sinks import TrendSink

SCALE: Final = 5
"""A finer scale than our own buckets would be false precision."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """
    Buckets that have values.

    Attributes:
        indexes: Their numbers, ascending: number ``i`` holds magnitudes above
            ``base ** i``, up to and with ``base ** (i + 1)``.
        counts: As many counts, none of them zero.

    """

    indexes: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def width(self) -> int:
        """How many buckets there are from the first to the last, empty ones too."""
        return int(self.indexes[-1] - self.indexes[0]) + 1 if len(self.indexes) else 0

    def dense(self) -> tuple[int, list[int]]:
        """Return the first bucket's number, and counts from there without a gap."""
        if not len(self.indexes):
            return 0, []
        first = int(self.indexes[0])
        counts = np.bincount(self.indexes - first, weights=self.counts)
        return first, [int(count) for count in counts]

    def halved(self) -> "Buckets":
        """Return buckets of the next coarser scale."""
        return _buckets(self.indexes >> 1, self.counts)


@dataclass(frozen=True, slots=True)
class ExponentialHistogram:
    """
    A distribution.

    Attributes:
        scale: How fine its buckets are.
        count: How many values there are.
        sum: Their sum.
        zero_count: How many of them are zero, or as good as.
        zero_threshold: Magnitudes up to which they are.
        positive: Those above.
        negative: Those below, by magnitude.

    """

    scale: int
    count: int
    sum: float
    zero_count: int
    zero_threshold: float
    positive: Buckets
    negative: Buckets


def exponential(
    sink: TrendSink, *, factor: float = 1.0, width_maximum: int | None = None
) -> ExponentialHistogram:
    """
    Return a trend's values as an exponential histogram.

    Args:
        sink: The values.
        factor: What to multiply them by: 1/1000 makes seconds of milliseconds.
        width_maximum: The most buckets from the first to the last of one sign; the scale
            becomes coarser, down to 0, until they are no more. None for no limit.

    """
    histogram = Histogram()
    if sink.histogram is not None:
        histogram.absorb(sink.histogram)
    histogram.record(sink.pending_values())
    numbers, counts = histogram.sparse()
    values = bucket_values(numbers) * factor
    positive = _scaled(values[numbers > 0], counts[numbers > 0])
    negative = _scaled(-values[numbers < 0], counts[numbers < 0])
    scale = SCALE
    while (
        width_maximum is not None
        and scale > 0
        and max(positive.width, negative.width) > width_maximum
    ):
        positive, negative, scale = positive.halved(), negative.halved(), scale - 1
    return ExponentialHistogram(
        scale,
        histogram.count,
        sink.sum * factor,
        int(counts[numbers == 0].sum()),
        SMALLEST * factor,
        positive,
        negative,
    )


def _scaled(magnitudes: NDArray[np.float64], counts: NDArray[np.int64]) -> Buckets:
    indexes = np.ceil(np.log2(magnitudes) * 2**SCALE).astype(np.int64) - 1
    return _buckets(indexes, counts)


def _buckets(indexes: NDArray[np.int64], counts: NDArray[np.int64]) -> Buckets:
    unique, places = np.unique(indexes, return_inverse=True)
    sums = np.zeros(len(unique), np.int64)
    np.add.at(sums, places, counts)
    return Buckets(unique, sums)
