import asyncio
from typing import Any

import pytest

from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser

COMPLETED = IterationOutcome.COMPLETED
FAILED = IterationOutcome.FAILED
INTERRUPTED = IterationOutcome.INTERRUPTED


def test_an_async_default_is_run_to_its_end(world: Any) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        from gharial import log, vu
        async def default():
            log("begin", vu.id)
            await asyncio.sleep(vu.id)
            log("end", vu.id)
        """,
        users=2,
    )
    assert outcomes == [COMPLETED] * 2
    assert world.texts() == ["begin 1", "begin 2", "end 1", "end 2"]


def test_every_task_that_the_script_starts_holds_the_iteration(world: Any) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        from gharial import log
        tasks = set()
        async def later(name, delay_s):
            await asyncio.sleep(delay_s)
            log(name)
            if name == "task":
                tasks.add(asyncio.ensure_future(later("grandchild", 1)))
        async def default():
            tasks.add(asyncio.create_task(later("task", 5)))
            await asyncio.gather(later("a", 2), later("b", 1))
        """
    )
    assert outcomes == [COMPLETED]
    assert world.texts() == ["b", "a", "task", "grandchild"]


def test_a_task_started_by_plain_code_is_owned_too(world: Any) -> None:
    world.iterate(
        """
        import asyncio
        from gharial import log, set_timeout, vu
        tasks = set()
        async def later():
            await asyncio.sleep(1)
            log("task of", vu.id)
        def start():
            tasks.add(asyncio.create_task(later()))
        def default():
            set_timeout(start, 10)
        """,
        users=2,
    )
    assert world.texts() == ["task of 1", "task of 2"]


def test_async_callbacks_of_timers_are_tasks(world: Any) -> None:
    world.iterate(
        """
        import asyncio
        from gharial import log, set_timeout
        async def call(name):
            await asyncio.sleep(1)
            log(name)
        def default():
            set_timeout(call, 10, "called")
        """
    )
    assert world.texts() == ["called"]


def test_an_exception_in_an_async_default_fails_the_iteration(world: Any) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        async def work():
            await asyncio.sleep(1)
            raise ValueError("bad")
        async def default():
            await work()
        """
    )
    assert outcomes == [FAILED]
    assert world.texts() == [
        "ValueError: bad\n    at work (chat.py:5:5)\n    at default (chat.py:7:5)"
    ]


def test_a_failure_cancels_the_other_tasks(world: Any) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        from gharial import log
        tasks = set()
        async def forever():
            try:
                await asyncio.sleep(1e9)
            except asyncio.CancelledError:
                log("cancelled")
                raise
        async def default():
            tasks.add(asyncio.create_task(forever()))
            await asyncio.sleep(0)
            raise ValueError("bad")
        """
    )
    assert outcomes == [FAILED]
    assert [text.splitlines()[0] for text in world.texts()] == [
        "ValueError: bad",
        "cancelled",
    ]


def test_a_failed_task_that_is_awaited_later_is_the_awaiters_business(
    world: Any,
) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        from gharial import log
        async def fails():
            raise ValueError("bad")
        async def default():
            task = asyncio.create_task(fails())
            await asyncio.sleep(1)
            try:
                await task
            except ValueError:
                log("handled")
        """
    )
    assert (outcomes, world.texts()) == ([COMPLETED], ["handled"])


def test_a_failed_task_that_nobody_awaits_fails_the_iteration(world: Any) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        tasks = set()
        async def fails():
            raise ValueError("bad")
        async def default():
            tasks.add(asyncio.create_task(fails()))
            await asyncio.sleep(1)
        """
    )
    assert outcomes == [FAILED]
    assert world.texts() == ["ValueError: bad\n    at fails (chat.py:5:5)"]


def test_a_task_that_the_script_cancels_is_no_failure(world: Any) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        async def default():
            task = asyncio.create_task(asyncio.sleep(1e9))
            await asyncio.sleep(0)
            task.cancel()
        """
    )
    assert outcomes == [COMPLETED]


@pytest.mark.parametrize(
    "work",
    [
        "await other",
        "await asyncio.gather(other)",
        "asyncio.current_task().cancel(); await asyncio.sleep(1)",
        "raise asyncio.CancelledError",
    ],
)
def test_an_iteration_that_a_cancellation_ends_has_failed(
    world: Any, work: str
) -> None:
    outcomes = world.iterate(
        f"""
        import asyncio
        async def default():
            other = asyncio.create_task(asyncio.sleep(5))
            other.cancel()
            {work}
            raise AssertionError("this is not reached")
        """
    )
    assert outcomes == [FAILED]
    [text] = world.texts()
    assert text.startswith("CancelledError"), text
    assert "at default (chat.py:6:" in text


def test_timeouts_and_task_groups_work(world: Any) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        from gharial import log
        async def default():
            try:
                async with asyncio.timeout(2):
                    await asyncio.sleep(1e9)
            except TimeoutError:
                log("timeout")
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(1))
            log(await asyncio.wait_for(asyncio.sleep(1, "value"), 5))
            raise ExceptionGroup("several", [ValueError("a"), KeyError("b")])
        """
    )
    assert outcomes == [FAILED]
    assert world.texts() == [
        "timeout",
        "value",
        "ExceptionGroup: several (2 sub-exceptions)\n"
        "    at default (chat.py:13:5)\n"
        "  with ValueError: a\n"
        "  with KeyError: 'b'",
    ]


def test_an_interruption_cancels_all_tasks(world: Any) -> None:
    host = world.host(
        """
        import asyncio
        from gharial import log
        tasks = set()
        async def forever(name):
            try:
                await asyncio.sleep(1e9)
            finally:
                log(name, "ended")
        async def default():
            tasks.add(asyncio.create_task(forever("child")))
            await forever("root")
        """
    )

    async def main() -> IterationOutcome:
        user = VirtualUser(1, host, world.services())
        await user.start()
        iteration = asyncio.ensure_future(user.run_iteration(world.scenario))
        await asyncio.sleep(1)
        user.interrupt()
        outcome = await iteration
        assert user.loop.held == 0
        user.close()
        return outcome

    assert world.run(main) is INTERRUPTED
    told, *ended = world.texts()
    # Where it waits in the script, not in the library that it called.
    assert told.endswith(
        "it was waiting for task at forever (chat.py:7); task at forever (chat.py:7)"
    )
    assert sorted(ended) == ["child ended", "root ended"]


def test_the_place_of_a_python_timer_is_said(world: Any) -> None:
    host = world.host(
        """
        from gharial import set_interval, set_timeout
        class Player:
            def move(self):
                pass
        def default():
            set_interval(Player().move, 1000)
            set_timeout(lambda: None, 9000)
        """
    )

    async def main() -> IterationOutcome:
        user = VirtualUser(1, host, world.services())
        await user.start()
        iteration = asyncio.ensure_future(user.run_iteration(world.scenario))
        await asyncio.sleep(1)
        user.interrupt()
        outcome = await iteration
        user.close()
        return outcome

    assert world.run(main) is INTERRUPTED
    assert (
        "it was waiting for setInterval 1 of Player.move (chat.py:4); "
        "setTimeout 2 of default.<lambda> (chat.py:8)" in world.texts()[0]
    )


def test_a_task_that_refuses_to_end_costs_at_most_the_limit(world: Any) -> None:
    world.settings["wind_down_s"] = 5.0
    host = world.host(
        """
        import asyncio
        async def default():
            end = asyncio.get_running_loop().time() + 100
            while (now := asyncio.get_running_loop().time()) < end:
                try:
                    await asyncio.sleep(end - now)
                except asyncio.CancelledError:
                    pass
        """
    )

    async def main() -> tuple[IterationOutcome, float]:
        services = world.services()
        user = VirtualUser(1, host, services)
        await user.start()
        iteration = asyncio.ensure_future(user.run_iteration(world.scenario))
        await asyncio.sleep(1)
        user.interrupt()
        started_at_s = services.clock.now_s()
        outcome = await iteration
        took_s = services.clock.now_s() - started_at_s
        await asyncio.sleep(100)
        assert user.loop.held == 0
        user.close()
        return outcome, took_s

    assert world.run(main) == (INTERRUPTED, pytest.approx(5.0))


def test_an_exit_ends_the_iteration_and_not_the_process(world: Any) -> None:
    outcomes = world.iterate(
        """
        import sys
        async def default():
            sys.exit(3)
        """
    )
    assert outcomes == [FAILED]
    [text] = world.texts()
    assert text.startswith("ScriptExitError: SystemExit(3); to end the test, call")


def test_an_abort_in_async_code_ends_the_test(world: Any) -> None:
    aborted: list[str] = []
    world.run_context.abort = aborted.append
    outcomes = world.iterate(
        """
        from gharial import execution
        async def default():
            try:
                execution.test.abort("enough")
            except Exception:
                raise ValueError("never") from None
        """
    )
    assert (outcomes, aborted, world.texts()) == ([INTERRUPTED], ["enough"], [])


def test_tasks_of_others_are_left_alone(world: Any) -> None:
    host = world.host("def default(): pass")

    async def main() -> None:
        user = VirtualUser(1, host, world.services())
        await user.start()
        task = asyncio.create_task(asyncio.sleep(1, "mine"))
        assert user.loop.held == 0
        user.interrupt()
        assert await task == "mine"
        user.close()

    world.run(main)


def test_nothing_of_a_failed_iteration_counts_in_the_next(world: Any) -> None:
    outcomes = world.iterate(
        """
        import asyncio
        from gharial import vu
        tasks = set()
        async def fails():
            raise ValueError("bad")
        async def default():
            if vu.iteration == 0:
                tasks.add(asyncio.create_task(fails()))
                await asyncio.sleep(1)
        """,
        times=2,
    )
    assert outcomes == [FAILED, COMPLETED]
