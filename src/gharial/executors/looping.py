"""What executors share whose virtual users loop until a limit of time or count."""

import asyncio
from collections.abc import Callable

from gharial.executors.base import ScenarioRun, User
from gharial.virtual_user.iteration import IterationOutcome


async def run_looping(
    run: ScenarioRun,
    *,
    vus: int,
    limit_s: float,
    takes: Callable[[int], bool] = lambda index: True,
) -> None:
    """
    Let each of ``vus`` virtual users iterate while it may.

    Args:
        run: The scenario.
        vus: How many virtual users to borrow; all are given back.
        limit_s: No iteration begins after it.
        takes: Told the VU's index, takes one iteration from what is left, if any.

    Source:
        k6 v2.2, ``lib/executor/helpers.go``.

    """
    users = await run.take(vus)

    async def iterate(index: int, user: User) -> None:
        try:
            while await run.may_begin() and takes(index):
                if await run.iterate(user) is IterationOutcome.INTERRUPTED:
                    break
        finally:
            run.give_back(user)

    async with run.timed(limit_s), asyncio.TaskGroup() as group:
        for index, user in enumerate(users):
            group.create_task(iterate(index, user))
