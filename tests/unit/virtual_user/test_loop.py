from contextvars import Context, ContextVar
from typing import Any

from gharial.virtual_user.loop import VuLoop

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
        loop.checkpoint = lambda: seen.append("jobs")
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
