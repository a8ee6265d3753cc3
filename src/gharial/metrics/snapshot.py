"""What was measured between two moments, in a form that travels between processes."""

from collections.abc import Iterator

from gharial.metrics.metric import Metric
from gharial.metrics.sinks import GaugeSink, Sink, absorb, make_sink
from gharial.metrics.tags import TagSet


class Snapshot:
    """
    A share of a run's measurements: each series that had values, with those values.

    It pickles; in the other process, equal tags are again one object.

    Attributes:
        metrics: All metrics that were known, also those without values.

    """

    __slots__ = ("_series", "metrics")

    def __init__(self, metrics: tuple[Metric, ...] = ()) -> None:
        self.metrics = metrics
        self._series: dict[tuple[str, TagSet], tuple[Metric, Sink]] = {}

    def add(self, metric: Metric, tags: TagSet, sink: Sink) -> None:
        """Take over a sink; the caller must not use it any more."""
        present = self._series.get((metric.name, tags))
        if present is None:
            self._series[metric.name, tags] = (metric, sink)
        else:
            _continue(present[1], sink)

    def merge(self, later: "Snapshot") -> None:
        """Add what the same source measured later; ``later`` stays as it is."""
        known = {metric.name for metric in self.metrics}
        new = tuple(metric for metric in later.metrics if metric.name not in known)
        self.metrics += new
        for metric, tags, sink in later:
            copy = make_sink(metric)
            _continue(copy, sink)
            self.add(metric, tags, copy)

    def __iter__(self) -> Iterator[tuple[Metric, TagSet, Sink]]:
        for (_, tags), (metric, sink) in self._series.items():
            yield metric, tags, sink

    def __len__(self) -> int:
        return len(self._series)

    def __getstate__(self) -> object:
        return self.metrics, list(self)

    def __setstate__(
        self, state: tuple[tuple[Metric, ...], list[tuple[Metric, TagSet, Sink]]]
    ) -> None:
        self.metrics, series = state
        # Keyed anew: tags hash by identity, which is another one in this process.
        self._series = {
            (metric.name, tags): (metric, sink) for metric, tags, sink in series
        }


def _continue(sink: Sink, later: Sink) -> None:
    if isinstance(sink, GaugeSink) and isinstance(later, GaugeSink):
        sink.follow(later)
    else:
        absorb(sink, later)
