import math

import pytest

from gharial.metrics.metric import Metric, MetricType
from gharial.metrics.sinks import CounterSink, make_sink
from gharial.metrics.statistics import (
    Statistic,
    TrendStatisticError,
    parse_statistic,
    parse_trend_statistics,
    statistics_of,
)


@pytest.mark.parametrize(
    ("type", "name", "expected"),
    [
        (MetricType.COUNTER, "count", 6),
        (MetricType.COUNTER, "rate", 3),
        (MetricType.GAUGE, "value", 3),
        (MetricType.RATE, "rate", 1),
        (MetricType.TREND, "avg", 2),
        (MetricType.TREND, "min", 1),
        (MetricType.TREND, "med", 2),
        (MetricType.TREND, "max", 3),
        (MetricType.TREND, "count", 3),
        (MetricType.TREND, "p(75)", 2.5),
        (MetricType.TREND, "p(100)", 3),
    ],
)
def test_a_statistic_is_what_its_name_says(
    type: MetricType,  # noqa: A002
    name: str,
    expected: float,
) -> None:
    sink = make_sink(Metric("some", type))
    for value in (1, 2, 3):
        sink.add(value)
    statistic = parse_statistic(name)
    assert statistic is not None
    assert statistic.of(sink, 2.0) == expected


@pytest.mark.parametrize("text", ["p(101)", "p(x)", "p()", "average", ""])
def test_what_is_no_statistic_is_none(text: str) -> None:
    assert parse_statistic(text) is None


@pytest.mark.parametrize("text", ["p(101)", "rate", "maxx"])
def test_what_trends_do_not_have_is_refused(text: str) -> None:
    with pytest.raises(TrendStatisticError, match="summaryTrendStats"):
        parse_trend_statistics(("avg", text))


def test_a_sink_without_such_a_number_gives_nan() -> None:
    sink = make_sink(Metric("some", MetricType.RATE))
    assert math.isnan(Statistic("avg").of(sink, 1.0))


def test_a_gauge_without_values_shows_finite_numbers() -> None:
    sink = make_sink(Metric("some", MetricType.GAUGE))
    assert statistics_of(sink, 1.0, ()) == {"value": 0, "min": 0, "max": 0}


def test_the_summary_shows_what_was_asked_for_in_that_order() -> None:
    names = ("p(99)", "avg", "count")
    assert tuple(each.name for each in parse_trend_statistics(names)) == names


def test_a_counter_has_no_rate_before_any_time_has_passed() -> None:
    sink = CounterSink()
    sink.add(4)
    assert statistics_of(sink, 0.0, ()) == {"count": 4, "rate": 0.0}
    assert statistics_of(sink, 2.0, ()) == {"count": 4, "rate": 2.0}


@pytest.mark.parametrize(("duration_s", "rate"), [(0.5, 12.0), (1.0, 6.0), (0.0, 0.0)])
def test_a_rate_is_per_second_however_short_the_run(
    duration_s: float, rate: float
) -> None:
    sink = CounterSink()
    sink.add(6.0)
    assert Statistic("rate").of(sink, duration_s) == rate
