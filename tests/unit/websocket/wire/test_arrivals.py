"""Stamps of the kernel's are on the clock of the day, which somebody may set."""

from typing import Any

import pytest

arrivals: Any = pytest.importorskip(
    "gharial.websocket.wire.arrivals_in_c",
    reason="the kernel's stamps are read in C only",
    exc_type=ImportError,
)

AHEAD_S = 1_000_000.0


def told(clock: Any, stamp_s: float, now_s: float, ahead_s: float) -> float:
    return clock.monotonic_s(stamp_s, now_s, now_s + ahead_s)


def test_a_stamp_is_told_as_an_instant_of_the_monotonic_clock() -> None:
    clock = arrivals.DayClock(AHEAD_S)
    assert told(clock, AHEAD_S + 4.5, 5.0, AHEAD_S) == 4.5


def test_a_stamp_is_never_later_than_now() -> None:
    clock = arrivals.DayClock(AHEAD_S)
    assert told(clock, AHEAD_S + 5.00001, 5.0, AHEAD_S) == 5.0


def test_a_pause_between_two_readings_spoils_one_stamp() -> None:
    clock = arrivals.DayClock(AHEAD_S)
    assert told(clock, AHEAD_S + 4.9, 5.0, AHEAD_S + 0.002) == 0.0
    assert told(clock, AHEAD_S + 5.0, 5.1, AHEAD_S) == 5.0
    # Another one, not alike.
    assert told(clock, AHEAD_S + 5.1, 5.2, AHEAD_S + 0.004) == 0.0
    assert told(clock, AHEAD_S + 5.2, 5.3, AHEAD_S) == pytest.approx(5.2)


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, 0.001])
def test_no_stamp_is_told_for_a_second_after_the_clock_was_set(step_s: float) -> None:
    clock = arrivals.DayClock(AHEAD_S)
    ahead_s = AHEAD_S + step_s
    assert told(clock, AHEAD_S + 4.9, 5.0, ahead_s) == 0.0
    assert told(clock, AHEAD_S + 4.9, 5.1, ahead_s) == 0.0
    assert told(clock, AHEAD_S + 5.0, 6.0, ahead_s) == 0.0
    assert told(clock, ahead_s + 6.1, 6.2, ahead_s) == pytest.approx(6.1)
