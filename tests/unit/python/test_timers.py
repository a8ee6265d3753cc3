import asyncio
from typing import Any

import pytest

import gharial
from gharial.python.current import OutsideScriptError
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser


def test_sleep_suspends_its_vu_and_no_other(world: Any) -> None:
    world.iterate(
        """
        from gharial import log, sleep, vu
        def default():
            log("begin", vu.id)
            sleep(3 - vu.id)
            log("end", vu.id)
        """,
        users=2,
    )
    assert world.texts() == ["begin 1", "begin 2", "end 2", "end 1"]


def test_callbacks_wait_while_their_vu_sleeps(world: Any) -> None:
    world.iterate(
        """
        from gharial import log, set_timeout, sleep
        def default():
            set_timeout(log, 10, "timer")
            sleep(5)
            log("awake")
        """
    )
    assert world.texts() == ["awake", "timer"]


@pytest.mark.parametrize("seconds", ["0", "-1"])
def test_no_time_to_sleep_returns_at_once(world: Any, seconds: str) -> None:
    outcomes = world.iterate(
        f"from gharial import sleep\ndef default(): sleep({seconds})"
    )
    assert outcomes == [IterationOutcome.COMPLETED]


def test_sleep_in_an_async_function_says_what_to_write(world: Any) -> None:
    world.iterate("from gharial import sleep\nasync def default(): sleep(1)")
    [text] = world.texts()
    assert text == (
        "SleepInAsyncCodeError: sleep() cannot pause an async function; "
        "write 'await asyncio.sleep(seconds)' there\n"
        "    at default (chat.py:2:22)"
    )


def test_an_interrupted_sleep_ends_also_a_script_that_catches_all(world: Any) -> None:
    host = world.host(
        """
        from gharial import log, sleep
        def default():
            while True:
                try:
                    sleep(10)
                except Exception:
                    log("caught")
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

    assert world.run(main) is IterationOutcome.INTERRUPTED
    [text] = world.texts()
    assert text.endswith("it was waiting for a blocking call (such as sleep)")


def test_timers_are_called_with_their_arguments_in_order(world: Any) -> None:
    world.iterate(
        """
        from gharial import log, set_timeout
        def default():
            set_timeout(log, 20, "second", 2)
            set_timeout(log, 10, "first", 1)
            set_timeout(log)
        """
    )
    assert world.texts() == ["", "first 1", "second 2"]


def test_an_interval_runs_until_it_is_cleared(world: Any) -> None:
    world.iterate(
        """
        from gharial import clear_interval, log, set_interval
        def default():
            count = 0
            def tick():
                nonlocal count
                count += 1
                log(count)
                if count == 3:
                    clear_interval(timer)
            timer = set_interval(tick, 1000)
        """
    )
    assert world.texts() == ["1", "2", "3"]


def test_clear_timeout_stops_and_ignores_what_it_does_not_know(world: Any) -> None:
    world.iterate(
        """
        from gharial import clear_timeout, log, set_timeout
        def default():
            clear_timeout(set_timeout(log, 10, "never"))
            clear_timeout(77)
            clear_timeout(None)
        """
    )
    assert world.texts() == []


def test_a_failing_callback_fails_the_iteration_and_stops_the_timers(
    world: Any,
) -> None:
    outcomes = world.iterate(
        """
        from gharial import log, set_interval, set_timeout
        def fails():
            raise ValueError("bad")
        def default():
            set_interval(log, 1000, "never")
            set_timeout(fails, 10)
        """
    )
    assert outcomes == [IterationOutcome.FAILED]
    assert world.texts() == [
        "ValueError: bad\n    at fails (chat.py:4:5)",
        "setInterval 1 was stopped because the VU iteration was interrupted",
    ]


def test_what_cannot_be_called_is_refused(world: Any) -> None:
    world.iterate("from gharial import set_timeout\ndef default(): set_timeout('f')")
    assert world.texts()[0].startswith(
        "NotCallableError: set_timeout() needs a function to call, not str"
    )


@pytest.mark.parametrize("name", ["sleep", "set_timeout", "clear_timeout"])
def test_outside_of_a_run_there_is_no_time_to_control(name: str) -> None:
    with pytest.raises(OutsideScriptError, match="works only in a script"):
        getattr(gharial, name)(1)
