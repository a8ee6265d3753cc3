from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any

import pytest

from gharial.vu.loop import VuLoop

VARIABLE: ContextVar[str] = ContextVar("variable", default="none")


def make_loop(world: Any, seen: list[object]) -> VuLoop:
    return VuLoop(
        world.services.blocking,
        on_empty=lambda: seen.append("empty"),
        on_error=seen.append,
    )


def test_a_task_runs_at_once_when_the_loop_is_idle(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        make_loop(world, seen).post(seen.append, "task")
        assert seen == ["task", "empty"]

    run_world(main)


def test_tasks_posted_by_a_task_run_after_it_in_order(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)

        def first() -> None:
            loop.post(seen.append, "second")
            loop.post(seen.append, "third")
            seen.append("first")

        loop.post(first)
        assert seen == ["first", "second", "third", "empty"]

    run_world(main)


def test_the_checkpoint_comes_after_each_task(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.set_checkpoint(lambda: seen.append("jobs"))
        loop.post(seen.append, "task")
        assert seen == ["task", "jobs", "empty"]

    run_world(main)


def test_what_a_task_raises_is_reported_and_the_next_one_runs(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        error = ValueError("bad")

        def fails() -> None:
            loop.post(seen.append, "next")
            raise error

        loop.post(fails)
        assert seen == [error, "next", "empty"]

    run_world(main)


def test_a_held_loop_is_not_empty_before_the_release(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.post(loop.hold)
        assert seen == []
        loop.release()
        assert seen == ["empty"]

    run_world(main)


def test_a_release_inside_a_task_waits_for_the_end_of_the_task(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)

        def task() -> None:
            loop.hold()
            loop.release()
            seen.append("task")

        loop.post(task)
        assert seen == ["task", "empty"]

    run_world(main)


def test_tasks_queue_up_while_one_is_suspended(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        suspension = world.services.blocking.suspension()

        def waits() -> None:
            seen.append("before")
            seen.append(suspension.wait())

        loop.post(waits)
        loop.post(seen.append, "later")
        assert seen == ["before"]
        assert loop.is_busy
        suspension.resume("value")
        assert seen == ["before", "value", "later", "empty"]

    run_world(main)


def test_discarded_tasks_do_not_run(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)

        def task() -> None:
            loop.post(seen.append, "dropped")
            loop.discard()

        loop.post(task)
        assert seen == ["empty"]

    run_world(main)


def test_the_tasks_of_each_loop_see_their_own_context(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loops = []
        for name in ("a", "b"):
            loop = make_loop(world, [])
            loop.context = Context()
            loop.context.run(VARIABLE.set, name)
            loops.append(loop)
        bare = make_loop(world, [])
        for loop in (*loops, bare, *loops):
            loop.post(lambda: seen.append(VARIABLE.get()))
        assert seen == ["a", "b", "none", "a", "b"]
        assert VARIABLE.get() == "none"

    run_world(main)


def test_a_resumed_task_still_sees_its_own_context(run_world: Any) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        suspensions = []
        for name in ("a", "b"):
            loop = make_loop(world, [])
            loop.context = Context()
            loop.context.run(VARIABLE.set, name)
            suspension = world.services.blocking.suspension()
            suspensions.append(suspension)

            def waits(suspension: Any = suspension) -> None:
                suspension.wait()
                seen.append(VARIABLE.get())

            loop.post(waits)
        for suspension in suspensions:
            suspension.resume()
        assert seen == ["a", "b"]

    run_world(main)


def path_of(
    loop: VuLoop, callback: Callable[..., object], waiting: list[object]
) -> Callable[[Any, float], None]:
    return loop.message_path(
        callback,
        "it",
        epoch_offset_s=100.0,
        when_busy=lambda *message: waiting.append(message),
    )


@pytest.mark.parametrize("may_block", [True, False])
def test_a_message_is_delivered_at_once_to_an_idle_loop(
    run_world: Any, may_block: bool
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        waiting: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = may_block
        loop.set_checkpoint(lambda: seen.append("jobs"))
        path_of(loop, lambda *message: seen.append(message), waiting)("data", 5.0)
        assert seen == [("it", "data", 105_000.0), "jobs", "empty"]
        assert waiting == []
        assert not loop.is_busy
        assert loop.tasks_run == 1

    run_world(main)


@pytest.mark.parametrize("may_block", [True, False])
def test_a_message_waits_while_a_task_runs(run_world: Any, may_block: bool) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        waiting: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = may_block

        def first(*message: object) -> None:
            take("second", 6.0)
            loop.post(seen.append, "posted")

        take = path_of(loop, first, waiting)
        take("first", 5.0)
        assert waiting == [("second", 106_000.0)]
        assert seen == ["posted", "empty"]

    run_world(main)


@pytest.mark.parametrize("may_block", [True, False])
def test_what_a_message_handler_raises_is_reported(
    run_world: Any, may_block: bool
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = may_block
        error = ValueError("bad")

        def fails(*message: object) -> None:
            raise error

        path_of(loop, fails, [])("data", 5.0)
        assert seen == [error, "empty"]

    run_world(main)


def test_messages_and_tasks_see_the_context_also_without_a_worker(
    run_world: Any,
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = False
        loop.context = Context()
        loop.context.run(VARIABLE.set, "mine")
        path_of(loop, lambda *message: seen.append(VARIABLE.get()), [])("data", 5.0)
        loop.post(lambda: seen.append(VARIABLE.get()))
        assert seen == ["mine", "empty", "mine", "empty"]
        assert VARIABLE.get() == "none"

    run_world(main)
