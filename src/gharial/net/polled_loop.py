"""
An event loop that keeps calling the reader of a socket that has an error.

The kernel reports an error along with the bytes that came before it. asyncio's own loops
call a reader for as long as there is anything to report; uvloop calls it once more and
then never again (uvloop 0.23, libuv's ``uv__poll_io`` stops the handle). A reader that
takes the bytes and returns would never hear of the error: a server that resets TCP right
after its last message would look idle for ever.

Readers could always read until there is nothing more, but that costs every message one
more system call. So errors are watched for on the side, by an epoll of their own that
hears of nothing else.
"""

import asyncio
import select
from collections.abc import Callable
from functools import partial
from typing import Any, cast

_HAS_EPOLL = hasattr(select, "epoll")


def polled_loop(loop: asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop:
    """Return a loop for transports, whose readers hear of errors in any case."""
    if not _HAS_EPOLL or isinstance(loop, asyncio.SelectorEventLoop):
        return loop
    return cast(asyncio.AbstractEventLoop, PolledLoop(loop))


class PolledLoop:
    """The same loop, save that a reader in error is called until it is removed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._readers: dict[int, Callable[[], object]] = {}
        # Made once, before any socket: a reader that is added later needs no descriptor
        # of its own, and so cannot fail for want of one.
        self._errors = select.epoll()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def add_reader(
        self, number: int, callback: Callable[..., object], *arguments: Any
    ) -> None:
        """Call back whenever there is something to read, or an error."""
        # A new object each time: so a reader is distinguished from the one before.
        reader = partial(callback, *arguments)
        is_first, is_new = not self._readers, number not in self._readers
        self._readers[number] = reader
        self._loop.add_reader(number, reader)
        if is_first:
            self._loop.add_reader(self._errors.fileno(), self._look)
        if is_new:
            # With no event asked for, errors and the end of both directions are reported.
            # One that is there already is reported at once.
            self._errors.register(number, select.EPOLLET)

    def remove_reader(self, number: int) -> bool:
        """Call back no more."""
        if self._readers.pop(number, None) is not None:
            self._errors.unregister(number)
            if not self._readers:
                # Left behind in the loop by none of them.
                self._loop.remove_reader(self._errors.fileno())
        return self._loop.remove_reader(number)

    def _look(self) -> None:
        for number, _ in self._errors.poll(0):
            reader = self._readers.get(number)
            if reader is not None:
                self._loop.call_soon(self._call, number, reader)

    def _call(self, number: int, reader: Callable[[], object]) -> None:
        """Call a reader, which reads some or finds the error, until it is removed."""
        if self._readers.get(number) is reader:
            reader()
            self._loop.call_soon(self._call, number, reader)
