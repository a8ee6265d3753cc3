import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.outputs.times import clock_text, nanosecond_of, rfc3339, rfc3339_nano

AT_S = datetime(2026, 1, 2, 3, 4, 5, 250_000, tzinfo=UTC).timestamp()


@pytest.fixture
def zone(monkeypatch):
    def set_to(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()
        clock_text.cache_clear()

    yield set_to
    monkeypatch.undo()
    time.tzset()
    clock_text.cache_clear()


@pytest.mark.parametrize(
    ("name", "whole", "exact"),
    [
        ("UTC", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.250000000Z"),
        (
            "Asia/Kolkata",
            "2026-01-02T08:34:05+05:30",
            "2026-01-02T08:34:05.250000000+05:30",
        ),
        (
            "America/St_Johns",
            "2026-01-01T23:34:05-03:30",
            "2026-01-01T23:34:05.250000000-03:30",
        ),
    ],
)
def test_a_time_is_local_and_tells_its_offset(zone, name, whole, exact):
    zone(name)
    assert (rfc3339(AT_S), rfc3339_nano(AT_S)) == (whole, exact)


@given(st.floats(1e9, 4e9))
def test_nanoseconds_are_off_by_less_than_one(time_s):
    numerator, denominator = time_s.as_integer_ratio()
    exact = numerator * 1_000_000_000 // denominator
    assert abs(nanosecond_of(time_s) - exact) <= 1


@given(st.floats(1e9, 4e9))
def test_a_text_is_the_time_that_it_came_from(time_s):
    text = rfc3339_nano(time_s)
    assert datetime.fromisoformat(text).timestamp() == pytest.approx(time_s, abs=2e-6)
