"""Holds an asynchronous context open on an event loop in another thread."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

from gharial.lifecycle.event_loop import LoopErrors

_Held = TypeVar("_Held")

END_S = 5.0


@contextmanager
def in_background(
    make: Callable[[], AbstractAsyncContextManager[_Held]],
) -> Iterator[_Held]:
    """
    Hold a context open in another thread while the block runs.

    Args:
        make: Returns the context; called in that thread, on its event loop.

    Raises:
        Exception: Whatever entering the context raises.

    """
    entered: Future[_Held] = Future()
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(LoopErrors())
    is_over = asyncio.Event()

    async def hold() -> None:
        try:
            async with make() as held:
                entered.set_result(held)
                await is_over.wait()
        except BaseException as error:
            if entered.done():
                raise
            entered.set_exception(error)

    def work() -> None:
        try:
            loop.run_until_complete(hold())
        finally:
            loop.close()

    thread = threading.Thread(target=work, name="gharial-background", daemon=True)
    thread.start()
    try:
        yield entered.result()
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(is_over.set)
        thread.join(END_S)
