import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.executors.plan import Need, most_vus, ramp, reserved, summed

lines = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 3.0, 60.0, 3_600.0]), st.integers(0, 60)),
    min_size=1,
    max_size=6,
)


def test_scenarios_in_a_row_share_their_vus():
    assert most_vus([(0.0, [(0.0, 5), (10.0, 0)]), (10.0, [(0.0, 3), (9.0, 0)])]) == 5
    assert most_vus([(0.0, [(0.0, 5), (10.0, 0)]), (9.0, [(0.0, 3), (9.0, 0)])]) == 8


@pytest.mark.parametrize(
    ("start", "line", "steps"),
    [
        pytest.param(
            0, [(4.0, 4)], ((0, 0), (1, 1), (2, 2), (3, 3), (4, 4)), id="upwards"
        ),
        pytest.param(
            4, [(4.0, 0)], ((0, 4), (1, 3), (2, 2), (3, 1), (4, 0)), id="downwards"
        ),
        pytest.param(1, [(0.0, 5), (9.0, 5)], ((0, 5),), id="a jump at the start"),
        pytest.param(
            1, [(2.0, 1), (0.0, 3), (2.0, 3)], ((0, 1), (2, 3)), id="a jump later"
        ),
        pytest.param(
            2, [(2.0, 4), (2.0, 2)], ((0, 2), (1, 3), (2, 4), (3, 3), (4, 2)), id="both"
        ),
    ],
)
def test_a_ramp_adds_and_removes_vus_one_by_one(start, line, steps):
    assert ramp(start, line) == steps


@given(st.integers(0, 60), lines)
def test_a_ramp_is_never_a_vu_away_from_its_line(start, line):
    steps = ramp(start, line)
    assert [offset for offset, _ in steps] == sorted({offset for offset, _ in steps})
    assert steps[-1][1] == line[-1][1]
    begins_s, before = 0.0, start
    for duration_s, target in line:
        for offset_s, count in steps:
            if begins_s < offset_s < begins_s + duration_s:
                share = (offset_s - begins_s) / duration_s
                assert abs(before + (target - before) * share - count) < 1e-6
        begins_s += duration_s
        before = target


@given(st.integers(0, 60), lines, st.sampled_from([0.0, 0.7, 30.0]))
def test_as_many_are_reserved_as_were_wanted_within_the_hold(start, line, hold_s):
    steps = ramp(start, line)
    end_s = sum(duration_s for duration_s, _ in line) + 5.0
    kept = reserved(steps, hold_s, end_s)
    assert kept[-1] == (end_s, 0)

    def at(row, moment_s):
        return next((c for o, c in reversed(row) if o <= moment_s), 0)

    for offset_s, _ in (*steps, *kept[:-1]):
        recent = [
            count
            for (begun_s, count), (over_s, _) in zip(
                steps, [*steps[1:], (end_s, 0)], strict=True
            )
            if begun_s <= offset_s < over_s + hold_s
        ]
        assert at(kept, offset_s) == max(recent)


def test_an_hour_of_ramping_to_ten_thousand_is_planned_at_once():
    steps = ramp(0, [(3_600.0, 10_000), (3_600.0, 0)])
    assert len(steps) == 20_001
    assert most_vus([(0.0, reserved(steps, 30.0, 7_230.0))]) == 10_000


def test_need_is_the_most_of_now_and_later():
    need = Need(
        summed([(0.0, ((0.0, 3), (10.0, 0))), (20.0, ((0.0, 2), (5.0, 4), (9.0, 0)))])
    )
    assert [need.at(at_s) for at_s in (0.0, 10.0, 19.0, 25.0, 28.9, 29.0)] == [
        4,
        4,
        4,
        4,
        4,
        0,
    ]
    assert Need(()).at(3.0) == 0
