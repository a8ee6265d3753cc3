import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.metrics.histogram import (
    BUCKETS_AT_MOST,
    LARGEST,
    RELATIVE_ERROR,
    SMALLEST,
    Histogram,
    bucket_values,
)

magnitudes = st.floats(SMALLEST, LARGEST, exclude_max=True)
values_in_range = st.one_of(
    magnitudes, magnitudes.map(lambda value: -value), st.just(0.0)
)


def histogram_of(values: list[float]) -> Histogram:
    histogram = Histogram()
    histogram.record(np.array(values, dtype=np.float64))
    return histogram


@given(st.lists(values_in_range, min_size=1, max_size=200))
def test_every_value_is_found_at_its_place_within_the_stated_error(
    values: list[float],
) -> None:
    found = histogram_of(values).ordered(np.arange(len(values)))
    for exact, value in zip(sorted(values), found.tolist(), strict=True):
        assert abs(value - exact) <= abs(exact) * RELATIVE_ERROR


@given(
    st.lists(values_in_range, min_size=1, max_size=50),
    st.lists(values_in_range, min_size=1, max_size=50),
)
def test_absorbing_is_the_same_as_recording_all_in_one(
    first: list[float], second: list[float]
) -> None:
    merged = histogram_of(first)
    merged.absorb(histogram_of(second))
    ranks = np.arange(len(first) + len(second))
    expected = histogram_of(first + second)
    assert merged.count == expected.count == len(ranks)
    assert merged.ordered(ranks).tolist() == expected.ordered(ranks).tolist()


def test_the_size_is_bounded_whatever_comes() -> None:
    extremes = [5e-324, 1e-300, SMALLEST, 1.0, 1e300, 1.7e308, float("inf")]
    histogram = histogram_of([*extremes, *(-value for value in extremes), 0.0])
    assert histogram.buckets == BUCKETS_AT_MOST
    assert histogram.count == 15


def test_the_size_does_not_grow_with_the_number_of_values() -> None:
    histogram = histogram_of([1.0, 1000.0])
    before = histogram.buckets
    histogram.record(np.linspace(1.0, 1000.0, 50_000))
    assert histogram.buckets == before


@pytest.mark.parametrize("value", [0.0, -0.0, SMALLEST / 2, -SMALLEST / 2])
def test_what_is_next_to_nothing_counts_as_zero(value: float) -> None:
    assert histogram_of([value]).ordered(np.array([0])).tolist() == [0.0]


def test_the_stated_error_is_that_of_the_lowest_value_of_a_bucket() -> None:
    assert histogram_of([1.0]).ordered(np.array([0])).tolist() == [1 + RELATIVE_ERROR]


@pytest.mark.parametrize("zeros", [0, 2])
def test_the_buckets_in_use_stand_for_the_values(zeros: int) -> None:
    histogram = histogram_of([-8.0, -2.0, *[0.0] * zeros, 1.0, 5.0])
    numbers, counts = histogram.sparse()
    values = np.repeat(bucket_values(numbers), counts)
    assert counts.tolist() == [1, 1, *([zeros] if zeros else []), 1, 1]
    assert values.tolist() == histogram.ordered(np.arange(4 + zeros)).tolist()
