"""
Requests over a socket: a message, and the one that answers it.

They are measured from wire to wire: from the instant at which the request is handed to the
transport to that at which the answer's bytes were read, however late a script gets to it.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from gharial.timing import format_duration, parse_duration
from gharial.websocket.errors import RequestTimeoutError, WebSocketError
from gharial.websocket.events import CloseEvent, MessageEvent
from gharial.websocket.matching import Matches, matcher
from gharial.websocket.state import ReadyState

if TYPE_CHECKING:
    from gharial.websocket.api import WebSocket

DEFAULT_TIMEOUT = "10s"


class _Waiting:
    """One that waits for its message."""

    __slots__ = ("future", "matches", "name", "started_at_ms")

    def __init__(
        self, future: asyncio.Future[Any], matches: Matches, name: str, at_ms: float
    ) -> None:
        self.future = future
        self.matches = matches
        self.name = name
        self.started_at_ms = at_ms


class Requests:
    """All that waits for messages on one socket; it listens only while something does."""

    __slots__ = ("_socket", "_waiting")

    def __init__(self, socket: "WebSocket") -> None:
        self._socket = socket
        self._waiting: list[_Waiting] = []

    async def exchange(
        self,
        message: Any,
        *,
        is_sent: bool,
        match: object,
        timeout: str | float | None,
        name: str,
    ) -> Any:
        """
        Send a message, or none, and return the data of the one that answers it.

        Raises:
            TypeError: If the match, the timeout or the message cannot be used.
            RequestTimeoutError: If no such message comes in time.
            WebSocketError: ``InvalidStateError`` unless the socket is open.
            SocketClosedError: If it is closed before.

        """
        socket = self._socket
        matches = matcher(match)
        timeout_s = parse_duration(DEFAULT_TIMEOUT if timeout is None else timeout)
        if socket.ready_state is not ReadyState.OPEN:
            socket._request_ended(None, name)
            raise WebSocketError(
                "InvalidStateError", "request() and expect() need an open socket"
            )
        loop = asyncio.get_running_loop()
        one = _Waiting(loop.create_future(), matches, name, socket._now_ms())
        handle = loop.call_later(timeout_s, self._time_out, one, timeout_s)
        self._add(one)
        try:
            if is_sent:
                socket.send(message)
            return await one.future
        finally:
            handle.cancel()
            self._remove(one)

    def _add(self, one: _Waiting) -> None:
        self._waiting.append(one)
        if len(self._waiting) == 1:
            self._socket.add_event_listener("message", self._hear)
            self._socket.add_event_listener("close", self._end)

    def _remove(self, one: _Waiting) -> None:
        if one in self._waiting:
            self._waiting.remove(one)
            if not self._waiting:
                self._socket.remove_event_listener("message", self._hear)
                self._socket.remove_event_listener("close", self._end)

    def _hear(self, event: MessageEvent) -> None:
        """Give a message to the one that has waited longest of those whom it answers."""
        for one in self._waiting:
            try:
                if not one.matches(event.data):
                    continue
            except BaseException as error:
                self._settle(one, None, error)
                return
            # A message may carry the date of a turn of the loop that began just before.
            duration_ms = event.timestamp - one.started_at_ms
            if duration_ms < 0:
                duration_ms = self._socket._now_ms() - one.started_at_ms
            self._settle(one, duration_ms / 1e3)
            if not one.future.done():
                one.future.set_result(event.data)
            return

    def _time_out(self, one: _Waiting, timeout_s: float) -> None:
        self._settle(one, None, RequestTimeoutError(format_duration(timeout_s)))

    def _end(self, event: CloseEvent) -> None:
        for one in list(self._waiting):
            self._settle(one, None, self._socket._closed_error())

    def _settle(
        self,
        one: _Waiting,
        duration_s: float | None,
        error: BaseException | None = None,
    ) -> None:
        self._remove(one)
        self._socket._request_ended(duration_s, one.name)
        if error is not None and not one.future.done():
            one.future.set_exception(error)
