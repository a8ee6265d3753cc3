import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.metrics.sinks import BLOCK, TrendSink
from gharial.outputs.exponential import SCALE, exponential


def trend_of(*values):
    sink = TrendSink()
    for value in values:
        sink.add(value)
    return sink


def bounds(index, scale=SCALE):
    return 2 ** (index / 2**scale), 2 ** ((index + 1) / 2**scale)


def counted(buckets):
    return dict(zip(buckets.indexes.tolist(), buckets.counts.tolist(), strict=True))


@given(st.floats(1e-9, 1e15), st.sampled_from([1.0, 1e-3]))
def test_a_value_is_counted_where_one_belongs_that_is_hardly_another(value, factor):
    histogram = exponential(trend_of(value), factor=factor)
    [index] = histogram.positive.indexes
    low, high = bounds(index)
    assert low * (1 - 1 / 250) <= value * factor <= high * (1 + 1 / 250)
    assert histogram.sum == value * factor


def test_sign_and_zero_are_kept_apart():
    histogram = exponential(trend_of(-3, 0, 0, 3, 3.001, 1e-20))
    assert histogram.count == 6
    assert histogram.zero_count == 3
    assert histogram.zero_threshold < 1e-9
    assert list(counted(histogram.negative).values()) == [1]
    assert list(counted(histogram.positive).values()) == [2]
    assert counted(histogram.negative).keys() == counted(histogram.positive).keys()


def test_nothing_is_nothing():
    histogram = exponential(TrendSink())
    assert (histogram.count, histogram.sum, histogram.positive.dense()) == (
        0,
        0,
        (0, []),
    )
    assert histogram.positive.width == 0


def test_infinity_and_nan_break_nothing():
    histogram = exponential(trend_of(math.inf, math.nan, 1.0))
    assert histogram.count == 2
    assert histogram.positive.counts.tolist() == [1, 1]


def test_counts_of_a_running_total_never_fall():
    # Values that wait, and the same ones once they are binned, go to the same buckets.
    values = np.random.default_rng(7).lognormal(1, 2, BLOCK + 100)
    sink = TrendSink()
    before = {}
    for begin in range(0, len(values), 500):
        sink.add_all(values[begin : begin + 500])
        now = counted(exponential(sink).positive)
        assert all(now.get(index, 0) >= count for index, count in before.items())
        before = now
    assert sink.histogram is not None
    assert sum(before.values()) == len(values)


def test_too_wide_a_range_takes_a_coarser_scale():
    sink = trend_of(*(2.0**power for power in range(-10, 31)))
    fine = exponential(sink)
    coarse = exponential(sink, width_maximum=100)
    assert (fine.scale, coarse.scale) == (SCALE, 1)
    assert fine.positive.width > 1000
    assert coarse.positive.width <= 100
    assert coarse.positive.counts.sum() == 41
    first, counts = coarse.positive.dense()
    assert (first, len(counts), sum(counts)) == (
        coarse.positive.indexes[0],
        coarse.positive.width,
        41,
    )


@pytest.mark.parametrize("percent", [1, 25, 50, 75, 99])
def test_a_quantile_from_the_buckets_is_within_the_stated_error(percent):
    values = np.sort(np.random.default_rng(3).lognormal(3, 1, 30_001))
    sink = TrendSink()
    sink.add_all(values)
    positive = exponential(sink).positive
    rank = percent / 100 * 30_000
    place = int(np.searchsorted(np.cumsum(positive.counts), rank, side="right"))
    exact = values[round(rank)]
    for bound in bounds(positive.indexes[place]):
        assert bound == pytest.approx(exact, rel=0.026)
