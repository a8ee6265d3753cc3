"""What scripts in Python await of a socket: the language's own idioms."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from gharial.python.errors import SocketClosedError
from gharial.python.websocket.blob import Blob
from gharial.python.websocket.event_target import EventTarget
from gharial.python.websocket.events import CloseEvent
from gharial.python.websocket.reception import Reception
from gharial.python.websocket.requests import Call, Requests
from gharial.websocket.state import ReadyState

if TYPE_CHECKING:
    from gharial.python.websocket.api import WebSocket
    from gharial.websocket.connection import Connection

Sendable = str | bytes | bytearray | memoryview | Blob


class AwaitedSocket(EventTarget):
    """The part of a ``WebSocket`` that is awaited."""

    __slots__ = (
        "_close",
        "_connection",
        "_error",
        "_has_closed",
        "_has_opened",
        "_kept_maximum",
        "_reception",
        "_requests",
        "_state",
        "_waiters",
    )

    _connection: "Connection"
    _state: ReadyState
    _kept_maximum: int

    def __init__(self) -> None:
        super().__init__()
        # Whether the script was told that it is open, and whether it closed it.
        self._has_opened = False
        self._has_closed = False
        self._waiters: list[asyncio.Future[None]] = []
        self._close: CloseEvent | None = None
        self._error = ""
        # There once they are needed.
        self._reception: Reception | None = None
        self._requests: Requests | None = None

    async def opened(self) -> Self:
        """
        Wait until the socket is open; what comes from then on waits to be taken.

        Raises:
            SocketClosedError: If it is closed before.

        """
        await self._until(lambda: self._has_opened or self._close is not None)
        if not self._has_opened or self._has_closed:
            raise self._closed_error()
        return self

    async def receive(self) -> str | bytes | Blob:
        """
        Return the next message: messages wait until they are received.

        A message is not received if it was the answer to a request, or if only listeners
        were there when it came.

        Raises:
            SocketClosedError: If the socket is closed and no message is left.

        """
        reception = self._reached()
        while (message := reception.read()) is None:
            if self._close is not None:
                raise self._closed_error()
            reception.receivers += 1
            try:
                await self._wait()
            finally:
                reception.receivers -= 1
        return self._shown(message.data)

    async def drained(self, most_bytes: int = 65_536) -> None:
        """
        Return once no more than so many bytes wait to be written, or it is closed.

        A script that sends faster than its server reads stays within bounds this way.
        """

        def is_so() -> bool:
            if (
                self._state is ReadyState.CLOSED
                or self._connection.unsent_bytes <= most_bytes
            ):
                return True
            self._connection.on_drained = self._wake
            return False

        await self._until(is_so)

    def request(
        self,
        message: Sendable,
        *,
        match: object = None,
        timeout: str | float | None = None,
        name: str = "",
    ) -> Coroutine[Any, Any, Any]:
        """
        Send a message and return the data of the one that answers it; to be awaited.

        It is measured as ``ws_req_duration``, from wire to wire, and ``ws_req_failed``. Of
        several that wait, the oldest gets a message; listeners hear it as ever.

        Args:
            message: As for ``send()``.
            match: What tells the answer: a function of a message's data, or ``path``
                (a JSON path) and ``value``; None takes the next message.
            timeout: A duration as in options, or milliseconds; 10 s unless given.
            name: The tag ``name`` of what is measured; the socket's unless given.

        Raises:
            RequestTimeoutError: If no such message comes in time.
            SocketClosedError: If the socket is closed before.
            WebSocketError: ``InvalidStateError`` while connecting, or after ``close()``.
            TypeError: If an argument cannot be used.

        """
        return self._exchanges().exchange(
            message,
            Call("request", message, name, sys._getframe(1)),
            is_sent=True,
            match=match,
            timeout=timeout,
            name=name,
        )

    def expect(
        self,
        match: object = None,
        *,
        timeout: str | float | None = None,
        name: str = "",
    ) -> Coroutine[Any, Any, Any]:
        """
        Return the data of a message as :meth:`request` does, without sending one.

        Messages that wait to be taken are looked at first.
        """
        return self._exchanges().exchange(
            None,
            Call("expect", match, name, sys._getframe(1)),
            is_sent=False,
            match=match,
            timeout=timeout,
            name=name,
        )

    async def closed(self) -> CloseEvent:
        """Wait until the socket is closed; return its close event."""
        if self._close is None:
            reception = self._reached()
            reception.await_end()
            try:
                await self._until(lambda: self._close is not None)
            finally:
                reception.closers -= 1
        assert self._close is not None
        return self._close

    async def __aenter__(self) -> Self:
        """Wait until the socket is open; its messages wait to be taken."""
        return await self.opened()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the socket and wait until it is closed."""
        self.close()
        await self.closed()

    async def __aiter__(self) -> AsyncIterator[str | bytes | Blob]:
        """
        Give each message until the socket is closed.

        Raises:
            SocketClosedError: After an end that was not clean.

        """
        reception = self._reached()
        reception.begin_loop()
        try:
            while True:
                yield await self.receive()
        except SocketClosedError as error:
            if error.error:
                raise
        finally:
            reception.end_loop()

    # -- What the rest of the socket does ------------------------------------------------

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Begin the closing handshake."""
        raise NotImplementedError

    def _shown(self, data: str | bytes) -> str | bytes | Blob:
        raise NotImplementedError

    # -- The inside ----------------------------------------------------------------------

    def _reached(self) -> Reception:
        if self._reception is None:
            self._reception = Reception(cast("WebSocket", self), self._kept_maximum)
        return self._reception

    def _exchanges(self) -> Requests:
        if self._requests is None:
            self._requests = Requests(cast("WebSocket", self), self._reached())
        return self._requests

    async def _until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            await self._wait()

    async def _wait(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def _wake(self) -> None:
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _closed_error(self, call: str = "") -> SocketClosedError:
        event = self._close
        if event is None:
            return SocketClosedError(1006, "", self._error, call)
        return SocketClosedError(event.code, event.reason, self._error, call)
