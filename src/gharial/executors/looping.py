"""What executors share whose virtual users loop until a limit of time or count."""

import asyncio
from collections.abc import Callable

from gharial.executors.base import ScenarioRun, User
from gharial.vu.virtual_user import IterationOutcome


async def run_looping(
    run: ScenarioRun,
    *,
    vus: int,
    limit_s: float,
    graceful_stop_s: float,
    takes: Callable[[int], bool],
) -> None:
    """
    Let each of so many virtual users iterate while it may.

    Args:
        run: The scenario.
        vus: How many virtual users to borrow; all are given back.
        limit_s: No iteration begins after it.
        graceful_stop_s: So long after the limit, running iterations are interrupted.
        takes: Told the VU's index, takes one iteration from what is left, if any.

    Source:
        k6 v2.2, ``lib/executor/helpers.go``.

    """
    users = await run.users.take(vus)
    loop = asyncio.get_running_loop()
    left_s = max(0.0, limit_s - run.elapsed_s)
    timers = (
        loop.call_later(left_s, run.end),
        loop.call_later(left_s + graceful_stop_s, run.interrupt),
    )

    async def iterate(index: int, user: User) -> None:
        try:
            while not run.has_ended and takes(index):
                if await run.iterate(user) is IterationOutcome.INTERRUPTED:
                    break
        finally:
            run.users.give_back(user)

    try:
        async with asyncio.TaskGroup() as group:
            for index, user in enumerate(users):
                group.create_task(iterate(index, user))
    finally:
        for timer in timers:
            timer.cancel()
