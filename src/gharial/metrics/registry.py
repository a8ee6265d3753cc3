"""All metrics of one process, and their sinks by tags."""

from collections.abc import Callable, Iterator

from gharial.metrics import builtin
from gharial.metrics.metric import (
    Contains,
    Metric,
    MetricRedefinedError,
    MetricType,
    check_name,
)
from gharial.metrics.sinks import AnySink, make_sink
from gharial.metrics.tags import TagSet

# k6 warns at this many series, and at each doubling: URLs or tags with unique values
# make one each, and memory grows with them.
SERIES_WARNING = 100_000

Series = tuple[Metric, TagSet, AnySink]


class Registry:
    """
    The metrics of one process.

    Attributes:
        on_many_series: Called with the number of series when it passes a warning mark.

    """

    def __init__(self, on_many_series: Callable[[int], None] | None = None) -> None:
        self._metrics = {metric.name: metric for metric in builtin.ALL}
        self._by_tags: dict[Metric, dict[TagSet, AnySink]] = {}
        self._series_count = 0
        self._next_warning = SERIES_WARNING
        self.on_many_series = on_many_series or _ignore

    def metric(
        self, name: str, kind: MetricType, contains: Contains = Contains.DEFAULT
    ) -> Metric:
        """
        Return the metric of this name, made if there is none.

        Raises:
            MetricNameError: If it cannot be a name.
            MetricRedefinedError: If it has another type or other contents already.

        """
        present = self._metrics.get(name)
        wanted = Metric(name, kind, contains)
        if present is None:
            check_name(name)
            self._metrics[name] = wanted
            return wanted
        if present != wanted:
            raise MetricRedefinedError(wanted, present)
        return present

    def find(self, name: str) -> Metric | None:
        """Return the metric of this name, None if there is none."""
        return self._metrics.get(name)

    def metrics(self) -> list[Metric]:
        """Return all metrics, built-in ones first."""
        return list(self._metrics.values())

    def custom_metrics(self) -> list[Metric]:
        """Return the metrics that scripts defined."""
        return self.metrics()[len(builtin.ALL) :]

    def series(self, metric: Metric, tags: TagSet) -> AnySink:
        """Return the sink for a metric under these tags, always the same one."""
        by_tags = self._by_tags.get(metric)
        if by_tags is None:
            by_tags = self._by_tags[metric] = {}
        sink = by_tags.get(tags)
        if sink is None:
            sink = by_tags[tags] = make_sink(metric.type)
            self._count_series()
        return sink

    def all_series(self) -> Iterator[Series]:
        """Give every metric, tag set and sink."""
        for metric, by_tags in list(self._by_tags.items()):
            for tags, sink in list(by_tags.items()):
                yield metric, tags, sink

    def series_of(self, metric: Metric) -> list[tuple[TagSet, AnySink]]:
        """Return tag set and sink of every series of a metric."""
        return list(self._by_tags.get(metric, {}).items())

    def drain(self) -> "Snapshot":
        """Return all that was added since the last call; the sinks begin anew."""
        return Snapshot(
            [
                (metric, tags, sink.take())
                for metric, tags, sink in self.all_series()
                if not sink.is_empty
            ]
        )

    def merge(self, snapshot: "Snapshot") -> None:
        """Add all that a snapshot of another process has."""
        for metric, tags, sink in snapshot.series:
            self.metric(metric.name, metric.type, metric.contains)
            self.series(metric, tags).merge(sink)  # type: ignore[arg-type]

    def _count_series(self) -> None:
        self._series_count += 1
        if self._series_count >= self._next_warning:
            self._next_warning *= 2
            self.on_many_series(self._series_count)


class Snapshot:
    """
    What one process measured in a stretch of time; it pickles.

    Attributes:
        series: Metric, tags and sink of each series that got values.

    """

    __slots__ = ("series",)

    def __init__(self, series: list[Series]) -> None:
        self.series = series


def _ignore(count: int) -> None:
    return None
