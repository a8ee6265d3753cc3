import time

import pytest

from gharial.timing import system_clock


def test_the_time_of_day_of_a_clock_does_not_follow_one_that_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = system_clock()
    before_s = clock.epoch_s()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert before_s <= clock.epoch_s() < before_s + 3600.0


def test_processes_of_one_run_share_what_ties_their_clocks() -> None:
    clock = system_clock(epoch_offset_s=7.0)
    assert clock.epoch_s() == pytest.approx(time.monotonic() + 7.0, abs=60.0)
