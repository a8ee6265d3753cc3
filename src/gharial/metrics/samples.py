"""
Single values with their times, for those who want each and not only sums.

Only a registry that was asked to makes sinks that keep them. How many are kept between
two collections is bounded; what goes beyond is counted, not kept.
"""

import time
from array import array
from collections.abc import Callable, Sequence
from typing import Any, Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics.metric import Metric, MetricType
from gharial.metrics.sinks import (
    CounterSink,
    Doubles,
    GaugeSink,
    RateSink,
    Sink,
    TrendSink,
)
from gharial.metrics.tags import Pairs, TagSet

SAMPLES_MAXIMUM: Final = 500_000
"""Samples that one process keeps between two collections: 8 MB."""


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """
    Samples of one series, in the order in which they came.

    Attributes:
        metric: The metric.
        tags: The tags that all of them carry.
        times_s: When, in seconds since the Unix epoch.
        values: As many values.
        metadata: From which value on which metadata goes with them; none before the first
            of these places.

    """

    metric: Metric
    tags: TagSet
    times_s: "array[float]"
    values: "array[float]"
    metadata: tuple[tuple[int, Pairs], ...] = ()


@dataclass(frozen=True, slots=True)
class Samples:
    """
    Samples of all series between two moments.

    Attributes:
        blocks: One for each series that had any.
        dropped: How many more there were, that were not kept.

    """

    blocks: tuple[SampleBlock, ...] = ()
    dropped: int = 0

    @property
    def count(self) -> int:
        """How many samples there are."""
        return sum(len(block.values) for block in self.blocks)

    def plus(self, other: "Samples") -> "Samples":
        """Return these and others."""
        return Samples(self.blocks + other.blocks, self.dropped + other.dropped)

    def left_out(self) -> "Samples":
        """Return what is to be told if these cannot be passed on."""
        return Samples((), self.dropped + self.count)


NO_SAMPLES: Final = Samples()


class SampleBudget:
    """
    How many more samples one process may keep until the next collection.

    Attributes:
        left: How many; below zero: so many were dropped.
        now_epoch_s: Dates what comes without a time of its own.

    """

    __slots__ = ("_maximum", "left", "now_epoch_s")

    def __init__(
        self,
        maximum: int = SAMPLES_MAXIMUM,
        now_epoch_s: Callable[[], float] = time.time,
    ) -> None:
        self._maximum = maximum
        self.left = maximum
        self.now_epoch_s = now_epoch_s

    def renew(self) -> int:
        """Return how many samples were dropped, and begin anew."""
        dropped = max(0, -self.left)
        self.left = self._maximum
        return dropped


class Recorder:
    """The samples of one series, until they are collected."""

    __slots__ = ("_budget", "_marks", "_times_s", "_values")

    def __init__(self, budget: SampleBudget) -> None:
        self._budget = budget
        self._times_s = array("d")
        self._values = array("d")
        self._marks: dict[int, Pairs] = {}

    def mark(self, metadata: Pairs) -> None:
        """Let this metadata go with the values that come from now on."""
        if self._budget.left > 0:
            self._marks[len(self._values)] = metadata

    def record(self, value: float) -> None:
        """Keep one value that came just now."""
        self._budget.left -= 1
        if self._budget.left >= 0:
            self._times_s.append(self._budget.now_epoch_s())
            self._values.append(value)

    def record_all_now(self, values: Sequence[float]) -> None:
        """Keep values that came just now."""
        self.record_all([self._budget.now_epoch_s()] * len(values), values)

    def record_all(self, times_s: Sequence[float], values: Sequence[float]) -> None:
        """Keep values with their times, which are as many."""
        room = max(0, min(self._budget.left, len(values)))
        self._budget.left -= len(values)
        self._times_s.extend(times_s[:room])
        self._values.extend(values[:room])

    def collect(self, metric: Metric, tags: TagSet) -> SampleBlock | None:
        """Return the values since the last call as a block; None if there are none."""
        times_s, values, marks = self._times_s, self._values, self._marks
        if not values:
            return None
        self._times_s, self._values, self._marks = array("d"), array("d"), {}
        return SampleBlock(metric, tags, times_s, values, tuple(marks.items()))


class RecordedCounterSink(CounterSink):
    """A sum that keeps each step as a sample, also those of ``sink.value += n``."""

    __slots__ = ("_sum", "recorder")

    def __init__(self, budget: SampleBudget) -> None:
        self.recorder = Recorder(budget)
        self._sum: float = 0
        super().__init__()

    @property
    def value(self) -> float:
        """The sum."""
        return self._sum

    @value.setter
    def value(self, value: float) -> None:
        step = value - self._sum
        self._sum = value
        if step:
            self.recorder.record(step)

    def add(self, value: float) -> None:
        """Add to the sum; adding nothing is a sample, too."""
        self._sum += value
        self._is_touched = True
        self.recorder.record(value)

    def add_samples(self, times_s: Sequence[float], values: Sequence[float]) -> None:
        """Add values with their times."""
        self._sum += sum(values)
        self._is_touched = True
        self.recorder.record_all(times_s, values)

    def take(self) -> CounterSink:
        """Return what has come since the last call, and begin anew."""
        taken = CounterSink()
        taken.absorb(self)
        self._sum = 0
        self._is_touched = False
        return taken


class RecordedRateSink(RateSink):
    """A rate that keeps its values as samples."""

    __slots__ = ("recorder",)

    def __init__(self, budget: SampleBudget) -> None:
        self.recorder = Recorder(budget)
        super().__init__()

    def add(self, value: float) -> None:
        """Count one value."""
        super().add(value)
        self.recorder.record(1.0 if value else 0.0)


class RecordedGaugeSink(GaugeSink):
    """A gauge that keeps its values as samples."""

    __slots__ = ("recorder",)

    def __init__(self, budget: SampleBudget, *, is_summed: bool) -> None:
        self.recorder = Recorder(budget)
        super().__init__(is_summed=is_summed)

    def add(self, value: float) -> None:
        """Set the value."""
        super().add(value)
        self.recorder.record(value)


class RecordedTrendSink(TrendSink):
    """A distribution that keeps its values as samples."""

    __slots__ = ("recorder",)

    def __init__(self, budget: SampleBudget) -> None:
        self.recorder = Recorder(budget)
        super().__init__()

    def add(self, value: float) -> None:
        """Add one value."""
        super().add(value)
        self.recorder.record(value)

    def add_all(self, values: Doubles) -> None:
        """Add many values that came just now."""
        super().add_all(values)
        self.recorder.record_all_now(array("d", values.tobytes()))

    def add_samples(self, times_s: Sequence[float], values: Sequence[float]) -> None:
        """Add values with their times."""
        super().add_all(array("d", values))
        self.recorder.record_all(times_s, values)


RecordedSink = (
    RecordedCounterSink | RecordedRateSink | RecordedGaugeSink | RecordedTrendSink
)


class AnnotatedSink:
    """
    A way into a series for values that come with metadata.

    It takes what the series' own sink takes, and tells what goes with it.
    """

    __slots__ = ("_metadata", "_recorder", "_sink")

    def __init__(self, sink: RecordedSink, metadata: Pairs) -> None:
        self._sink: Any = sink
        self._recorder = sink.recorder
        self._metadata = metadata

    @property
    def value(self) -> float:
        """The sum, of a counter."""
        total: float = self._sink.value
        return total

    @value.setter
    def value(self, value: float) -> None:
        self._call(setattr, self._sink, "value", value)

    def add(self, value: float) -> None:
        """Add one value."""
        self._call(self._sink.add, value)

    def add_samples(self, times_s: Sequence[float], values: Sequence[float]) -> None:
        """Add values with their times."""
        self._call(self._sink.add_samples, times_s, values)

    def _call(self, method: Callable[..., None], *arguments: Any) -> None:
        self._recorder.mark(self._metadata)
        method(*arguments)
        self._recorder.mark(())


def make_recorded_sink(metric: Metric, budget: SampleBudget) -> RecordedSink:
    """Return an empty sink that keeps samples, too."""
    match metric.type:
        case MetricType.COUNTER:
            return RecordedCounterSink(budget)
        case MetricType.GAUGE:
            return RecordedGaugeSink(budget, is_summed=metric.is_summed)
        case MetricType.RATE:
            return RecordedRateSink(budget)
        case MetricType.TREND:
            return RecordedTrendSink(budget)


def recorder_of(sink: Sink) -> Recorder | None:
    """Return what keeps a sink's samples, None if nothing does."""
    recorder: Any = getattr(sink, "recorder", None)
    return recorder if isinstance(recorder, Recorder) else None
