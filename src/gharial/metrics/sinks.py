"""
Where values of one metric with one set of tags are added up.

``add`` is on the path of a message: a counter adds, a trend appends to an array of plain
doubles that is binned in blocks (measured: about 60 ns a value, all included).
"""

import math
from array import array
from typing import Protocol, Self

from gharial.metrics.histogram import Histogram, interpolated_rank
from gharial.metrics.metric import MetricType

BLOCK_VALUES = 8_192


class Sink(Protocol):
    """What all sinks have in common."""

    def add(self, value: float) -> None:
        """Add one value."""
        ...

    def merge(self, other: Self) -> None:
        """Add all that ``other`` has."""
        ...

    def take(self) -> Self:
        """Return a sink with all that was added since the last call, and forget it."""
        ...

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added."""
        ...


class CounterSink:
    """
    A sum.

    Attributes:
        value: The sum; ``sink.value += n`` is the cheapest way to add.

    """

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: float = 0

    def add(self, value: float) -> None:
        """Add one value."""
        self.value += value

    def merge(self, other: Self) -> None:
        """Add the other's sum."""
        self.value += other.value

    def take(self) -> Self:
        """Return what was added since the last call, and forget it."""
        taken = type(self)()
        taken.value, self.value = self.value, 0
        return taken

    @property
    def is_empty(self) -> bool:
        """Whether the sum is zero."""
        return not self.value


class GaugeSink:
    """
    The last value, with the smallest and the largest.

    Attributes:
        value: The last value.
        minimum: The smallest value; infinity if there was none.
        maximum: The largest value; minus infinity if there was none.

    """

    __slots__ = ("maximum", "minimum", "value")

    def __init__(self) -> None:
        self.value = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf

    def add(self, value: float) -> None:
        """Take a value as the present one."""
        self.value = value
        if value < self.minimum:
            self.minimum = value
        if value > self.maximum:
            self.maximum = value

    def merge(self, other: Self) -> None:
        """Take the other's last value as the present one."""
        if not other.is_empty:
            self.value = other.value
            self.minimum = min(self.minimum, other.minimum)
            self.maximum = max(self.maximum, other.maximum)

    def take(self) -> Self:
        """Return what was added since the last call, and forget it."""
        taken = type(self)()
        taken.value = self.value
        taken.minimum, self.minimum = self.minimum, math.inf
        taken.maximum, self.maximum = self.maximum, -math.inf
        return taken

    @property
    def is_empty(self) -> bool:
        """Whether there was no value."""
        return self.minimum > self.maximum


class RateSink:
    """
    How many of all values were not zero.

    Attributes:
        passes: Values that were not zero.
        total: All values.

    """

    __slots__ = ("passes", "total")

    def __init__(self) -> None:
        self.passes = 0
        self.total = 0

    def add(self, value: float) -> None:
        """Count one value."""
        self.total += 1
        if value:
            self.passes += 1

    def merge(self, other: Self) -> None:
        """Add the other's counts."""
        self.passes += other.passes
        self.total += other.total

    def take(self) -> Self:
        """Return what was added since the last call, and forget it."""
        taken = type(self)()
        taken.passes, self.passes = self.passes, 0
        taken.total, self.total = self.total, 0
        return taken

    @property
    def rate(self) -> float:
        """The share of values that were not zero; 0 if there are none."""
        return self.passes / self.total if self.total else 0.0

    @property
    def is_empty(self) -> bool:
        """Whether there was no value."""
        return not self.total


class TrendSink:
    """
    A distribution: exact count, sum, minimum and maximum, and a histogram of the rest.

    Percentiles are within :data:`gharial.metrics.histogram.RELATIVE_ERROR` of the exact
    ones.
    """

    __slots__ = ("_binned", "_block", "_histogram", "_maximum", "_minimum", "_sum")

    def __init__(self) -> None:
        self._block: array[float] = array("d")
        self._histogram = Histogram()
        self._binned = 0
        self._sum = 0.0
        self._minimum = math.inf
        self._maximum = -math.inf

    def add(self, value: float) -> None:
        """Add one finite value."""
        block = self._block
        block.append(value)
        if len(block) >= BLOCK_VALUES:
            self._bin()

    def merge(self, other: Self) -> None:
        """Add all of the other's values."""
        self._bin()
        other._bin()
        self._histogram.merge(other._histogram)
        self._binned += other._binned
        self._sum += other._sum
        self._minimum = min(self._minimum, other._minimum)
        self._maximum = max(self._maximum, other._maximum)

    def take(self) -> Self:
        """Return what was added since the last call, and forget it."""
        taken = type(self)()
        taken.merge(self)
        self._histogram = Histogram()
        self._binned = 0
        self._sum = 0.0
        self._minimum, self._maximum = math.inf, -math.inf
        return taken

    @property
    def count(self) -> int:
        """The number of values."""
        return self._binned + len(self._block)

    @property
    def sum(self) -> float:
        """The sum of all values."""
        self._bin()
        return self._sum

    @property
    def minimum(self) -> float:
        """The smallest value, exactly; 0 if there is none."""
        self._bin()
        return self._minimum if self._binned else 0.0

    @property
    def maximum(self) -> float:
        """The largest value, exactly; 0 if there is none."""
        self._bin()
        return self._maximum if self._binned else 0.0

    @property
    def average(self) -> float:
        """The mean of all values; 0 if there is none."""
        return self.sum / self.count if self.count else 0.0

    @property
    def is_empty(self) -> bool:
        """Whether there was no value."""
        return not self.count

    @property
    def histogram(self) -> Histogram:
        """The counts by size; borrowed, it changes as values are added."""
        self._bin()
        return self._histogram

    def percentile(self, percentile: float) -> float:
        """
        Return the value that so many percent of all values do not exceed.

        Args:
            percentile: 0 to 100.

        Returns:
            0 if there are no values; the minimum and the maximum exactly at the ends.

        """
        self._bin()
        if not self._binned:
            return 0.0
        lower, upper, fraction = interpolated_rank(percentile, self._binned)
        low, high = (
            self._exact_at(rank, value)
            for rank, value in zip(
                (lower, upper), self._histogram.values_at([lower, upper]), strict=True
            )
        )
        return low + (high - low) * fraction

    def _exact_at(self, rank: int, value: float) -> float:
        if rank == 0:
            return self._minimum
        if rank == self._binned - 1:
            return self._maximum
        return min(max(value, self._minimum), self._maximum)

    def _bin(self) -> None:
        block = self._block
        if not block:
            return
        self._histogram.add(block)
        self._binned += len(block)
        self._sum += math.fsum(block)
        self._minimum = min(self._minimum, min(block))
        self._maximum = max(self._maximum, max(block))
        self._block = array("d")

    def __getstate__(self) -> tuple[object, ...]:
        self._bin()
        return (self._histogram, self._binned, self._sum, self._minimum, self._maximum)

    def __setstate__(self, state: tuple[Histogram, int, float, float, float]) -> None:
        self.__init__()  # type: ignore[misc]
        self._histogram, self._binned, self._sum = state[:3]
        self._minimum, self._maximum = state[3:]


AnySink = CounterSink | GaugeSink | RateSink | TrendSink


def make_sink(kind: MetricType) -> AnySink:
    """Return a fresh sink for a metric of this type."""
    match kind:
        case MetricType.COUNTER:
            return CounterSink()
        case MetricType.GAUGE:
            return GaugeSink()
        case MetricType.RATE:
            return RateSink()
        case MetricType.TREND:
            return TrendSink()
