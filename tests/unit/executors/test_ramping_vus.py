import asyncio

from gharial.executors.base import ScenarioPlan
from gharial.executors.ramping_vus import RampingVus
from gharial.executors.segment import Segment

NO_GRACE = ScenarioPlan(graceful_stop_s=0.0)


def busy(ran, at_s):
    """Return how many VUs ran an iteration at a moment."""
    return len({vu for vu, begun, ended, _ in ran.spans if begun <= at_s < ended})


def test_virtual_users_come_and_go_along_the_line(run):
    executor = RampingVus(NO_GRACE, 0, ((4.0, 4), (4.0, 4), (4.0, 0)), 0.0)
    ran = run(executor, 0.1)
    counts = [busy(ran, at_s) for at_s in (0.5, 1.55, 2.55, 3.55, 6.0, 8.55, 9.55)]
    assert counts == [0, 1, 2, 3, 4, 4, 3]
    assert ran.ended_at_s == 12.0


def test_one_that_is_removed_may_finish_its_iteration(run):
    executor = RampingVus(ScenarioPlan(), 2, ((2.0, 2), (0.0, 1), (10.0, 1)), 30.0)
    ran = run(executor, 5.0)
    assert (2, 0.0, 5.0, "completed") in ran.spans
    assert [span for span in ran.spans if span[0] == 2] == [(2, 0.0, 5.0, "completed")]


def test_one_that_is_removed_is_interrupted_after_the_graceful_ramp_down(run):
    executor = RampingVus(ScenarioPlan(), 2, ((2.0, 2), (0.0, 1), (10.0, 1)), 3.0)
    ran = run(executor, 60.0)
    assert (2, 0.0, 5.0, "interrupted") in ran.spans


def test_one_that_is_wanted_again_goes_on(run):
    line = ((2.0, 2), (0.0, 1), (1.0, 1), (0.0, 2), (10.0, 2))
    ran = run(RampingVus(ScenarioPlan(), 2, line, 30.0), 6.0)
    assert [span[:3] for span in sorted(ran.spans) if span[0] == 2] == [
        (2, 0.0, 6.0),
        (2, 6.0, 12.0),
        (2, 12.0, 18.0),
    ]


def test_the_graceful_stop_cuts_the_graceful_ramp_down_short(run):
    executor = RampingVus(
        ScenarioPlan(graceful_stop_s=1.0), 1, ((5.0, 1), (0.0, 0)), 30.0
    )
    ran = run(executor, 60.0)
    assert ran.spans == [(1, 0.0, 6.0, "interrupted")]


def test_an_interrupted_one_that_is_wanted_again_begins_anew(run):
    line = ((1.0, 1), (0.0, 0), (3.0, 0), (0.0, 1), (2.0, 1))
    ran = run(RampingVus(ScenarioPlan(graceful_stop_s=0.0), 1, line, 1.0), 60.0)
    assert ran.spans == [(1, 0.0, 2.0, "interrupted"), (1, 4.0, 6.0, "interrupted")]


def test_the_steps_of_all_workers_are_the_steps_of_one():
    line = ((10.0, 7), (5.0, 3), (0.0, 9), (3.0, 0))
    whole = RampingVus(ScenarioPlan(), 2, line)
    shares = [
        RampingVus(ScenarioPlan(), 2, line, 30.0, segment=Segment(index, 3))
        for index in range(3)
    ]

    def at(steps, moment_s):
        return next((count for o, count in reversed(steps) if o <= moment_s), 0)

    for offset_s, count in whole.steps():
        assert sum(at(share.steps(), offset_s) for share in shares) == count


def test_a_stop_from_outside_does_not_wait_for_the_next_step(run):
    async def during(steering):
        await asyncio.sleep(3.0)
        steering.run.interrupt()

    ran = run(RampingVus(ScenarioPlan(), 1, ((3_600.0, 2),)), 60.0, during=during)
    assert ran.ended_at_s == 3.0


def test_virtual_users_end_when_the_ramp_has_no_further_use_for_them(run):
    executor = RampingVus(NO_GRACE, 3, ((3.0, 3), (3.0, 0)), 0.0)
    ran = run(executor, 0.5, retires=True)
    assert sorted(at_s for _, at_s in ran.torn_down) == [4.0, 5.0, 6.0]


def test_virtual_users_that_a_later_stage_needs_are_kept(run):
    line = ((1.0, 3), (1.0, 1), (1.0, 3), (0.5, 3), (0.0, 0))
    ran = run(RampingVus(NO_GRACE, 3, line, 0.0), 0.1, retires=True)
    assert {at_s for _, at_s in ran.torn_down} == {3.5}
