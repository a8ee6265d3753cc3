"""
Our totals as OpenTelemetry's data points, cumulative since the run began.

The points are made as they are, instead of by recording values in the SDK's instruments:
trends come as histograms, whose single values are gone.

Source:
    k6 v2.2, ``internal/output/opentelemetry/output.go``: counter to counter, gauge to
    gauge, rate to a counter with the attribute ``condition``, trend to histogram; units
    ``ms`` and ``By``; no attributes with empty values.
"""

from collections.abc import Iterator
from typing import Final

from opentelemetry.sdk.metrics import export as otel
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from gharial.lazy_dataclass import dataclass
from gharial.metrics.builtin import description_of
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.sinks import CounterSink, GaugeSink, RateSink, Sink, TrendSink
from gharial.metrics.tags import TagSet
from gharial.outputs.exponential import Buckets, exponential
from gharial.outputs.totals import Labels, Totals

WIDTH_MAXIMUM: Final = 320
"""Buckets from the first to the last: ten octaves at the finest scale."""

CUMULATIVE: Final = otel.AggregationTemporality.CUMULATIVE
_UNITS: Final = {Contains.TIME: "ms", Contains.DATA: "By", Contains.DEFAULT: ""}


def attributes_of(tags: TagSet) -> Labels:
    """Return tags as attributes, without empty values."""
    return tuple((name, value) for name, value in tags if name and value)


@dataclass(frozen=True, slots=True)
class PointMaker:
    """
    Makes data points.

    Attributes:
        resource: Whose they are.
        scope: What measured them.
        prefix: What each metric's name begins with.
        began_at_ns: When counting began, in nanoseconds since the Unix epoch.

    """

    resource: Resource
    scope: InstrumentationScope
    prefix: str
    began_at_ns: int

    def data(self, totals: Totals, time_ns: int) -> otel.MetricsData:
        """Return all totals, with the time at which they were so."""
        metrics = [
            otel.Metric(
                f"{self.prefix}{metric.name}",
                _text_of(metric),
                # A rate counts values, whatever they are.
                "" if metric.type is MetricType.RATE else _UNITS[metric.contains],
                self._points(metric, series, time_ns),
            )
            for metric, series in totals.series()
        ]
        scope_metrics = otel.ScopeMetrics(self.scope, metrics, "")
        return otel.MetricsData(
            [otel.ResourceMetrics(self.resource, [scope_metrics], "")]
        )

    def _points(
        self, metric: Metric, series: list[tuple[Labels, Sink]], time_ns: int
    ) -> otel.DataT:
        if metric.type is MetricType.TREND:
            trends = (
                self._distribution(labels, sink, time_ns)
                for labels, sink in series
                if isinstance(sink, TrendSink)
            )
            return otel.ExponentialHistogram(list(trends), CUMULATIVE)
        numbers = [
            otel.NumberDataPoint(dict(attributes), self.began_at_ns, time_ns, value)
            for labels, sink in series
            for attributes, value in _numbers(labels, sink)
        ]
        if metric.type is MetricType.GAUGE:
            return otel.Gauge(numbers)
        return otel.Sum(numbers, CUMULATIVE, is_monotonic=True)

    def _distribution(
        self, labels: Labels, sink: TrendSink, time_ns: int
    ) -> otel.ExponentialHistogramDataPoint:
        histogram = exponential(sink, width_maximum=WIDTH_MAXIMUM)
        return otel.ExponentialHistogramDataPoint(
            attributes=dict(labels),
            start_time_unix_nano=self.began_at_ns,
            time_unix_nano=time_ns,
            count=histogram.count,
            sum=histogram.sum,
            scale=histogram.scale,
            zero_count=histogram.zero_count,
            positive=_dense(histogram.positive),
            negative=_dense(histogram.negative),
            flags=0,
            min=sink.minimum,
            max=sink.maximum,
        )


def _numbers(labels: Labels, sink: Sink) -> Iterator[tuple[Labels, float]]:
    match sink:
        case CounterSink() | GaugeSink():
            yield labels, float(sink.value)
        case RateSink():
            yield (*labels, ("condition", "nonzero")), sink.passes
            yield (*labels, ("condition", "zero")), sink.fails
        case TrendSink():
            pass


def _dense(buckets: Buckets) -> otel.Buckets:
    first, counts = buckets.dense()
    return otel.Buckets(first, counts)


def _text_of(metric: Metric) -> str:
    return description_of(metric)
