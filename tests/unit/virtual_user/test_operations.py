import asyncio
from typing import Any

from gharial.virtual_user.loop import VuLoop
from gharial.virtual_user.operations import Operations


class FakeOperation:
    """One that keeps what it is told."""

    description = "fake"

    def __init__(self, *, is_established: bool = False) -> None:
        self.is_established = is_established
        self.told: list[object] = []

    def shut(self, code: int) -> None:
        self.told.append(code)

    def abort(self) -> None:
        self.told.append("abort")


class Stage:
    """The operations of a loop that says when it is empty."""

    def __init__(self, world: Any) -> None:
        self.said: list[str] = []
        self.loop = VuLoop(
            world.services.blocking,
            on_empty=lambda: self.said.append("empty"),
            on_error=lambda error: None,
        )
        self.operations = Operations(self.loop, lambda: self.said.append("none kept"))

    def begin(self, *, is_established: bool = False) -> FakeOperation:
        operation = FakeOperation(is_established=is_established)
        self.operations.began(operation)
        return operation


def test_the_loop_is_held_until_the_last_one_has_ended(run_world: Any) -> None:
    async def main(world: Any) -> None:
        stage = Stage(world)
        one, other = stage.begin(), stage.begin()
        assert stage.operations.pending() == [one, other]
        stage.operations.ended(one)
        stage.operations.ended(one)
        assert stage.said == []
        stage.operations.ended(other)
        assert stage.said == ["empty"]

    run_world(main)


def test_what_begins_while_the_iteration_ends_is_shut_at_once(run_world: Any) -> None:
    async def main(world: Any) -> None:
        stage = Stage(world)
        before = stage.begin()
        stage.operations.end_code = 1001
        late = stage.begin()
        assert (before.told, late.told) == ([], [1001])
        stage.operations.shut(1000)
        stage.operations.abort()
        assert before.told == [1000, "abort"]
        assert stage.operations.pending() == []

    run_world(main)


def test_what_is_established_in_time_is_kept_and_holds_nothing(run_world: Any) -> None:
    async def main(world: Any) -> None:
        stage = Stage(world)
        open_, opening = stage.begin(is_established=True), stage.begin()
        stage.operations.established(opening)
        assert not stage.operations.has_kept, "not before it is said"
        stage.operations.keep_established()
        assert stage.operations.pending() == [opening]
        stage.operations.established(opening)
        assert stage.said == ["empty"]
        stage.operations.abort()
        assert opening.told == []
        stage.operations.ended(open_)
        assert stage.operations.has_kept
        stage.operations.ended(opening)
        assert stage.said == ["empty", "none kept"]

    run_world(main)


def test_those_that_are_kept_are_shut_within_a_time(run_world: Any) -> None:
    async def main(world: Any) -> None:
        stage = Stage(world)
        slow = stage.begin(is_established=True)
        stage.operations.keep_established()
        started_at_s = world.now_s
        await stage.operations.shut_kept_and_wait(1001, 3.0)
        assert (slow.told, world.now_s - started_at_s) == ([1001], 3.0)
        gone = asyncio.ensure_future(stage.operations.shut_kept_and_wait(1001, 3.0))
        await asyncio.sleep(1)
        stage.operations.ended(slow)
        await gone
        assert world.now_s - started_at_s == 4.0
        stage.operations.abort_kept()
        assert slow.told == [1001, 1001]

    run_world(main)


def test_what_rests_keeps_no_iteration_and_ends_with_it(run_world: Any) -> None:
    async def main(world: Any) -> None:
        stage = Stage(world)
        one, other = stage.begin(), stage.begin()
        stage.operations.rest(one)
        stage.operations.rest(one)
        assert stage.operations.pending() == [other]
        stage.operations.wake(one)
        stage.operations.wake(one)
        stage.operations.ended(other)
        assert stage.said == []
        stage.operations.rest(one)
        assert stage.said == ["empty"]
        stage.operations.abort_resting()
        stage.operations.abort_resting()
        assert (one.told, other.told) == (["abort"], [])

    run_world(main)


def test_what_rests_may_end_by_itself(run_world: Any) -> None:
    async def main(world: Any) -> None:
        stage = Stage(world)
        one, other = stage.begin(), stage.begin()
        stage.operations.rest(one)
        stage.operations.ended(one)
        stage.operations.wake(one)
        stage.operations.ended(other)
        assert stage.said == ["empty"]
        stage.operations.rest(other)
        stage.operations.abort_resting()
        assert (one.told, other.told) == ([], [])

    run_world(main)


def test_what_wakes_while_the_iteration_ends_is_shut_at_once(run_world: Any) -> None:
    async def main(world: Any) -> None:
        stage = Stage(world)
        one = stage.begin()
        stage.operations.rest(one)
        stage.operations.end_code = 1001
        stage.operations.wake(one)
        assert one.told == [1001]

    run_world(main)
