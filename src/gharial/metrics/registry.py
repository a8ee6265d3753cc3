"""All metrics of a run and, for each, its series: one sink for every set of tags."""

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, cast

from gharial.errors import ConfigurationError
from gharial.lazy_pattern import lazy_pattern
from gharial.metrics.builtin import BUILTIN
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.samples import (
    AnnotatedSink,
    SampleBudget,
    Samples,
    make_recorded_sink,
    recorder_of,
)
from gharial.metrics.selectors import Selector
from gharial.metrics.sinks import GaugeSink, Sink, absorb, combined, make_sink
from gharial.metrics.snapshot import Snapshot
from gharial.metrics.tags import TagSet
from gharial.metrics.value_limit import ValueLimit

if TYPE_CHECKING:
    from gharial.metrics.samples import RecordedSink

MANY_SERIES: Final = 100_000
"""With more series than this, and again at each doubling, a run warns."""

# The references to a sink that only its registry has, where they are counted: the entry of
# its series, a variable and an argument.
_OWN_REFERENCES: Final = 3

# Each worker keeps within the limits of values by itself; together they might not.
_READ_BY_LENSES = frozenset(
    row.metric.name for row in BUILTIN.values() if "protocol" in row.tags
)

_NAME = lazy_pattern(r"[a-zA-Z_][a-zA-Z0-9_]{1,128}")


class MetricNameError(ConfigurationError):
    """
    A metric's name is not one that every output can carry.

    Attributes:
        name: What the user wrote.

    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"invalid metric name {name!r}: use 2 to 129 letters (a-z), digits and "
            "underscores, and no digit first"
        )
        self.args = (name,)
        self.name = name


class MetricRedefinedError(ConfigurationError):
    """
    A metric exists already, with another type or unit.

    Attributes:
        present: The metric as it is.
        wanted: What was asked for.

    """

    def __init__(self, present: Metric, wanted: Metric) -> None:
        super().__init__(
            f"metric {present.name!r} exists already as {_describe(present)}, "
            f"so it cannot be {_describe(wanted)} too"
        )
        self.args = (present, wanted)
        self.present = present
        self.wanted = wanted


class Registry:
    """
    All that is measured, by metric and tags.

    The built-in metrics are known from the start.

    Attributes:
        on_many_series: Called with the number of series when there are more than
            `MANY_SERIES`, and again each time that number has doubled: every series takes
            memory, in a registry that is not drained until the run ends.
        samples: How many single values may be kept; None if none are.
        on_drain: Called with each snapshot that is drained.
        before_drain: Called first of all: whoever holds sinks that it does not use lets
            go of them.
        operations: Bounds the tag ``operation`` of what lenses read, over all workers.
        codes: The same for the tag ``code`` of protocols' errors.

    """

    def __init__(
        self,
        on_many_series: Callable[[int], None] | None = None,
        *,
        samples: SampleBudget | None = None,
    ) -> None:
        self.on_many_series = on_many_series
        self.samples = samples
        self.operations = ValueLimit("operation")
        self.codes = ValueLimit("code")
        self._metrics: dict[str, Metric] = {}
        self._series: dict[str, dict[TagSet, Sink]] = {}
        # Metrics of ours whose names a script has taken.
        self._aside: dict[str, Metric] = {}
        self._series_count = 0
        self._warn_above = MANY_SERIES
        self._unsettled: dict[Callable[[], None], None] = {}
        self.before_drain: Callable[[], None] = lambda: None
        self.on_drain: Callable[[Snapshot], None] = lambda snapshot: None
        for row in BUILTIN.values():
            self._define(row.metric)

    def metric(
        self,
        name: str,
        type: MetricType,  # noqa: A002 - the word that users know it by
        contains: Contains = Contains.DEFAULT,
    ) -> Metric:
        """
        Return the script's metric of this name, which exists afterwards.

        A metric of ours that k6 does not have steps aside for one of the script's: what
        we measure of it from then on is counted nowhere.

        Raises:
            MetricNameError: If no metric can have that name.
            MetricRedefinedError: If it exists with another type or unit.

        """
        present = self._metrics.get(name)
        wanted = Metric(name, type, contains, is_custom=True)
        if present is None:
            if not _NAME.fullmatch(name):
                raise MetricNameError(name)
        elif present.is_custom or BUILTIN[name].is_of_k6:
            if (present.type, present.contains) != (type, contains):
                raise MetricRedefinedError(present, wanted)
            return present
        else:
            self._aside[name] = present
        return self._define(wanted)

    def series(self, metric: Metric, tags: TagSet) -> Sink:
        """
        Return the sink for a metric's values with these tags, each time the same.

        Metadata of the tags makes no other series: it is kept with single values.
        """
        if self._aside and self._aside.get(metric.name) is metric:
            return self._nowhere(metric)
        try:
            return self._series[metric.name][tags]
        except KeyError:
            return self._new_series(metric, tags)

    def settle_first(self, settle: Callable[[], None]) -> None:
        """
        Call ``settle`` each time before series are read.

        Whoever collects values apart, because that is cheaper, adds them then.
        """
        self._unsettled[settle] = None

    def settle_last(self, settle: Callable[[], None]) -> None:
        """Call ``settle``, and never again."""
        del self._unsettled[settle]
        settle()

    def metrics(self) -> tuple[Metric, ...]:
        """Return all metrics, also those without values, in order of definition."""
        return tuple(self._metrics.values())

    def custom_metrics(self) -> tuple[Metric, ...]:
        """Return the metrics that the script made."""
        return tuple(each for each in self._metrics.values() if each.is_custom)

    def find(self, name: str) -> Metric | None:
        """Return the metric of this name, None if there is none."""
        return self._metrics.get(name)

    def all_series(self) -> Iterator[tuple[Metric, TagSet, Sink]]:
        """Yield each series; series added meanwhile may be missing."""
        self._settle()
        for name, series in list(self._series.items()):
            for tags, sink in list(series.items()):
                yield self._metrics[name], tags, sink

    def series_of(self, metric: Metric) -> Iterator[tuple[TagSet, Sink]]:
        """Yield each series of one metric; series added meanwhile may be missing."""
        if self._aside.get(metric.name) is metric:
            return
        self._settle()
        yield from list(self._series.get(metric.name, {}).items())

    def merged(self, metric: Metric, selector: Selector | None = None) -> Sink:
        """Return a new sink with the values of all series, or of those selected."""
        return combined(
            metric,
            (
                sink
                for tags, sink in self.series_of(metric)
                if selector is None or selector.matches(tags)
            ),
        )

    def drain(self) -> Snapshot:
        """
        Return what was measured since the last drain; sinks in use stay valid.

        A series whose sink nobody holds is forgotten with it, so that this takes as long
        as what happens and not as what ever happened.
        """
        self.before_drain()
        self._settle()
        snapshot = Snapshot(self.metrics())
        for name, series in list(self._series.items()):
            metric = self._metrics[name]
            for tags in list(series):
                sink = self._drained(series, tags)
                if sink is not None:
                    snapshot.add(metric, tags, sink)
        self.on_drain(snapshot)
        return snapshot

    def collect_samples(self) -> Samples:
        """Return the single values since the last call; none unless they are kept."""
        if self.samples is None:
            return Samples()
        blocks = []
        for metric, tags, sink in self.all_series():
            recorder = recorder_of(sink)
            block = None if recorder is None else recorder.collect(metric, tags)
            if block is not None:
                blocks.append(block)
        return Samples(tuple(blocks), self.samples.renew())

    def merge(self, snapshot: Snapshot, source: str = "") -> None:
        """
        Add what a worker measured; ``snapshot`` stays as it is.

        Args:
            snapshot: What it drained.
            source: Which worker: summed gauges keep a value for each.

        Raises:
            MetricRedefinedError: If it knows a metric by another type or unit.

        """
        for metric in snapshot.metrics:
            if metric.is_custom:
                self.metric(metric.name, metric.type, metric.contains)
        for metric, given, taken in snapshot:
            tags = self._within_limits(metric, given)
            sink = self.series(metric, tags)
            if isinstance(sink, GaugeSink) and isinstance(taken, GaugeSink):
                sink.follow_share(taken, source)
            else:
                absorb(sink, taken)

    def _within_limits(self, metric: Metric, tags: TagSet) -> TagSet:
        if metric.name not in _READ_BY_LENSES or tags.get("protocol") is None:
            return tags
        return self.operations.tags(self.codes.tags(tags))

    def _nowhere(self, metric: Metric) -> Sink:
        """Return a sink that nobody reads."""
        if self.samples is None:
            return make_sink(metric)
        return make_recorded_sink(metric, SampleBudget(0))

    def _settle(self) -> None:
        for settle in self._unsettled:
            settle()

    def _drained(self, series: dict[TagSet, Sink], tags: TagSet) -> Sink | None:
        """Return what a series has; None for nothing. Without a holder it is forgotten."""
        sink = series[tags]
        # Single values are collected later than sums.
        if self.samples is None and sys.getrefcount(sink) <= _OWN_REFERENCES:
            del series[tags]
            if sys.getrefcount(sink) < _OWN_REFERENCES:
                self._series_count -= 1
                return None if sink.is_empty else sink
            # Another thread has just looked it up.
            series[tags] = sink
        return None if sink.is_empty else sink.take()

    def _define(self, metric: Metric) -> Metric:
        self._metrics[metric.name] = metric
        self._series[metric.name] = {}
        return metric

    def _new_series(self, metric: Metric, tags: TagSet) -> Sink:
        if tags.metadata:
            sink = self.series(metric, tags.with_metadata({}))
            if self.samples is None:
                return sink
            annotated = AnnotatedSink(cast("RecordedSink", sink), tags.metadata)
            return cast("Sink", annotated)
        if metric.name not in self._metrics:
            self._define(metric)
        known = self._metrics[metric.name]
        sink = (
            make_sink(known)
            if self.samples is None
            else make_recorded_sink(known, self.samples)
        )
        self._series[metric.name][tags] = sink
        self._series_count += 1
        if self._series_count > self._warn_above:
            self._warn_above *= 2
            if self.on_many_series is not None:
                self.on_many_series(self._series_count)
        return sink


def _describe(metric: Metric) -> str:
    unit = "" if metric.contains is Contains.DEFAULT else f" of {metric.contains}"
    return f"a {metric.type}{unit}"
