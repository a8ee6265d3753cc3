import asyncio
import math
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.virtual_user.loop import VuLoop
from gharial.virtual_user.timers import CANCELLED_MAXIMUM, Timers


def make_timers(world: Any) -> tuple[Timers, VuLoop, asyncio.Event]:
    empty = asyncio.Event()
    loop = VuLoop(
        world.services.blocking, on_empty=empty.set, on_error=lambda error: None
    )
    return Timers(loop, world.event_loop, world.event_loop.time), loop, empty


def test_a_timeout_is_called_once_after_its_delay(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, _, empty = make_timers(world)
        started_at_s = world.now_s
        called: list[float] = []
        timers.set(lambda: called.append(world.now_s), 1500, repeat=False)
        await empty.wait()
        assert called == [pytest.approx(started_at_s + 1.5)]

    run_world(main)


def test_timers_run_in_the_order_of_their_due_times_then_of_setting(
    run_world: Any,
) -> None:
    async def main(world: Any) -> None:
        timers, _, empty = make_timers(world)
        called: list[str] = []
        for name, delay_ms in (("c", 20), ("a", 10), ("d", 20), ("b", 10)):
            timers.set(
                lambda name=name: called.append(name),
                delay_ms,
                repeat=False,
            )
        await empty.wait()
        assert called == ["a", "b", "c", "d"]

    run_world(main)


@pytest.mark.parametrize("delay_ms", [0, -5, math.nan, math.inf, -math.inf])
def test_a_delay_that_is_no_positive_finite_number_counts_as_zero(
    run_world: Any, delay_ms: float
) -> None:
    async def main(world: Any) -> None:
        timers, _, empty = make_timers(world)
        started_at_s = world.now_s
        timers.set(lambda: None, delay_ms, repeat=False)
        await empty.wait()
        assert world.now_s == started_at_s

    run_world(main)


def test_an_interval_waits_from_the_end_of_one_call_to_the_next(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, _, empty = make_timers(world)
        called: list[float] = []
        started_at_s = world.now_s

        def call() -> None:
            called.append(round(world.now_s - started_at_s, 6))
            if len(called) == 3:
                timers.clear(timer_id)
                return
            suspension = world.services.blocking.suspension()
            world.event_loop.call_later(0.5, suspension.resume)
            suspension.wait()

        timer_id = timers.set(call, 1000, repeat=True)
        await empty.wait()
        assert called == [1.0, 2.5, 4.0]

    run_world(main)


def test_a_timer_can_be_cleared_before_it_is_due(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, _, empty = make_timers(world)
        called: list[str] = []
        timer_id = timers.set(lambda: called.append("never"), 10, repeat=False)
        timers.set(lambda: called.append("later"), 20, repeat=False)
        timers.clear(timer_id)
        await empty.wait()
        assert called == ["later"]

    run_world(main)


def test_a_timer_can_be_cleared_by_another_that_is_due_with_it(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, _, empty = make_timers(world)
        called: list[str] = []
        timers.set(lambda: timers.clear(second), 10, repeat=False)
        second = timers.set(lambda: called.append("never"), 10, repeat=False)
        await empty.wait()
        assert called == []

    run_world(main)


@pytest.mark.parametrize("unknown", [0, 99, -1, None, "1", 1.5])
def test_clearing_what_is_no_timer_does_nothing(
    run_world: Any, unknown: object
) -> None:
    async def main(world: Any) -> None:
        timers, loop, _ = make_timers(world)
        timers.set(lambda: None, 10, repeat=False)
        timers.clear(unknown)
        assert loop.held == 1
        timers.clear_all()

    run_world(main)


def test_a_cleared_timer_no_longer_holds_the_loop(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, loop, empty = make_timers(world)
        timer_id = timers.set(lambda: None, 10_000, repeat=True)
        assert loop.held == 1
        timers.clear(timer_id)
        assert loop.held == 0
        assert empty.is_set()

    run_world(main)


@pytest.mark.parametrize("others", [0, 1, 10])
def test_a_cleared_timer_lets_go_of_what_it_would_have_called(
    run_world: Any, others: int
) -> None:
    class Callback:
        def __call__(self) -> None: ...

    async def main(world: Any) -> None:
        timers, _, _ = make_timers(world)
        kept = [timers.set(print, 1000, repeat=False) for _ in range(others)]
        callback = Callback()
        gone = weakref.ref(callback)
        cleared = timers.set(callback, 1000, repeat=False)
        del callback
        timers.clear(cleared)
        assert gone() is None
        for other in kept:
            timers.clear(other)
        # None is live: nothing has to wait until it comes up.
        assert timers._heap == []

    run_world(main)


def test_clear_all_leaves_nothing(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, loop, _ = make_timers(world)
        for _ in range(5):
            timers.set(lambda: None, 10, repeat=True)
        timers.clear_all()
        assert (loop.held, timers.pending()) == (0, [])

    run_world(main)


def test_a_timer_that_raises_no_longer_holds_the_loop(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, loop, empty = make_timers(world)

        def fails() -> None:
            raise ValueError

        timers.set(fails, 10, repeat=False)
        await empty.wait()
        assert loop.held == 0

    run_world(main)


def test_ids_count_up_and_are_never_used_again(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, _, _ = make_timers(world)
        first = timers.set(lambda: None, 10, repeat=False)
        timers.clear(first)
        assert (first, timers.set(lambda: None, 10, repeat=False)) == (1, 2)
        timers.clear_all()

    run_world(main)


def test_cancelled_timers_do_not_pile_up(run_world: Any) -> None:
    async def main(world: Any) -> None:
        timers, _, _ = make_timers(world)
        for _ in range(CANCELLED_MAXIMUM * 20):
            timers.clear(timers.set(lambda: None, 60_000, repeat=False))
        assert len(timers._heap) <= CANCELLED_MAXIMUM * 2
        timers.clear_all()

    run_world(main)


@given(delays=st.lists(st.integers(0, 50), max_size=30))
def test_every_timer_runs_once_and_in_stable_order(delays: list[int]) -> None:
    from virtual_time import VirtualLoop

    from gharial.virtual_user.blocking import Blocking

    async def main() -> list[tuple[int, int]]:
        event_loop = asyncio.get_running_loop()
        empty = asyncio.Event()
        called: list[tuple[int, int]] = []
        loop = VuLoop(
            Blocking(event_loop), on_empty=empty.set, on_error=lambda error: None
        )
        timers = Timers(loop, event_loop, event_loop.time)
        for number, delay_ms in enumerate(delays):
            timers.set(
                lambda key=(delay_ms, number): called.append(key),
                delay_ms,
                repeat=False,
            )
        if delays:
            await empty.wait()
        return called

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        called = runner.run(main())
    assert called == sorted((delay_ms, n) for n, delay_ms in enumerate(delays))


def test_an_idle_timer_keeps_no_iteration_and_is_dropped_with_it(
    run_world: Any,
) -> None:
    async def main(world: Any) -> None:
        timers, loop, empty = make_timers(world)
        called: list[str] = []
        idle = timers.set(lambda: called.append("idle"), 10, repeat=False)
        timers.rest(idle, is_idle=True)
        timers.rest(idle, is_idle=True)
        assert (loop.held, timers.pending()) == (0, [])
        timers.set(lambda: called.append("held"), 20, repeat=False)
        empty.clear()
        await empty.wait()
        # It runs while something else goes on.
        assert (called, loop.held) == (["idle", "held"], 0)
        idle = timers.set(lambda: called.append("dropped"), 10, repeat=False)
        timers.rest(idle, is_idle=True)
        timers.rest(idle, is_idle=False)
        assert loop.held == 1
        timers.rest(idle, is_idle=True)
        timers.clear_idle()
        timers.clear_idle()
        timers.rest(idle, is_idle=False)
        await asyncio.sleep(1)
        assert (called, loop.held) == (["idle", "held"], 0)

    run_world(main)
