from hypothesis import given
from hypothesis import strategies as st

from gharial.cluster.clock_offset import (
    ClockReading,
    Exchange,
    clock_offset,
    read_clocks,
)

delays = st.floats(1e-5, 0.5)
offsets = st.floats(-1e4, 1e4)


def exchange(ahead_s, there_s, back_s, *, monotonic_ahead_s=0.0):
    asked = ClockReading(50.0, 1_000.0)
    answer_after_s, answered_after_s = there_s, there_s + back_s
    return Exchange(
        asked,
        ClockReading(
            50.0 + answer_after_s + monotonic_ahead_s,
            1_000.0 + answer_after_s + ahead_s,
        ),
        ClockReading(50.0 + answered_after_s, 1_000.0 + answered_after_s),
    )


def test_the_fastest_exchange_counts():
    slow = exchange(3.0, 0.5, 0.01)
    fast = exchange(3.0, 0.002, 0.002, monotonic_ahead_s=-7.0)
    offset = clock_offset([slow, fast, slow])
    assert abs(offset.ahead_s - 3.0) < 1e-9
    assert abs(offset.monotonic_ahead_s + 7.0) < 1e-9
    assert abs(offset.error_s - 0.002) < 1e-9


@given(offsets, offsets, st.lists(st.tuples(delays, delays), min_size=1))
def test_the_truth_is_within_the_error(ahead_s, monotonic_ahead_s, trips):
    offset = clock_offset(
        [
            exchange(ahead_s, there, back, monotonic_ahead_s=monotonic_ahead_s)
            for there, back in trips
        ]
    )
    assert abs(offset.ahead_s - ahead_s) <= offset.error_s + 1e-9
    assert abs(offset.monotonic_ahead_s - monotonic_ahead_s) <= offset.error_s + 1e-9


def test_a_machine_is_not_ahead_of_itself():
    offset = clock_offset(
        [Exchange(read_clocks(), read_clocks(), read_clocks()) for _ in range(5)]
    )
    # However long a busy machine takes between two looks: that much it may err.
    assert abs(offset.ahead_s) <= offset.error_s + 1e-3
    assert abs(offset.monotonic_ahead_s) <= offset.error_s + 1e-9
