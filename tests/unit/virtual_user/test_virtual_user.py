import asyncio
from typing import Any

import pytest

from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.script import (
    ScriptError,
    ScriptInterruptedError,
    TestAbortedError,
)
from gharial.virtual_user.script_runner import CLOSED_BY_FAILURE, CLOSED_BY_INTERRUPTION
from gharial.virtual_user.virtual_user import VirtualUser

COMPLETED = IterationOutcome.COMPLETED
FAILED = IterationOutcome.FAILED
INTERRUPTED = IterationOutcome.INTERRUPTED


class FakeSocket:
    """A socket that closes so long after it was told to; never, if that is None."""

    def __init__(self, user: VirtualUser, closes_after_s: float | None = 0.0) -> None:
        self.user = user
        self.closes_after_s = closes_after_s
        self.events: list[object] = []
        user.operations.began(self)  # type: ignore[arg-type]

    description = "fake socket"

    def shut(self, code: int) -> None:
        self.events.append(code)
        if self.closes_after_s is not None:
            self.user.services.event_loop.call_later(
                self.closes_after_s,
                self.user.operations.ended,  # type: ignore[arg-type]
                self,
            )

    def abort(self) -> None:
        self.events.append("abort")


def test_an_iteration_ends_when_nothing_is_left(run_world: Any) -> None:
    def default(user: VirtualUser) -> None:
        user.timers.set(lambda: None, 2000, repeat=False)

    async def main(world: Any) -> None:
        user = world.user(default=default)
        await user.start()
        assert await user.run_iteration(world.scenario()) is COMPLETED
        [duration] = world.values("iteration_duration").values()
        assert duration.sum == pytest.approx(2000)
        assert [sink.value for sink in world.values("iterations").values()] == [1]

    run_world(main)


def test_a_socket_keeps_its_iteration_alive(run_world: Any) -> None:
    sockets: list[FakeSocket] = []

    async def main(world: Any) -> None:
        user = world.user(default=lambda user: sockets.append(FakeSocket(user)))
        iteration = asyncio.ensure_future(user.run_iteration(world.scenario()))
        await asyncio.sleep(5)
        assert not iteration.done()
        user.operations.ended(sockets[0])
        # Told twice, it is still one socket.
        user.operations.ended(sockets[0])
        assert await iteration is COMPLETED
        assert (user.loop.held, sockets[0].events) == (0, [])

    run_world(main)


def test_a_failure_is_logged_once_and_closes_the_sockets(run_world: Any) -> None:
    sockets: list[FakeSocket] = []

    def default(user: VirtualUser) -> None:
        sockets.append(FakeSocket(user, closes_after_s=1.0))
        user.timers.set(lambda: None, 60_000, repeat=False)
        user.loop.post(lambda: user.report(ScriptError("Error: second")))
        raise ScriptError("Error: first", "    at f (x.js:1:1)")

    async def main(world: Any) -> None:
        user = world.user(default=default)
        started_at_s = world.now_s
        assert await user.run_iteration(world.scenario()) is FAILED
        assert world.now_s - started_at_s == pytest.approx(1.0)
        assert sockets[0].events == [CLOSED_BY_FAILURE]
        assert world.logged[0] == (
            40,
            "Error: first\n    at f (x.js:1:1)",
            {
                "source": "stacktrace",
                "scenario": "default",
                "executor": "constant-vus",
            },
        )
        assert world.texts()[1:] == [
            "setTimeout 1 was stopped because the VU iteration was interrupted"
        ]
        # A failed iteration counts, as in k6.
        assert len(world.values("iterations")) == 1

    run_world(main)


def test_nothing_of_a_failure_is_left_for_the_next_iteration(run_world: Any) -> None:
    def default(user: VirtualUser) -> None:
        if user.numbers.of_user == 0:
            raise ScriptError("Error: first")

    async def main(world: Any) -> None:
        user = world.user(default=default)
        assert await user.run_iteration(world.scenario()) is FAILED
        assert await user.run_iteration(world.scenario()) is COMPLETED
        assert user.instance.events == ["iteration 0", "iteration 1"]

    run_world(main)


def test_an_error_of_our_own_is_logged_as_such(run_world: Any) -> None:
    def default(user: VirtualUser) -> None:
        raise ZeroDivisionError("oh")

    async def main(world: Any) -> None:
        user = world.user(default=default)
        assert await user.run_iteration(world.scenario()) is FAILED
        assert world.logged == [(40, "ZeroDivisionError: oh", {"source": "gharial"})]

    run_world(main)


def test_an_interruption_closes_all_and_records_nothing(run_world: Any) -> None:
    sockets: list[FakeSocket] = []

    def default(user: VirtualUser) -> None:
        sockets.extend(FakeSocket(user) for _ in range(2))
        user.timers.set(lambda: None, 60_000, repeat=True)

    async def main(world: Any) -> None:
        user = world.user(default=default)
        iteration = asyncio.ensure_future(user.run_iteration(world.scenario()))
        await asyncio.sleep(1)
        user.interrupt()
        user.interrupt()
        assert await iteration is INTERRUPTED
        assert [s.events for s in sockets] == [[CLOSED_BY_INTERRUPTION]] * 2
        assert world.texts() == [
            "the iteration of virtual user 1 had not ended by itself when its time ran "
            "out; it was waiting for fake socket; fake socket; setInterval 1",
            "setInterval 1 was stopped because the VU iteration was interrupted",
        ]
        assert world.values("iterations") == {}
        assert world.values("iteration_duration") == {}
        assert user.instance.events[-1] == "interrupt"

    run_world(main)


def test_a_socket_opened_while_the_iteration_ends_is_shut_at_once(
    run_world: Any,
) -> None:
    sockets: list[FakeSocket] = []

    def default(user: VirtualUser) -> None:
        user.report(ScriptError("Error: bad"))
        sockets.append(FakeSocket(user))

    async def main(world: Any) -> None:
        user = world.user(default=default)
        assert await user.run_iteration(world.scenario()) is FAILED
        assert len(sockets[0].events) == 1

    run_world(main)


@pytest.mark.parametrize("has_failed", [True, False])
def test_a_timer_that_is_set_while_the_iteration_ends_never_runs(
    run_world: Any, has_failed: bool
) -> None:
    """A client library connects again a second after its socket was closed."""
    connections = []

    class ReconnectingSocket(FakeSocket):
        def shut(self, code: int) -> None:
            super().shut(code)
            self.user.timers.set(self.connect_again, 1_000, repeat=False)

        def connect_again(self) -> None:
            connections.append(ReconnectingSocket(self.user))

    def default(user: VirtualUser) -> None:
        ReconnectingSocket(user)
        if has_failed:
            raise ScriptError("Error: bad")

    async def main(world: Any) -> None:
        user = world.user(default=default)
        started_at_s = world.now_s
        iteration = asyncio.ensure_future(user.run_iteration(world.scenario()))
        await asyncio.sleep(0)
        if not has_failed:
            user.interrupt()
        assert await iteration is (FAILED if has_failed else INTERRUPTED)
        assert world.now_s - started_at_s < 1
        assert connections == []
        assert not user.timers.is_ending

    run_world(main)


def test_a_socket_that_does_not_close_is_given_up_at_the_limit(run_world: Any) -> None:
    sockets: list[FakeSocket] = []

    def default(user: VirtualUser) -> None:
        sockets.append(FakeSocket(user, closes_after_s=None))
        raise ScriptError("Error: bad")

    async def main(world: Any) -> None:
        user = world.user(default=default)
        started_at_s = world.now_s
        assert await user.run_iteration(world.scenario()) is FAILED
        assert world.now_s - started_at_s == pytest.approx(3.0)
        assert sockets[0].events == [CLOSED_BY_FAILURE, "abort"]
        assert user.loop.held == 0
        # What it still says afterwards is not counted against the next iteration.
        user.operations.ended(sockets[0])
        assert user.loop.held == 0

    run_world(main, wind_down_s=3.0)


def test_block_suspends_one_vu_and_no_other(run_world: Any) -> None:
    order: list[str] = []

    def default(user: VirtualUser) -> None:
        user.block(3 - user.id)
        order.append(f"vu {user.id}")

    async def main(world: Any) -> None:
        users = [world.user(n, default=default) for n in (1, 2)]
        scenario = world.scenario()
        outcomes = await asyncio.gather(
            *(user.run_iteration(scenario) for user in users)
        )
        assert outcomes == [COMPLETED] * 2
        assert order == ["vu 2", "vu 1"]

    run_world(main)


def test_an_interruption_ends_a_block(run_world: Any) -> None:
    seen: list[str] = []

    def default(user: VirtualUser) -> None:
        for _ in range(2):
            try:
                user.block(1000)
            except ScriptInterruptedError:
                seen.append("interrupted")
        seen.append("goes on")

    async def main(world: Any) -> None:
        user = world.user(default=default)
        started_at_s = world.now_s
        iteration = asyncio.ensure_future(user.run_iteration(world.scenario()))
        await asyncio.sleep(1)
        user.interrupt()
        assert await iteration is INTERRUPTED
        assert world.now_s - started_at_s == pytest.approx(1.0)
        assert seen == ["interrupted", "interrupted", "goes on"]

    run_world(main)


def test_close_ends_a_block_and_the_instance(run_world: Any) -> None:
    async def main(world: Any) -> None:
        user = world.user(default=lambda user: user.block(1000))
        iteration = asyncio.ensure_future(user.run_iteration(world.scenario()))
        await asyncio.sleep(1)
        user.close()
        assert await iteration is INTERRUPTED
        assert user.instance.events[-1] == "close"

    run_world(main)


def test_tags_follow_scenario_group_and_script(run_world: Any) -> None:
    from gharial.metrics.tags import TagSet

    async def main(world: Any) -> None:
        user = world.user(default=lambda user: None)
        assert dict(user.tags.items) == {"group": ""}
        await user.run_iteration(world.scenario("s", tags=TagSet.of({"run": "1"})))
        assert dict(user.tags.items) == {"group": "", "run": "1", "scenario": "s"}
        outer = user.groups.enter("a")
        user.own_tags.set("run", "2")
        user.own_tags.set("mine", "x")
        assert dict(user.tags.items) == {
            "group": "::a",
            "mine": "x",
            "run": "2",
            "scenario": "s",
        }
        user.groups.path = outer
        assert user.tags.get("group") == ""

    run_world(main)


def test_system_tags_that_were_not_asked_for_are_left_out(run_world: Any) -> None:
    async def main(world: Any) -> None:
        user = world.user(default=lambda user: None)
        await user.run_iteration(world.scenario())
        assert dict(user.tags.items) == {}

    run_world(main, system_tags=frozenset())


def test_groups_and_cookies_end_with_the_iteration(run_world: Any) -> None:
    async def main(world: Any) -> None:
        user = world.user(default=lambda user: user.groups.enter("left open"))
        jar = user.cookies
        await user.run_iteration(world.scenario())
        assert user.groups.path == ""
        assert user.cookies is not jar

    run_world(main)


def test_tags_that_the_script_set_stay_while_the_scenario_does(run_world: Any) -> None:
    def script(user: Any) -> None:
        if user.numbers.of_user == 0:
            user.own_tags.set("mine", "x")
            user.groups.enter("left open")

    async def main(world: Any) -> None:
        user = world.user(default=script)
        first = world.scenario("first")
        await user.run_iteration(first)
        await user.run_iteration(first)
        assert {t: s.value for t, s in world.values("iterations").items()} == {
            "group=,mine=x,scenario=first": 2
        }
        assert list(world.values("iteration_duration")) == [
            "group=,mine=x,scenario=first"
        ]
        await user.run_iteration(world.scenario("second"))
        assert dict(user.tags.items) == {"group": "", "scenario": "second"}

    run_world(main)


def test_cookies_may_be_kept(run_world: Any) -> None:
    async def main(world: Any) -> None:
        user = world.user(default=lambda user: None)
        jar = user.cookies
        await user.run_iteration(world.scenario())
        assert user.cookies is jar

    run_world(main, no_cookies_reset=True)


def test_iterations_are_counted_per_vu_scenario_and_test(run_world: Any) -> None:
    async def main(world: Any) -> None:
        first, second = (world.user(n, default=lambda user: None) for n in (1, 2))
        one, two = world.scenario("one"), world.scenario("two")
        for user, scenario in ((first, one), (second, one), (first, two), (first, two)):
            await user.run_iteration(scenario)
        assert first.numbers.of_user == 2
        assert first.numbers.of_user_in_scenario == 1
        assert first.numbers.in_test == 1
        assert second.numbers.in_test == 1
        assert one.iterations_started == 2

    run_world(main)


def test_the_scenarios_environment_is_laid_over_the_runs(run_world: Any) -> None:
    async def main(world: Any) -> None:
        world.run.environment = {"A": "1", "B": "1"}
        user = world.user(default=lambda user: None)
        await user.run_iteration(world.scenario(environment={"B": "2"}))
        assert user.instance.environments == [{"A": "1", "B": "2"}]

    run_world(main)


def test_the_arguments_reach_the_export(run_world: Any) -> None:
    got: list[object] = []

    async def main(world: Any) -> None:
        user = world.user(other=lambda user, *rest: got.append(rest))
        await user.run_iteration(world.scenario(), "other", (1, 2))
        assert got == [(1, 2)]

    run_world(main)


def test_start_raises_what_the_top_level_threw(run_world: Any) -> None:
    def start(user: VirtualUser) -> None:
        raise ScriptError("Error: bad")

    async def main(world: Any) -> None:
        user = world.user(start=start)
        with pytest.raises(ScriptError, match="Error: bad"):
            await user.start()
        assert user.instance.events == ["start"]
        # Whoever started it shows the error; it is not logged as well.
        assert world.texts() == []

    run_world(main)


def test_start_tells_that_the_top_level_ended_the_test(run_world: Any) -> None:
    def start(user: VirtualUser) -> None:
        raise TestAbortedError("enough")

    async def main(world: Any) -> None:
        with pytest.raises(TestAbortedError, match="enough"):
            await world.user(start=start).start()

    run_world(main)


def test_start_waits_for_what_the_top_level_started(run_world: Any) -> None:
    async def main(world: Any) -> None:
        user = world.user(
            start=lambda user: user.timers.set(lambda: None, 1000, repeat=False)
        )
        started_at_s = world.now_s
        await user.start()
        assert world.now_s - started_at_s == pytest.approx(1.0)
        assert user.instance.events == ["start", "finish_start"]

    run_world(main)


def test_call_raises_what_the_export_threw(run_world: Any) -> None:
    def setup(user: VirtualUser) -> None:
        raise ScriptError("Error: bad")

    async def main(world: Any) -> None:
        user = world.user(setup=setup)
        with pytest.raises(ScriptError, match="Error: bad"):
            await user.call("setup")

    run_world(main)


def test_call_tells_of_an_interruption(run_world: Any) -> None:
    async def main(world: Any) -> None:
        user = world.user(
            setup=lambda user: user.timers.set(lambda: None, 9000, repeat=False)
        )
        call = asyncio.ensure_future(user.call("setup"))
        await asyncio.sleep(1)
        user.interrupt()
        with pytest.raises(ScriptInterruptedError):
            await call

    run_world(main)


def test_an_abort_by_the_script_reaches_the_run(run_world: Any) -> None:
    reasons: list[str] = []

    def default(user: VirtualUser) -> None:
        raise TestAbortedError("enough")

    async def main(world: Any) -> None:
        world.run.abort = reasons.append
        user = world.user(default=default)
        assert await user.run_iteration(world.scenario()) is INTERRUPTED
        assert (reasons, world.texts()) == (["enough"], [])

    run_world(main)


def test_an_interruption_between_iterations_does_nothing(run_world: Any) -> None:
    async def main(world: Any) -> None:
        user = world.user(default=lambda user: None)
        user.interrupt()
        assert await user.run_iteration(world.scenario()) is COMPLETED

    run_world(main)


def test_a_group_is_measured_under_its_own_tag(run_world: Any) -> None:
    def default(user: VirtualUser) -> None:
        outer = user.groups.enter("a")
        started_at_s = user.now_s
        user.block(2)
        user.measure_group(outer, started_at_s)

    async def main(world: Any) -> None:
        user = world.user(default=default)
        await user.run_iteration(world.scenario())
        [(tags, sink)] = world.values("group_duration").items()
        assert tags == "group=::a,scenario=default"
        assert sink.sum == pytest.approx(2000)

    run_world(main)


def test_a_socket_is_observed_with_the_tags_of_its_beginning(run_world: Any) -> None:
    async def main(world: Any) -> None:
        user = world.user()
        user.own_tags.set("mine", "1")
        observer = user.observer("ws://x/", {"mine": "2"})
        user.own_tags.set("mine", "3")
        observer.bytes_sent(5)
        assert {t: s.value for t, s in world.values("data_sent").items()} == {
            "group=,mine=1": 5
        }

    run_world(main)
