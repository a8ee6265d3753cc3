import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.executors.pacing import ConstantPace, RampingPace

durations = st.floats(0.001, 86_400, allow_nan=False)
stages = st.lists(
    st.tuples(st.floats(0, 3_600), st.integers(0, 5_000)), min_size=1, max_size=5
)


@pytest.mark.parametrize(
    ("rate", "unit_s", "duration_s", "total"),
    [
        pytest.param(2_000, 1.0, 10.0, 20_000, id="the end is not part of it"),
        pytest.param(1, 1.0, 1.0, 1, id="the first is due at once"),
        pytest.param(10, 1.0, 0.95, 10, id="one that is due before the end counts"),
        pytest.param(3, 60.0, 60.0, 3, id="a rate a minute"),
        pytest.param(30, 0.1, 0.3, 90, id="what has no exact form is no start more"),
    ],
)
def test_a_constant_pace_has_so_many_starts(rate, unit_s, duration_s, total):
    assert ConstantPace(rate, unit_s, duration_s).total == total


@given(st.integers(1, 100_000), st.floats(0.001, 86_400), durations)
def test_a_constant_pace_never_drifts(rate, unit_s, duration_s):
    pace = ConstantPace(rate, unit_s, duration_s)
    for number in {0, pace.total // 2, max(0, pace.total - 1)}:
        assert pace.offset_s(number) == pytest.approx(number * unit_s / rate)
    if pace.total:
        assert pace.offset_s(pace.total - 1) < duration_s * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize(
    ("start_rate", "line", "starts"),
    [
        pytest.param(10, [(0.5, 10)], [0.1, 0.2, 0.3, 0.4, 0.5], id="a flat line"),
        pytest.param(0, [(2.0, 2)], [1.414214, 2.0], id="upwards from nothing"),
        pytest.param(2, [(2.0, 0)], [0.585786, 2.0], id="down to nothing"),
        pytest.param(0, [(0.0, 4), (1.0, 4)], [0.25, 0.5, 0.75, 1.0], id="a jump"),
        pytest.param(0, [(5.0, 0), (0.5, 4)], [5.5], id="a pause before"),
        pytest.param(1, [(1.5, 1), (1.5, 1)], [1.0, 2.0, 3.0], id="over a border"),
        pytest.param(4, [(0.5, 4), (3.0, 0), (0.0, 4), (0.5, 4)], None, id="a valley"),
    ],
)
def test_a_ramping_pace_starts_when_the_area_reaches_each_number(
    start_rate, line, starts
):
    pace = RampingPace(start_rate, line, 1.0)
    offsets = [round(pace.offset_s(number), 6) for number in range(pace.total)]
    if starts is None:
        assert offsets == sorted(offsets)
        assert len(offsets) == 10
    else:
        assert offsets == starts


def area_until(start_rate, line, unit_s, at_s):
    total, begins_s, rate = 0.0, 0.0, start_rate
    for duration_s, target in line:
        into_s = min(max(at_s - begins_s, 0.0), duration_s)
        if duration_s:
            last = rate + (target - rate) * into_s / duration_s
            total += into_s * (rate + last) / 2 / unit_s
        begins_s += duration_s
        rate = target
    return total


@given(st.integers(0, 5_000), stages, st.floats(0.1, 60))
def test_a_ramping_pace_never_strays_from_the_ideal_line(start_rate, line, unit_s):
    pace = RampingPace(start_rate, line, unit_s)
    total = pace.total
    before_s = 0.0
    for number in sorted({0, 1, total // 3, total // 2, total - 2, total - 1}):
        if not 0 <= number < total:
            continue
        offset_s = pace.offset_s(number)
        assert offset_s >= before_s
        before_s = offset_s
        area = area_until(start_rate, line, unit_s, offset_s)
        assert area == pytest.approx(number + 1, rel=1e-6, abs=1e-4)
