"""Runs blocking calls in threads that never keep a process from ending."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def in_daemon_thread(
    function: Callable[..., _Result], *arguments: Any, name: str
) -> _Result:
    """
    Call a function in a separate thread, and return or raise what it does.

    Unlike ``asyncio.to_thread``, whose threads are waited for when the process ends, one
    that is given up is left behind.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Result] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def work() -> None:
        result, error = None, None
        try:
            result = function(*arguments)
        except BaseException as raised:
            error = raised
        # Once the loop has ended nobody waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await future
