import asyncio

from gharial.executors.base import ScenarioPlan
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.executors.segment import Segment
from gharial.executors.shared_iterations import SharedIterations


def test_each_vu_runs_its_own_iterations(run):
    ran = run(PerVuIterations(ScenarioPlan(), 2, 2), 3.0)
    assert sorted(ran.spans) == [
        (1, 0.0, 3.0, "completed"),
        (1, 3.0, 6.0, "completed"),
        (2, 0.0, 3.0, "completed"),
        (2, 3.0, 6.0, "completed"),
    ]
    assert (ran.dropped, ran.context.vus_active, ran.context.vus_initialized) == (
        0,
        0,
        2,
    )


def test_shared_iterations_are_taken_until_none_is_left(run):
    ran = run(SharedIterations(ScenarioPlan(), 2, 3), 1.0)
    assert len(ran.spans) == 3
    assert ran.dropped == 0


def test_iterations_left_at_the_maximum_duration_are_dropped(run):
    ran = run(SharedIterations(ScenarioPlan(), 2, 10, 5.0), 2.0)
    assert (len(ran.spans), ran.dropped) == (6, 4)


def test_iterations_left_of_each_vu_are_dropped(run):
    ran = run(PerVuIterations(ScenarioPlan(), 2, 10, 5.0), 2.0)
    assert (len(ran.spans), ran.dropped) == (6, 14)


def test_an_iteration_may_end_within_the_graceful_stop(run):
    ran = run(ConstantVus(ScenarioPlan(), 1, 5.0), 3.0)
    assert ran.spans == [(1, 0.0, 3.0, "completed"), (1, 3.0, 6.0, "completed")]


def test_an_iteration_beyond_the_graceful_stop_is_interrupted(run):
    plan = ScenarioPlan(graceful_stop_s=2.0)
    ran = run(ConstantVus(plan, 1, 5.0), 60.0)
    assert ran.spans == [(1, 0.0, 7.0, "interrupted")]
    assert ran.context.iterations_interrupted == 1


def test_no_graceful_stop_interrupts_at_once(run):
    plan = ScenarioPlan(graceful_stop_s=0.0)
    ran = run(ConstantVus(plan, 1, 5.0), 60.0)
    assert ran.spans == [(1, 0.0, 5.0, "interrupted")]


def test_nothing_is_waited_for_once_all_iterations_are_done(run):
    assert run(SharedIterations(ScenarioPlan(), 2, 4, 600.0), 1.0).ended_at_s == 2.0


def test_workers_share_iterations_through_their_vus(run):
    numbers = []
    for index in range(3):
        segment = Segment(index, 3)
        ran = run(SharedIterations(ScenarioPlan(), 4, 10, 60.0, segment=segment), 1.0)
        assert len({span[0] for span in ran.spans}) == segment.share(4)
        numbers += ran.numbers
    assert sorted(numbers) == list(range(10))


def test_a_paused_scenario_begins_nothing_and_its_time_stands_still(run):

    async def during(steering):
        await asyncio.sleep(2.5)
        steering.time.pause()
        await asyncio.sleep(10.0)
        steering.time.resume()

    ran = run(ConstantVus(ScenarioPlan(), 1, 5.0), 1.0, during=during)
    # What ran at 2.5 s came to its end; the other two seconds and a half came later.
    assert ran.starts == [0.0, 1.0, 2.0, 12.5, 13.5, 14.5]
    assert ran.ended_at_s == 15.5
