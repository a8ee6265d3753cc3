"""
Names, labels and units of our metrics in Prometheus, as k6 has them.

Source:
    k6 v2.2, ``internal/output/prometheusrw/remotewrite``: the prefix ``k6_``; ``_total``
    of counters, ``_rate`` of rates, ``_p99`` and the like of trends, ``_seconds`` and
    ``_bytes`` of native histograms; times in seconds; no labels with empty values.
"""

import re
from collections.abc import Iterator
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern
from gharial.metrics.metric import Contains, Metric
from gharial.metrics.sinks import CounterSink, GaugeSink, RateSink, Sink, TrendSink
from gharial.metrics.statistics import Statistic, parse_statistic, statistics_of
from gharial.metrics.tags import TagSet
from gharial.outputs.exponential import exponential
from gharial.outputs.remote_write import Series
from gharial.outputs.totals import Labels, Totals

SUM: Final = "sum"
_UNITS: Final = {Contains.TIME: "_seconds", Contains.DATA: "_bytes"}
_BAD_START = lazy_pattern(r"^(?=\d)|^_+(?=_)")
_BAD = lazy_pattern(r"[^a-zA-Z0-9_]")


@dataclass(frozen=True, slots=True)
class TrendStatistic:
    """
    One number of a trend, which is a series of its own.

    Attributes:
        suffix: What the metric's name gets: ``p99``.
        statistic: What to ask of the trend, None for the sum.

    """

    suffix: str
    statistic: Statistic | None

    def of(self, sink: TrendSink, metric: Metric) -> float:
        """Return the number; times are in seconds."""
        if self.statistic is None:
            return sink.sum * factor_of(metric)
        value = statistics_of(sink, 0, (self.statistic,))[self.statistic.name]
        return value if self.suffix == "count" else value * factor_of(metric)


def parse_trend_statistic(text: str) -> TrendStatistic | None:
    """Return the statistic of this name, None if trends have none such."""
    if text == SUM:
        return TrendStatistic(SUM, None)
    statistic = parse_statistic(text)
    if statistic is None or text in ("rate", "value"):
        return None
    suffix = text if statistic.percent is None else "p" + re.sub(r"[p(). ]", "", text)
    return TrendStatistic(suffix, statistic)


@dataclass(frozen=True, slots=True)
class Naming:
    """
    What becomes of metrics.

    Attributes:
        prefix: What each name begins with.
        trend_statistics: What is passed on of trends.
        has_histograms: Trends are native histograms instead.

    """

    prefix: str = "k6_"
    trend_statistics: tuple[TrendStatistic, ...] = ()
    has_histograms: bool = False

    def numbers(self, metric: Metric, sink: Sink) -> Iterator[tuple[str, float]]:
        """Yield a series' numbers by their names, native histograms left out."""
        name = f"{self.prefix}{metric.name}"
        match sink:
            case CounterSink():
                yield f"{name}_total", sink.value
            case GaugeSink():
                yield name, sink.value
            case RateSink():
                yield f"{name}_rate", sink.rate
            case TrendSink() if not self.has_histograms:
                for each in self.trend_statistics:
                    yield f"{name}_{each.suffix}", each.of(sink, metric)
            case _:
                pass

    def series(self, totals: Totals) -> Iterator[Series]:
        """Yield everything for remote write."""
        for metric, each_series in totals.series():
            for labels, sink in each_series:
                for name, value in self.numbers(metric, sink):
                    yield Series(_named(name, labels), value)
                if self.has_histograms and isinstance(sink, TrendSink):
                    unit = _UNITS.get(metric.contains, "")
                    yield Series(
                        _named(f"{self.prefix}{metric.name}{unit}", labels),
                        exponential(sink, factor=factor_of(metric)),
                    )


def factor_of(metric: Metric) -> float:
    """Return what makes a metric's values those of the base unit."""
    return 1e-3 if metric.contains is Contains.TIME else 1.0


def labels_of(tags: TagSet) -> Labels:
    """Return tags as labels: names of letters, digits and underscores, no empty values."""
    labels = {_label(name): value for name, value in tags if value}
    return tuple(sorted(labels.items()))


def _label(name: str) -> str:
    # Two underscores at the start are for Prometheus' own.
    return _BAD_START.sub("_" if name[:1].isdigit() else "", _BAD.sub("_", name or "_"))


def _named(name: str, labels: Labels) -> Labels:
    return tuple(sorted((("__name__", name), *labels)))
