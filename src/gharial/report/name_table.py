"""Connections and requests by name, in bounded space."""

from collections.abc import Iterable
from dataclasses import field
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.metrics.failures import OTHERS
from gharial.metrics.metric import Metric
from gharial.metrics.named import NAMED, NamedKind
from gharial.metrics.sinks import CounterSink, RateSink, Sink, TrendSink, absorb
from gharial.metrics.statistics import Statistic
from gharial.metrics.tags import TagSet
from gharial.report.masking import masked_url

NAMED_STATISTICS: Final = (
    *(Statistic("med"), Statistic("p(95)", 95.0), Statistic("p(99)", 99.0)),
    Statistic("max"),
)
"""What is shown of how long it took."""

ROWS_MAXIMUM: Final = 200
"""Of each kind; what has further names is one row."""


@dataclass(slots=True)
class NamedSummary:
    """
    What was measured under one name.

    Attributes:
        kind: Which table it is in.
        labels: The values of the table's tags, empty for a missing one.
        count: How many there were.
        failures: How many of them failed.
        sink: How long they took.

    """

    kind: str
    labels: tuple[str, ...]
    count: float = 0
    failures: float = 0
    sink: TrendSink = field(default_factory=TrendSink)


class NameTable:
    """Adds up series by name; each series may be added in parts."""

    def __init__(self, kinds: Iterable[NamedKind] = NAMED) -> None:
        self._rows: dict[tuple[str, tuple[str, ...]], NamedSummary] = {}
        self._sizes: dict[str, int] = {}
        self._uses: dict[str, list[NamedKind]] = {}
        for kind in kinds:
            metrics = (kind.count, kind.failures, kind.duration)
            for name in dict.fromkeys(metric.name for metric in metrics):
                self._uses.setdefault(name, []).append(kind)

    @property
    def rows(self) -> tuple[NamedSummary, ...]:
        """All rows, table by table, those with the most failures first, then the slow."""
        order = {kind.kind: place for place, kind in enumerate(NAMED)}
        return tuple(
            sorted(
                self._rows.values(),
                key=lambda row: (
                    order.get(row.kind, len(order)),
                    -row.failures,
                    -row.sink.sum,
                    row.labels,
                ),
            )
        )

    def add(self, series: Iterable[tuple[Metric, TagSet, Sink]]) -> None:
        """Add what was measured; the sinks stay as they are."""
        for metric, tags, sink in series:
            # A script may have taken the name for something else.
            if metric.is_custom or sink.is_empty:
                continue
            for kind in self._uses.get(metric.name, ()):
                self._add(self._row(kind, tags), kind, metric, sink)

    def _row(self, kind: NamedKind, tags: TagSet) -> NamedSummary:
        labels = tuple(masked_url(tags.get(tag) or "") for tag in kind.tags)
        row = self._rows.get((kind.kind, labels))
        if row is not None:
            return row
        size = self._sizes.get(kind.kind, 0)
        if size >= ROWS_MAXIMUM:
            labels = (OTHERS,) * len(kind.tags)
            row = self._rows.get((kind.kind, labels))
            if row is not None:
                return row
        self._sizes[kind.kind] = size + 1
        row = self._rows[kind.kind, labels] = NamedSummary(kind.kind, labels)
        return row

    def _add(
        self, row: NamedSummary, kind: NamedKind, metric: Metric, sink: Sink
    ) -> None:
        match sink:
            case TrendSink():
                absorb(row.sink, sink)
            case RateSink():
                if metric.name == kind.count.name:
                    row.count += sink.total
                if metric.name == kind.failures.name:
                    row.failures += sink.passes
            case CounterSink():
                if metric.name == kind.count.name:
                    row.count += sink.value
                if metric.name == kind.failures.name:
                    row.failures += sink.value


def name_table(
    series: Iterable[tuple[Metric, TagSet, Sink]],
) -> tuple[NamedSummary, ...]:
    """Return the rows of all tables for these series."""
    table = NameTable()
    table.add(series)
    return table.rows
