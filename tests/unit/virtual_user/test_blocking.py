import asyncio
import gc
import weakref
from typing import Any

import greenlet
import pytest

from gharial.virtual_user.blocking import Blocking, BlockingOutsideScriptError


def test_only_the_caller_is_suspended(run_world: Any) -> None:
    async def main(world: Any) -> None:
        blocking = world.services.blocking
        seen: list[str] = []
        suspension = blocking.suspension()

        def waits() -> None:
            seen.append(f"got {suspension.wait()}")

        blocking.run(waits)
        blocking.run(lambda: seen.append("other"))
        assert blocking.suspended_count == 1
        suspension.resume("it")
        assert seen == ["other", "got it"]
        assert blocking.suspended_count == 0

    run_world(main)


def test_a_worker_that_is_done_keeps_nothing(run_world: Any) -> None:
    class Thing:
        def use(self) -> None:
            pass

    async def main(world: Any) -> None:
        thing = Thing()
        alive = weakref.ref(thing)
        world.services.blocking.run(thing.use)
        del thing
        gc.collect()
        assert alive() is None

    run_world(main)


def test_closing_ends_the_idle_workers(run_world: Any) -> None:
    async def main(world: Any) -> None:
        used: list[greenlet.greenlet] = []
        blocking = Blocking(asyncio.get_running_loop())
        blocking.run(lambda: used.append(greenlet.getcurrent()))
        assert not used[0].dead
        blocking.close()
        assert used[0].dead

    run_world(main)


def test_a_wait_raises_what_was_thrown(run_world: Any) -> None:
    async def main(world: Any) -> None:
        blocking = world.services.blocking
        seen: list[str] = []
        suspension = blocking.suspension()

        def waits() -> None:
            with pytest.raises(KeyError):
                suspension.wait()
            seen.append("raised")

        blocking.run(waits)
        suspension.throw(KeyError("x"))
        assert seen == ["raised"]

    run_world(main)


def test_a_result_that_is_there_already_needs_no_suspension(run_world: Any) -> None:
    async def main(world: Any) -> None:
        suspension = world.services.blocking.suspension()
        suspension.resume(7)
        assert suspension.wait() == 7

    run_world(main)


def test_only_the_first_outcome_counts(run_world: Any) -> None:
    async def main(world: Any) -> None:
        suspension = world.services.blocking.suspension()
        suspension.resume(1)
        suspension.throw(KeyError())
        suspension.resume(2)
        assert suspension.wait() == 1

    run_world(main)


def test_nothing_can_block_the_event_loop(run_world: Any) -> None:
    async def main(world: Any) -> None:
        suspension = world.services.blocking.suspension()
        with pytest.raises(BlockingOutsideScriptError, match="in code that a VU runs"):
            suspension.wait()

    run_world(main)


def test_a_worker_started_from_a_worker_runs_soon_after(run_world: Any) -> None:
    async def main(world: Any) -> None:
        blocking = world.services.blocking
        seen: list[str] = []

        def outer() -> None:
            blocking.run(lambda: seen.append("inner"))
            seen.append("outer")

        blocking.run(outer)
        assert seen == ["outer"]
        await asyncio.sleep(0)
        assert seen == ["outer", "inner"]

    run_world(main)


def test_a_worker_resumed_from_a_worker_goes_on_soon_after(run_world: Any) -> None:
    async def main(world: Any) -> None:
        blocking = world.services.blocking
        seen: list[str] = []
        suspension = blocking.suspension()

        def waits() -> None:
            suspension.wait()
            seen.append("resumed")

        def resumes() -> None:
            suspension.resume()
            seen.append("resumer")

        blocking.run(waits)
        blocking.run(resumes)
        assert seen == ["resumer"]
        await asyncio.sleep(0)
        assert seen == ["resumer", "resumed"]

    run_world(main)


def test_idle_workers_are_used_again(run_world: Any) -> None:
    import greenlet

    async def main(world: Any) -> None:
        workers: set[int] = set()
        for _ in range(3):
            world.services.blocking.run(lambda: workers.add(id(greenlet.getcurrent())))
        assert len(workers) == 1

    run_world(main)


def test_a_function_that_raises_does_not_stop_the_others(run_world: Any) -> None:
    async def main(world: Any) -> None:
        told: list[object] = []
        world.event_loop.set_exception_handler(
            lambda event_loop, context: told.append(context["exception"])
        )
        error = BrokenPipeError("the log is gone")
        seen: list[str] = []

        def fails() -> None:
            raise error

        world.services.blocking.run(fails)
        world.services.blocking.run(lambda: seen.append("other"))
        assert (told, seen) == ([error], ["other"])

    run_world(main)


def test_once_closed_it_refers_to_no_greenlet(run_world: Any) -> None:
    async def main(world: Any) -> None:
        blocking = world.services.blocking
        blocking.run(lambda: None)
        assert any(isinstance(each, greenlet.greenlet) for each in referred(blocking))
        blocking.close()
        assert not any(
            isinstance(each, greenlet.greenlet) for each in referred(blocking)
        )

    run_world(main)


def referred(thing: object) -> list[object]:
    """Return what an object refers to, and what its lists hold."""
    direct = gc.get_referents(thing)
    return direct + [each for one in direct if isinstance(one, list) for each in one]
