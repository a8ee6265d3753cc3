"""Ends an event loop, even if tasks of a script do not end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from gharial.lifecycle.event_loop import new_event_loop
from gharial.process import collector
from gharial.process.interruption import interruption

_Result = TypeVar("_Result")

END_LIMIT_S: Final = 2.0
"""How long tasks that were cancelled may take to end."""


def run_to_end(work: Coroutine[Any, Any, _Result]) -> _Result:
    """
    Run a coroutine on a new event loop, and return or raise what it does.

    Unlike ``asyncio.Runner``, it does not wait for what a script left behind: tasks that
    swallow their cancellation have `END_LIMIT_S`, threads of the loop's executor nothing.
    """
    loop = new_event_loop()
    # With all that was loaded for the run, and what the script made as it was read.
    collector.resume()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(_with_signals(work))
    finally:
        try:
            loop.run_until_complete(_end_tasks())
        finally:
            asyncio.set_event_loop(None)
            loop.close()


async def _with_signals(work: Coroutine[Any, Any, _Result]) -> _Result:
    loop = asyncio.get_running_loop()
    # A loop that runs has signals written to itself, and its own handlers may come late.
    interruption.claim(lambda: _wake(loop))
    try:
        return await work
    finally:
        interruption.release()


def _wake(loop: asyncio.AbstractEventLoop) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(lambda: None)


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        _, left = await asyncio.wait(tasks, timeout=END_LIMIT_S)
        for task in left:
            # It is known, and nothing that a user could do anything about now.
            task._log_destroy_pending = False  # type: ignore[attr-defined]
    ending = asyncio.ensure_future(asyncio.get_running_loop().shutdown_asyncgens())
    await asyncio.wait({ending}, timeout=END_LIMIT_S)
