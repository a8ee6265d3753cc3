"""Running totals of a run, for outputs whose protocols want them."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.sinks import Sink, combined
from gharial.metrics.snapshot import Snapshot
from gharial.metrics.tags import TagSet

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name: what a protocol makes of tags."""


class Totals:
    """
    What was measured since the run began, as series that a protocol can distinguish.

    Tags that differ may become the same labels (where a protocol leaves out empty values,
    or has fewer characters for names); such series are added up to one, since two with
    the same labels are refused by servers.
    """

    def __init__(self, labels_of: Callable[[TagSet], Labels]) -> None:
        """
        Begin with nothing.

        Args:
            labels_of: Returns what the protocol makes of tags; called once for each set.

        """
        self._labels_of = labels_of
        self._labels: dict[TagSet, Labels] = {}
        self._registry = Registry()

    def add(self, delta: Snapshot) -> None:
        """Add what has come in; it stays as it is."""
        self._registry.merge(delta)

    def series(self) -> Iterator[tuple[Metric, list[tuple[Labels, Sink]]]]:
        """Yield each metric that has values, with all its series."""
        for metric in self._registry.metrics():
            by_labels: dict[Labels, list[Sink]] = {}
            for tags, sink in self._registry.series_of(metric):
                by_labels.setdefault(self._known_labels(tags), []).append(sink)
            if by_labels:
                yield (
                    metric,
                    [
                        (
                            labels,
                            sinks[0] if len(sinks) == 1 else combined(metric, sinks),
                        )
                        for labels, sinks in by_labels.items()
                    ],
                )

    def _known_labels(self, tags: TagSet) -> Labels:
        labels = self._labels.get(tags)
        if labels is None:
            labels = self._labels[tags] = self._labels_of(tags)
        return labels
