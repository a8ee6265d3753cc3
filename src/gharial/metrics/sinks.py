"""
Where the values of one series add up, one class for each type of metric.

The path of a value is an addition or an append. All sinks can be pickled, emptied
(`take`) and added up (`absorb`), which is how workers report and how series are merged.

A few values are summed up without numpy, which takes longer to load than a short run
does; `load_for_many` loads it before a longer one begins.
"""

import math
from array import array
from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from gharial.metrics.metric import Metric, MetricType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gharial.metrics.histogram import Histogram

BLOCK: Final = 8192
"""Values that a trend keeps as they are; more than that are put into a histogram."""

FEW: Final = 64
"""Up to so many values it takes no longer to go through them one by one."""

_SEQUENCE = count(1)


class Doubles(Protocol):
    """Numbers of 8 bytes each, next to each other: an array, also one of numpy's."""

    def tobytes(self) -> bytes:
        """Return a copy of their memory."""
        ...


def load_for_many() -> None:
    """Load what more than `FEW` values of a series take, which is 50 ms of CPU time."""
    import gharial.metrics.histogram  # noqa: F401


class CounterSink:
    """
    A sum.

    Attributes:
        value: The sum; the hot path may write ``sink.value += n``.

    """

    __slots__ = ("_is_touched", "value")

    def __init__(self) -> None:
        self.value: float = 0
        self._is_touched = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet; adding nothing but 0 counts if `add` did it."""
        return not (self.value or self._is_touched)

    def add(self, value: float) -> None:
        """Add to the sum."""
        self.value += value
        self._is_touched = True

    def absorb(self, other: "CounterSink") -> None:
        """Add all that ``other`` holds; it stays as it is."""
        self.value += other.value
        self._is_touched = self._is_touched or not other.is_empty

    def take(self) -> "CounterSink":
        """Return what has come since the last call, and begin anew."""
        taken = CounterSink()
        taken.absorb(self)
        self.value = 0
        self._is_touched = False
        return taken


class RateSink:
    """
    How many of some values were not zero.

    Attributes:
        passes: Values that were not zero.
        total: All values.

    """

    __slots__ = ("passes", "total")

    def __init__(self) -> None:
        self.passes = 0
        self.total = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet."""
        return self.total == 0

    @property
    def fails(self) -> int:
        """Values that were zero."""
        return self.total - self.passes

    @property
    def rate(self) -> float:
        """The share of values that were not zero, 0 to 1; 0 if there are none."""
        return self.passes / self.total if self.total else 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.total += 1
        if value:
            self.passes += 1

    def absorb(self, other: "RateSink") -> None:
        """Add all that ``other`` holds; it stays as it is."""
        self.passes += other.passes
        self.total += other.total

    def take(self) -> "RateSink":
        """Return what has come since the last call, and begin anew."""
        taken = RateSink()
        taken.absorb(self)
        self.passes = self.total = 0
        return taken


class GaugeSink:
    """
    The last of some values, with the lowest and the highest.

    Of a summed gauge (see `Metric.is_summed`) over several workers or series, ``value``
    is the sum of their last values; ``minimum`` and ``maximum`` are the sums of their
    lowest and highest, so bounds of what the sum really was at any moment.

    Attributes:
        value: The last value; 0 if there is none.
        minimum: The lowest since the last `take`; infinite if there is none.
        maximum: The highest since the last `take`; minus infinity if there is none.

    """

    __slots__ = ("_is_summed", "_sequence", "_shares", "maximum", "minimum", "value")

    def __init__(self, *, is_summed: bool = False) -> None:
        self.value = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf
        self._is_summed = is_summed
        # When the value was set, in the order of all gauges of the process; 0: not yet.
        self._sequence = 0
        self._shares: dict[str, GaugeSink] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was set since the last `take`."""
        return self._sequence == 0

    def add(self, value: float) -> None:
        """Set the value."""
        self.value = value
        if value < self.minimum:
            self.minimum = value
        if value > self.maximum:
            self.maximum = value
        self._sequence = next(_SEQUENCE)

    def absorb(self, other: "GaugeSink") -> None:
        """Add a gauge of other tags: the sum if gauges are summed, else the later one."""
        if other.is_empty:
            return
        if not self._is_summed:
            if other._sequence > self._sequence:
                self.value, self._sequence = other.value, other._sequence
            self._widen(other)
        elif self.is_empty:
            self._become(other.value, other.minimum, other.maximum)
        else:
            self._become(
                self.value + other.value,
                self.minimum + other.minimum,
                self.maximum + other.maximum,
            )

    def follow(self, later: "GaugeSink") -> None:
        """Continue with what the same gauge did later."""
        if later.is_empty:
            return
        self._widen(later)
        self.value = later.value
        self._sequence = next(_SEQUENCE)

    def follow_share(self, later: "GaugeSink", source: str) -> None:
        """Continue with what one worker's gauge did later; the others' values stand."""
        if not self._is_summed:
            self.follow(later)
            return
        if later.is_empty:
            return
        if self._shares is None:
            self._shares = {}
        share = self._shares.setdefault(source, GaugeSink())
        share.follow(later)
        shares = self._shares.values()
        self._become(
            sum(each.value for each in shares),
            sum(each.minimum for each in shares),
            sum(each.maximum for each in shares),
        )

    def take(self) -> "GaugeSink":
        """Return what has come since the last call; the value itself stays."""
        taken = GaugeSink(is_summed=self._is_summed)
        if not self.is_empty:
            taken._become(self.value, self.minimum, self.maximum)
        self.minimum, self.maximum, self._sequence = math.inf, -math.inf, 0
        return taken

    def _widen(self, other: "GaugeSink") -> None:
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    def _become(self, value: float, minimum: float, maximum: float) -> None:
        self.value, self.minimum, self.maximum = value, minimum, maximum
        self._sequence = next(_SEQUENCE)


class TrendSink:
    """
    The distribution of some values.

    Count, sum, minimum and maximum are exact. Percentiles are exact up to `BLOCK` values
    and beyond that off by ``histogram.RELATIVE_ERROR`` at most. NaN is left out.
    """

    __slots__ = ("_count", "_histogram", "_maximum", "_minimum", "_pending", "_sum")

    def __init__(self) -> None:
        self._pending = array("d")
        self._histogram: Histogram | None = None
        # Of what is in the histogram:
        self._count = 0
        self._sum = 0.0
        self._minimum = math.inf
        self._maximum = -math.inf

    def add(self, value: float) -> None:
        """Add one value."""
        # Measured (Python 3.11): 82 ns, and 6 ns a value for putting a block in buckets;
        # a method that does nothing takes 18 ns.
        pending = self._pending
        pending.append(value)
        if len(pending) >= BLOCK:
            self._bin()

    def add_all(self, values: Doubles) -> None:
        """Add many values at once."""
        self._pending.frombytes(values.tobytes())
        if len(self._pending) >= BLOCK:
            self._bin()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet."""
        # What waits is looked through for NaN, which takes a while: series are many.
        return not self._count and (not self._pending or self.count == 0)

    @property
    def count(self) -> int:
        """How many values there are."""
        few = self._few()
        return self._count + (len(self._values()) if few is None else len(few))

    @property
    def sum(self) -> float:
        """The sum of all values."""
        few = self._few()
        if few is None:
            return self._sum + float(self._values().sum())
        return self._sum + math.fsum(few)

    @property
    def minimum(self) -> float:
        """The lowest value; 0 if there is none."""
        few = self._few()
        if few is None:
            lowest = float(self._values().min(initial=self._minimum))
        else:
            lowest = min(self._minimum, *few, math.inf)
        return lowest if self.count else 0.0

    @property
    def maximum(self) -> float:
        """The highest value; 0 if there is none."""
        few = self._few()
        if few is None:
            highest = float(self._values().max(initial=self._maximum))
        else:
            highest = max(self._maximum, *few, -math.inf)
        return highest if self.count else 0.0

    @property
    def mean(self) -> float:
        """The average of all values; 0 if there is none."""
        values_count = self.count
        return self.sum / values_count if values_count else 0.0

    def percentile(self, percent: float) -> float:
        """
        Return the value below which ``percent`` per cent of the values are.

        Args:
            percent: 0 to 100; 50 is the median.

        Returns:
            The linear interpolation between the two nearest values; 0 if there are none.

        Source:
            k6 v2.2, ``metrics/sink.go``: the place is ``percent / 100 * (count - 1)``.

        """
        self.settle()
        values_count = self.count
        if not values_count:
            return 0.0
        place = percent / 100 * (values_count - 1)
        below = math.floor(place)
        above = min(below + 1, values_count - 1)
        lower, upper = self._at(below, above)
        if lower == upper:
            return float(lower)
        return float(lower + (upper - lower) * (place - below))

    @property
    def histogram(self) -> "Histogram | None":
        """What of the values was put into buckets; not to be changed by others."""
        return self._histogram

    def settle(self) -> None:
        """Put what waits into the histogram, if any: then reading changes nothing."""
        if self._histogram is not None and self._pending:
            self._bin()

    def pending_values(self) -> "NDArray[np.float64]":
        """Return the values that are not in the histogram yet, without NaN."""
        return self._values()

    def absorb(self, other: "TrendSink") -> None:
        """Add all that ``other`` holds; it stays as it is."""
        if other._histogram is not None:
            self._own_histogram().absorb(other._histogram)
            self._count += other._count
            self._sum += other._sum
            self._minimum = min(self._minimum, other._minimum)
            self._maximum = max(self._maximum, other._maximum)
        self._pending.extend(other._pending)
        if len(self._pending) >= BLOCK:
            self._bin()

    def take(self) -> "TrendSink":
        """Return what has come since the last call, and begin anew."""
        taken = TrendSink()
        for name in TrendSink.__slots__:
            fresh = getattr(taken, name)
            setattr(taken, name, getattr(self, name))
            setattr(self, name, fresh)
        return taken

    def _known(self, value: float, rank: int) -> float:
        # A bucket's middle may lie beyond the extremes, which are known exactly.
        if rank == 0:
            return self._minimum
        if rank == self._count - 1:
            return self._maximum
        return min(max(value, self._minimum), self._maximum)

    def _at(self, below: int, above: int) -> tuple[float, float]:
        # The values at two places of the ascending order.
        if self._histogram is not None:
            import numpy as np

            values = self._histogram.ordered(np.array([below, above])).tolist()
            return self._known(values[0], below), self._known(values[1], above)
        few = self._few()
        ordered = sorted(self._values().tolist() if few is None else few)
        return ordered[below], ordered[above]

    def _own_histogram(self) -> "Histogram":
        if self._histogram is None:
            from gharial.metrics.histogram import Histogram

            self._histogram = Histogram()
        return self._histogram

    def _few(self) -> list[float] | None:
        # What waits, without NaN; None if that is more than a few.
        if len(self._pending) > FEW:
            return None
        return [value for value in self._pending if value == value]

    def _values(self) -> "NDArray[np.float64]":
        import numpy as np

        # A copy: an array that lends its memory to numpy cannot grow.
        values = np.array(self._pending, dtype=np.float64)
        is_nan = np.isnan(values)
        return values[~is_nan] if is_nan.any() else values

    def _bin(self) -> None:
        values = self._values()
        del self._pending[:]
        if not len(values):
            return
        self._own_histogram().record(values)
        self._count += len(values)
        self._sum += float(values.sum())
        self._minimum = min(self._minimum, float(values.min()))
        self._maximum = max(self._maximum, float(values.max()))


Sink: TypeAlias = CounterSink | GaugeSink | RateSink | TrendSink


def make_sink(metric: Metric) -> Sink:
    """Return an empty sink for a metric's values."""
    match metric.type:
        case MetricType.COUNTER:
            return CounterSink()
        case MetricType.GAUGE:
            return GaugeSink(is_summed=metric.is_summed)
        case MetricType.RATE:
            return RateSink()
        case MetricType.TREND:
            return TrendSink()


def absorb(sink: Sink, other: Sink) -> None:
    """Add one sink to another of the same class."""
    match sink, other:
        case CounterSink(), CounterSink():
            sink.absorb(other)
        case GaugeSink(), GaugeSink():
            sink.absorb(other)
        case RateSink(), RateSink():
            sink.absorb(other)
        case TrendSink(), TrendSink():
            sink.absorb(other)
        case _:
            raise TypeError(f"{type(other).__name__} into {type(sink).__name__}")


def combined(metric: Metric, sinks: Iterable[Sink]) -> Sink:
    """
    Return a new sink with the values of several series of one metric.

    Several threads may read it at once, as long as nobody adds to it.
    """
    total = make_sink(metric)
    for sink in sinks:
        absorb(total, sink)
    if isinstance(total, TrendSink):
        total.settle()
    return total
