"""The awaitable API of a socket in Python."""

import sys
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from types import TracebackType
from typing import Any, Self

from gharial.python.errors import SocketClosedError
from gharial.python.websocket.blob import Blob
from gharial.python.websocket.dispatching import DispatchingSocket
from gharial.python.websocket.environment import SocketEnvironment
from gharial.python.websocket.events import CloseEvent, message_event
from gharial.python.websocket.posting_listener import PostingListener
from gharial.python.websocket.reception import Reception
from gharial.python.websocket.requests import Call, Requests
from gharial.websocket.state import ReadyState

Sendable = str | bytes | bytearray | memoryview | Blob


class AwaitedSocket(DispatchingSocket):
    """The part of a ``WebSocket`` that is awaited."""

    __slots__ = ("_reception", "_requests", "_wire_listener")

    _wire_listener: PostingListener

    def __init__(self, environment: SocketEnvironment) -> None:
        super().__init__(environment)
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
        Return once at most this many bytes wait to be written, or it is closed.

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
            Call("request", message, name, sys._getframe(1)),
            partial(self.send, message),
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
            Call("expect", match, name, sys._getframe(1)),
            None,
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

    def send(self, data: Sendable) -> None:
        """Send a message."""
        raise NotImplementedError

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Begin the closing handshake."""
        raise NotImplementedError

    # -- Who takes the messages ----------------------------------------------------------

    def _dispatch_special(self, data: str | bytes, at_ms: float) -> None:
        """Do with a message what is more than to call one function."""
        reception = self._reception
        if reception is None and "message" in self._registrations:
            self._fire(message_event(self._shown(data), at_ms, self))
            return
        (reception or self._reached()).take(data, at_ms)

    def _changed(self, type: str) -> None:  # noqa: A002 - the standard's word
        if type == "message":
            if self._reception is not None:
                count = len(self._registrations.get("message", ()))
                self._reception.listeners_changed(count)
            self._choose_path()
        elif type in self._registrations:
            self._listener_added(type)

    def _choose_path(self) -> None:
        """Tell the inbox whether one function is all that a message is for."""
        listeners = self._registrations.get("message", ())
        is_ordinary = len(listeners) == 1 and not listeners[0].is_special
        self._inbox.only = listeners[0].callback if is_ordinary else None
        self._inbox.is_special = (
            not is_ordinary
            or self._binary_type == "blob"
            or (self._reception is not None and self._reception.is_needed)
        )

    def _tell_waiting(self) -> None:
        if self._requests is not None:
            self._requests.end()
        super()._tell_waiting()

    def _reached(self) -> Reception:
        if self._reception is None:
            self._reception = Reception(self, self._choose_path)
        return self._reception

    def _exchanges(self) -> Requests:
        if self._requests is None:
            self._requests = Requests(self, self._wire_listener, self._reached())
        return self._requests
