"""A server in a thread of its own, for tests that are not on an event loop."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar

Server = TypeVar("Server", bound=AbstractAsyncContextManager[Any])


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """
    Serve inside the block, on an event loop in another thread.

    Example::

        with serving(EchoServer()) as server:
            connect_to(server.url)

    Args:
        server: What listens inside its own ``async with``, such as `EchoServer`.

    Raises:
        AddressInUseError: If it cannot listen where it should.

    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        ended = asyncio.Event()
        async with server:
            started.set_result((asyncio.get_running_loop(), ended))
            await ended.wait()

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=work, name="gharial-server", daemon=True)
    thread.start()
    loop, ended = started.result()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
