"""Our own servers in a thread of their own, for tests that run Gharial as a process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from safety_net import LIMIT_S

from gharial.servers.certificates import Certificates
from gharial.servers.chat import ChatServer
from gharial.servers.echo import EchoServer


@contextmanager
def in_thread(server: Any) -> Iterator[Any]:
    """Serve while the block runs."""
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with server:
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(LIMIT_S)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(LIMIT_S)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


@contextmanager
def serving_echo(*, tls: Certificates | None = None) -> Iterator[EchoServer]:
    """Serve echoes on a free port."""
    with in_thread(EchoServer(tls=tls)) as server:
        yield server


@contextmanager
def serving_chat(*names: str) -> Iterator[ChatServer]:
    """Serve chat rooms over TLS on a free port, also under these names."""
    with in_thread(ChatServer(tls=Certificates(names))) as server:
        yield server
