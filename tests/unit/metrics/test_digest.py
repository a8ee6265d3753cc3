import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.metrics.digest import Digest, digest_of, merged_digest
from gharial.metrics.histogram import RELATIVE_ERROR
from gharial.metrics.sinks import BLOCK, TrendSink

VALUES = st.lists(
    st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6),
    min_size=1,
    max_size=60,
)
PERCENTS = (0, 1, 50, 90, 99, 99.9, 100)


def sink_of(values):
    sink = TrendSink()
    for value in values:
        sink.add(value)
    return sink


def near(value):
    return pytest.approx(value, rel=2 * RELATIVE_ERROR, abs=1e-9)


@given(VALUES)
def test_a_digest_says_what_its_sink_says(values):
    sink = sink_of(values)
    digest = digest_of(sink)
    assert (digest.count, digest.sum) == (sink.count, sink.sum)
    assert (digest.minimum, digest.maximum) == (sink.minimum, sink.maximum)
    assert digest.counts.sum() == digest.count
    assert list(digest.buckets) == sorted(set(digest.buckets.tolist()))
    # Between two values the interpolation may lie anywhere; at the values themselves not.
    ordered = sorted(values)
    for rank, value in enumerate(ordered):
        percent = 100 * rank / (len(values) - 1) if len(values) > 1 else 0
        place = percent / 100 * (len(values) - 1)
        if place == rank:
            assert digest.percentiles([percent])[0] == near(value)


def test_values_in_buckets_and_values_that_wait_are_both_there():
    random = np.random.default_rng(1)
    values = random.lognormal(1, 1, BLOCK + 100)
    sink = sink_of(values)
    digest = digest_of(sink)
    assert digest.count == BLOCK + 100
    for percent, found in zip(PERCENTS, digest.percentiles(PERCENTS), strict=True):
        assert found == near(float(np.percentile(values, percent)))


@given(VALUES, VALUES)
def test_merging_is_the_digest_of_all_values(some, others):
    both = merged_digest([digest_of(sink_of(some)), digest_of(sink_of(others))])
    whole = digest_of(sink_of(some + others))
    assert both.count == whole.count
    assert both.sum == pytest.approx(whole.sum)
    assert (both.minimum, both.maximum) == (whole.minimum, whole.maximum)
    assert both.buckets.tolist() == whole.buckets.tolist()
    assert both.counts.tolist() == whole.counts.tolist()


def test_nothing_is_zero():
    nothing = digest_of(TrendSink())
    assert (nothing.count, nothing.mean) == (0, 0)
    assert nothing.percentiles([50, 99]) == [0, 0]
    assert nothing.coarse(4) == []
    assert merged_digest([nothing, Digest()]).count == 0


def test_coarse_buckets_hold_the_same_values():
    digest = digest_of(sink_of([1.0, 1.1, 1.9, 2.0, 5.0, 0.0, -3.0]))
    assert digest.coarse(1) == [(0, 3), (1, 1), (2, 1)]
    assert digest.coarse(4) == [(0, 2), (0.75, 1), (1, 1), (2.25, 1)]


def test_the_mean_is_exact():
    assert digest_of(sink_of([0.1] * 10)).mean == pytest.approx(0.1)
    assert math.isfinite(digest_of(sink_of([1e300])).sum)


def test_a_digest_without_values_has_no_buckets():
    assert len(Digest().buckets) == len(Digest().counts) == 0
    assert (Digest().sum, Digest().minimum, Digest().maximum) == (0.0, 0.0, 0.0)
    assert merged_digest([Digest(), Digest()]).count == 0


def test_one_digest_that_has_values_is_the_merged_one():
    one = digest_of(sink_of([1.0, 2.0]))
    assert merged_digest([Digest(), one]) is one


def test_the_last_percentiles_reach_the_highest_value():
    digest = digest_of(sink_of([1.0, 101.0]))
    assert digest.percentiles([50, 90, 100]) == pytest.approx([51.0, 91.0, 101.0])


def test_the_highest_value_is_exact():
    digest = digest_of(sink_of([1.0, 2.0, 1000.3]))
    assert digest.percentiles([100]) == [1000.3]
