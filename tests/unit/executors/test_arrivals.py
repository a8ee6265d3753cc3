import asyncio

import pytest

from gharial.executors.base import ScenarioPlan
from gharial.executors.constant_arrival_rate import ConstantArrivalRate
from gharial.executors.pacing import ConstantPace, RampingPace
from gharial.executors.ramping_arrival_rate import RampingArrivalRate
from gharial.executors.segment import WHOLE, Segment


def constant(rate, duration_s, vus, most=None, *, plan=None, segment=WHOLE):
    return ConstantArrivalRate(
        plan=plan or ScenarioPlan(),
        pace=ConstantPace(rate, 1.0, duration_s),
        duration_s=duration_s,
        pre_allocated_vus=vus,
        max_vus=most or vus,
        segment=segment,
    )


def ramping(start, line, vus):
    return RampingArrivalRate(
        plan=ScenarioPlan(),
        pace=RampingPace(start, line, 1.0),
        duration_s=sum(duration_s for duration_s, _ in line),
        pre_allocated_vus=vus,
        max_vus=vus,
    )


def test_iterations_begin_by_the_clock_from_time_zero_on(run):
    ran = run(constant(4, 1.0, 2), 0.1)
    assert ran.starts == pytest.approx([0.0, 0.25, 0.5, 0.75])
    assert (ran.dropped, ran.context.vus_active) == (0, 0)


def test_virtual_users_take_turns(run):
    ran = run(constant(4, 1.0, 2), 0.1)
    assert [span[0] for span in ran.spans] == [1, 2, 1, 2]


def test_an_iteration_that_finds_no_free_virtual_user_is_dropped(run):
    ran = run(constant(10, 1.0, 2), 0.45)
    assert len(ran.spans) + ran.dropped == 10
    assert ran.starts == pytest.approx([0.0, 0.1, 0.5, 0.6])


def test_the_user_is_told_once_that_virtual_users_are_missing(run):
    ran = run(constant(10, 1.0, 2), 0.45)
    assert ran.dropped == 6
    [warning] = ran.warnings
    assert "all of its 2 virtual users are busy" in warning
    assert "raise maxVUs" in warning


def test_a_drop_makes_a_further_virtual_user_one_at_a_time(run):
    ran = run(constant(10, 1.0, 1, 3), 60.0, start_takes_s=0.15)
    assert ran.context.vus_initialized == 3
    # Dropped at 0.1, which makes a second one (ready at 0.25), and so on.
    assert ran.starts == pytest.approx([0.0, 0.3, 0.6])
    assert ran.dropped == 7


def test_a_running_iteration_may_end_within_the_graceful_stop(run):
    plan = ScenarioPlan(graceful_stop_s=2.0)
    ran = run(constant(1, 1.0, 1, plan=plan), 2.5)
    assert ran.spans == [(1, 0.0, 2.5, "completed")]
    ran = run(constant(1, 1.0, 1, plan=plan), 9.0)
    assert ran.spans == [(1, 0.0, 3.0, "interrupted")]


@pytest.mark.parametrize(
    ("executor", "takes_s", "ended_at_s"),
    [
        pytest.param(constant(1, 5.0, 1), 0.5, 5.0, id="constant"),
        pytest.param(constant(1, 5.0, 1), 0.0, 5.0, id="iterations of no length"),
        pytest.param(constant(1, 5.0, 2), 1.5, 5.5, id="the last one goes on"),
        pytest.param(ramping(2, [(4.0, 0)], 2), 0.1, 4.1, id="the last is at the end"),
        pytest.param(ramping(2, [(2.0, 2), (1.0, 1)], 2), 0.1, 3.0, id="ramping"),
        pytest.param(ramping(0, [(3.0, 0)], 2), 0.1, 3.0, id="no start at all"),
    ],
)
def test_a_scenario_takes_its_duration_whenever_its_last_iteration_ends(
    run, executor, takes_s, ended_at_s
):
    assert run(executor, takes_s).ended_at_s == pytest.approx(ended_at_s)


def test_a_share_without_starts_takes_the_duration_too(run):
    # One start for two workers: the second one has none.
    segment = Segment(1, 2)
    ran = run(constant(1, 1.0, 2, segment=segment), 0.1, segment=segment)
    assert (ran.spans, ran.ended_at_s) == ([], 1.0)


def test_a_run_that_is_stopped_does_not_wait_for_the_duration(run):
    async def stop(steering):
        await asyncio.sleep(2.2)
        steering.run.interrupt()

    ran = run(constant(1, 60.0, 1), 0.1, during=stop)
    assert ran.ended_at_s == pytest.approx(2.2)


def test_an_hour_at_a_hundred_a_second_ends_on_the_ideal_line(run):
    ran = run(constant(100, 360.0, 2), 0.001)
    assert len(ran.spans) == 36_000
    assert ran.starts[-1] == pytest.approx(359.99, abs=1e-6)


def test_a_ramp_begins_iterations_as_its_line_says(run):
    ran = run(ramping(0, ((2.0, 2), (1.0, 2)), 3), 0.1)
    assert ran.starts == pytest.approx([1.414214, 2.0, 2.5, 3.0])


def test_a_pause_moves_what_is_still_to_come(run):
    async def during(steering):
        await asyncio.sleep(1.25)
        steering.time.pause()
        await asyncio.sleep(10.0)
        steering.time.resume()

    ran = run(constant(2, 2.0, 2), 0.1, during=during)
    assert ran.starts == pytest.approx([0.0, 0.5, 1.0, 11.5])


def test_a_stop_from_outside_ends_it_at_once(run):
    async def during(steering):
        await asyncio.sleep(1.2)
        steering.run.interrupt()

    ran = run(constant(1, 3_600.0, 2), 0.5, during=during)
    assert (len(ran.spans), ran.dropped, ran.ended_at_s) == (2, 0, 1.2)


def test_all_workers_together_begin_what_one_would(run):
    alone = run(constant(10, 2.0, 5), 0.1)
    together, numbers = [], []
    for index in range(3):
        segment = Segment(index, 3)
        ran = run(constant(10, 2.0, 5, segment=segment), 0.1, segment=segment)
        together += ran.starts
        numbers += ran.numbers
    assert sorted(together) == pytest.approx(alone.starts)
    assert sorted(numbers) == list(range(20))
