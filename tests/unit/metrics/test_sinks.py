import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.metrics.histogram import LARGEST, RELATIVE_ERROR, SMALLEST
from gharial.metrics.metric import Metric, MetricType
from gharial.metrics.sinks import (
    BLOCK,
    FEW,
    CounterSink,
    GaugeSink,
    RateSink,
    TrendSink,
    absorb,
    combined,
    make_sink,
)


def trend_of(values: list[float], *, is_binned: bool = False) -> TrendSink:
    sink = TrendSink()
    for value in values:
        sink.add(value)
    if is_binned:
        sink._bin()
    return sink


def gauge_of(*values: float, is_summed: bool = False) -> GaugeSink:
    sink = GaugeSink(is_summed=is_summed)
    for value in values:
        sink.add(value)
    return sink


magnitudes = st.floats(SMALLEST, LARGEST, exclude_max=True)
durations = st.lists(
    st.one_of(magnitudes, magnitudes.map(lambda value: -value), st.just(0.0)),
    min_size=1,
    max_size=200,
)


@given(values=durations, percent=st.floats(0, 100))
def test_a_binned_percentile_is_within_the_stated_error(
    values: list[float], percent: float
) -> None:
    sink = trend_of(values, is_binned=True)
    ordered = sorted(values)
    place = percent / 100 * (len(values) - 1)
    around = ordered[math.floor(place)], ordered[math.ceil(place)]
    exact = float(np.percentile(values, percent))
    # Between neighbours of both signs, the error is a share of the larger one.
    largest = max(abs(value) for value in around)
    assert abs(sink.percentile(percent) - exact) <= largest * (RELATIVE_ERROR + 1e-9)


@given(values=durations, percent=st.floats(0, 100))
def test_few_values_give_the_exact_percentile(
    values: list[float], percent: float
) -> None:
    exact = float(np.percentile(values, percent))
    scale = max(abs(value) for value in values)
    assert trend_of(values).percentile(percent) == pytest.approx(
        exact, rel=1e-9, abs=scale * 1e-9
    )


@given(values=durations)
def test_count_sum_and_extremes_are_exact_in_both_forms(values: list[float]) -> None:
    for is_binned in (False, True):
        sink = trend_of(values, is_binned=is_binned)
        assert sink.count == len(values)
        assert sink.sum == pytest.approx(
            math.fsum(values), abs=1e-9 * sum(abs(value) for value in values)
        )
        assert (sink.minimum, sink.maximum) == (min(values), max(values))
        assert sink.percentile(0) == min(values)
        assert sink.percentile(100) == max(values)


@pytest.mark.parametrize("counts", [(3, 4), (BLOCK, 4), (4, BLOCK), (BLOCK, BLOCK)])
def test_merged_trends_hold_all_values(counts: tuple[int, int]) -> None:
    first, second = (trend_of([float(n) for n in range(1, n + 1)]) for n in counts)
    first.absorb(second)
    assert first.count == sum(counts)
    assert first.maximum == max(counts)
    assert first.minimum == 1
    assert second.count == counts[1]


@pytest.mark.parametrize("is_binned", [False, True])
@pytest.mark.parametrize("other_is_binned", [False, True])
@pytest.mark.parametrize("values", [([5.0, 7.0], [1.0, 2.0]), ([1.0], [9.0, 4.0])])
def test_a_merged_trend_has_sum_and_extremes_of_both(
    values: tuple[list[float], list[float]], is_binned: bool, other_is_binned: bool
) -> None:
    sink = trend_of(values[0], is_binned=is_binned)
    sink.absorb(trend_of(values[1], is_binned=other_is_binned))
    both = [*values[0], *values[1]]
    assert (sink.count, sink.sum) == (len(both), sum(both))
    assert (sink.minimum, sink.maximum) == (min(both), max(both))


@pytest.mark.parametrize("count", [0, 3, BLOCK - 1, BLOCK + 1])
def test_many_values_at_once_are_as_good_as_each_alone(count: int) -> None:
    values = [float(value) for value in range(1, count + 1)]
    at_once = TrendSink()
    at_once.add_all(np.array(values))
    each = trend_of(values)
    for percent in (0, 50, 99, 100):
        assert at_once.percentile(percent) == each.percentile(percent)
    assert (at_once.count, at_once.sum) == (count, sum(values))


def test_an_empty_trend_is_all_zeros() -> None:
    sink = TrendSink()
    assert sink.is_empty
    found = (sink.count, sink.sum, sink.minimum, sink.maximum, sink.mean)
    assert (*found, sink.percentile(50)) == (0, 0, 0, 0, 0, 0)


def test_nan_is_left_out_of_a_trend() -> None:
    sink = trend_of([math.nan, 2.0])
    assert (sink.count, sink.sum, sink.maximum) == (1, 2.0, 2.0)
    only_nan = trend_of([math.nan], is_binned=True)
    assert only_nan.is_empty


def test_a_long_trend_keeps_no_values() -> None:
    sink = trend_of([1.0] * (3 * BLOCK + 5))
    assert len(sink._pending) == 5
    assert sink.count == 3 * BLOCK + 5


def test_taking_leaves_a_sink_that_goes_on() -> None:
    sink = trend_of([1.0] * (BLOCK + 1))
    taken = sink.take()
    sink.add(7.0)
    assert (taken.count, sink.count, sink.mean) == (BLOCK + 1, 1, 7.0)


@pytest.mark.parametrize("type", list(MetricType))
def test_every_sink_can_be_taken_pickled_and_merged(type: MetricType) -> None:  # noqa: A002
    metric = Metric("some", type)
    sink = make_sink(metric)
    assert sink.is_empty
    sink.add(3.0)
    taken = pickle.loads(pickle.dumps(sink.take()))
    assert sink.is_empty
    assert not taken.is_empty
    assert not combined(metric, [taken]).is_empty


def test_different_sinks_cannot_be_merged() -> None:
    with pytest.raises(TypeError, match="RateSink into CounterSink"):
        absorb(CounterSink(), RateSink())


def test_a_counter_takes_additions_from_outside() -> None:
    sink = CounterSink()
    sink.value += 4
    sink.add(2)
    assert (sink.value, sink.take().value, sink.value) == (6, 6, 0)


def test_a_counter_that_was_given_zero_is_not_empty() -> None:
    sink = CounterSink()
    sink.add(0)
    assert not sink.is_empty
    assert not sink.take().is_empty


def test_a_rate_counts_what_is_not_zero() -> None:
    sink = RateSink()
    assert sink.rate == 0
    for value in (1, 0, 2.5, 0):
        sink.add(value)
    assert (sink.passes, sink.fails, sink.rate) == (2, 2, 0.5)


def test_a_gauge_keeps_the_last_value_and_the_extremes() -> None:
    sink = gauge_of(5, 1, 3)
    assert (sink.value, sink.minimum, sink.maximum) == (3, 1, 5)


def test_of_plain_gauges_the_later_one_wins() -> None:
    first, second = gauge_of(5), gauge_of(2)
    for order in ((first, second), (second, first)):
        total = GaugeSink()
        for sink in order:
            total.absorb(sink)
        assert (total.value, total.minimum, total.maximum) == (2, 2, 5)


def test_summed_gauges_add_up() -> None:
    total = GaugeSink(is_summed=True)
    for sink in (gauge_of(1, 5), gauge_of(2, 3), GaugeSink()):
        total.absorb(sink)
    assert (total.value, total.minimum, total.maximum) == (8, 3, 8)


def test_a_later_delta_of_one_worker_replaces_only_its_own_share() -> None:
    total = GaugeSink(is_summed=True)
    total.follow_share(gauge_of(5), "first")
    total.follow_share(gauge_of(7), "second")
    total.follow_share(gauge_of(2), "first")
    total.follow_share(GaugeSink(), "second")
    assert (total.value, total.minimum, total.maximum) == (9, 9, 12)


def test_a_taken_gauge_keeps_its_value_but_reports_it_once() -> None:
    sink = gauge_of(5)
    assert sink.take().value == 5
    assert sink.value == 5
    assert sink.take().is_empty


def test_a_combined_trend_is_not_changed_by_reading():
    one, other = TrendSink(), TrendSink()
    one.add_all(np.arange(BLOCK + 10, dtype=np.float64))
    other.add(5.0)
    both = combined(Metric("t", MetricType.TREND), [one, other])
    histogram = both.histogram
    assert histogram is not None
    assert len(both.pending_values()) == 0
    counted = histogram.count
    both.percentile(50)
    assert (both.histogram, histogram.count) == (histogram, counted)
    assert both.count == BLOCK + 11


@pytest.mark.parametrize("is_binned", [False, True])
def test_absorbing_adds_count_sum_and_extremes(is_binned: bool) -> None:
    whole = trend_of([5.0, 9.0], is_binned=is_binned)
    whole.absorb(trend_of([2.0, 4.0], is_binned=is_binned))
    assert (whole.count, whole.sum) == (4, 20.0)
    assert (whole.minimum, whole.maximum) == (2.0, 9.0)


def test_absorbing_a_rate_adds_passes_and_all_values() -> None:
    whole, other = RateSink(), RateSink()
    for value in (1, 0):
        whole.add(value)
    for value in (1, 1, 0):
        other.add(value)
    whole.absorb(other)
    assert (whole.passes, whole.total) == (3, 5)


def test_a_gauge_without_a_value_is_zero() -> None:
    assert GaugeSink().value == 0.0
    assert GaugeSink().is_empty


def test_whether_a_gauge_is_summed_is_the_metrics_and_goes_along_when_taken() -> None:
    summed = make_sink(Metric("open", MetricType.GAUGE, is_summed=True))
    plain = make_sink(Metric("cpu", MetricType.GAUGE))
    for sink in (summed, plain):
        sink.add(2.0)
        taken = sink.take()
        other = GaugeSink()
        other.add(5.0)
        absorb(taken, other)
        assert taken.value == (7.0 if sink is summed else 5.0)


def test_a_plain_gauge_follows_whatever_worker_was_last() -> None:
    whole = GaugeSink()
    for source, value in (("1", 4.0), ("2", 3.0)):
        later = GaugeSink()
        later.add(value)
        whole.follow_share(later, source)
    assert (whole.value, whole.minimum, whole.maximum) == (3.0, 3.0, 4.0)


def test_the_mean_is_the_sum_by_the_count() -> None:
    sink = TrendSink()
    assert sink.mean == 0.0
    for value in (1.0, 2.0, 6.0):
        sink.add(value)
    assert sink.mean == 3.0


def test_the_extremes_are_those_of_values_in_buckets_and_of_many_that_wait() -> None:
    sink = TrendSink()
    for value in (-5.0, 5_000.0, *[1.0] * (BLOCK - 2)):
        sink.add(value)
    assert sink.histogram is not None
    for _ in range(FEW + 1):
        sink.add(7.0)
    assert (sink.minimum, sink.maximum) == (-5.0, 5_000.0)
