import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    ExponentialHistogram,
    Gauge,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from gharial.metrics.tags import TagSet
from gharial.outputs.otlp_points import WIDTH_MAXIMUM, PointMaker, attributes_of
from gharial.outputs.totals import Totals

MAKER = PointMaker(
    Resource({"service.name": "x"}), InstrumentationScope("gharial", "1"), "p_", 5
)


def metrics_of(*batches):
    totals = Totals(attributes_of)
    for batch in batches:
        totals.add(batch.delta)
    data = MAKER.data(totals, 9)
    # What the exporters make of it.
    encode_metrics(data)
    [of_resource] = data.resource_metrics
    [of_scope] = of_resource.scope_metrics
    return {metric.name: metric for metric in of_scope.metrics}


def test_each_type_has_its_kind_of_points(batch_of):
    tags = {"scenario": "s", "group": ""}
    metrics = metrics_of(
        *(
            batch_of(
                second,
                ("ws_msgs_sent", "counter", 2, tags),
                ("level", "gauge", second, tags),
                ("odd", "rate", second % 2, tags),
                ("spent", "time", 10.0 * (second + 1), tags),
                ("size", "bytes", 4, tags),
            )
            for second in range(3)
        )
    )
    assert {name: each.unit for name, each in metrics.items()} == {
        "p_ws_msgs_sent": "",
        "p_level": "",
        "p_odd": "",
        "p_spent": "ms",
        "p_size": "By",
    }
    hits = metrics["p_ws_msgs_sent"]
    assert hits.description == "Data messages sent."
    assert isinstance(hits.data, Sum)
    assert hits.data.is_monotonic
    assert hits.data.aggregation_temporality is AggregationTemporality.CUMULATIVE
    [point] = hits.data.data_points
    assert point.attributes == {"scenario": "s"}
    assert (point.value, point.start_time_unix_nano, point.time_unix_nano) == (6, 5, 9)
    level = metrics["p_level"].data
    assert isinstance(level, Gauge)
    assert [each.value for each in level.data_points] == [2]
    odd = metrics["p_odd"].data
    assert {each.attributes["condition"]: each.value for each in odd.data_points} == {
        "nonzero": 1,
        "zero": 2,
    }
    spent = metrics["p_spent"].data
    assert isinstance(spent, ExponentialHistogram)
    [point] = spent.data_points  # type: ignore[assignment]
    assert (point.count, point.sum, point.min, point.max) == (3, 60, 10, 30)  # type: ignore[attr-defined]
    assert (point.zero_count, sum(point.positive.bucket_counts)) == (0, 3)  # type: ignore[attr-defined]
    first = 2 ** (point.positive.offset / 2**point.scale)  # type: ignore[attr-defined]
    assert first == pytest.approx(10, rel=0.026)


def test_a_wide_distribution_stays_small(batch_of):
    values = [("spent", "time", 2.0**power, {}) for power in range(-20, 30)]
    [point] = metrics_of(batch_of(0, *values))["p_spent"].data.data_points
    assert len(point.positive.bucket_counts) <= WIDTH_MAXIMUM
    assert sum(point.positive.bucket_counts) == 50


def test_attributes_have_values():
    assert attributes_of(TagSet.of({"a.b": "x", "c": "", "": "y"})) == (("a.b", "x"),)
