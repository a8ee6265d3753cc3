"""
The part of a Python ``WebSocket`` that dispatches events to its script.

It knows the state that the script was told of, fires the events in their order, keeps those
of the end for listeners that come late, and wakes what waits for the next step.
"""

import asyncio
from collections.abc import Callable

from gharial.net.failures import Failure
from gharial.python.errors import SocketClosedError
from gharial.python.websocket.blob import Blob
from gharial.python.websocket.environment import SocketEnvironment
from gharial.python.websocket.event_target import EventTarget
from gharial.python.websocket.events import CloseEvent, ErrorEvent, Event
from gharial.python.websocket.inbox import Inbox
from gharial.websocket.connection import Connection
from gharial.websocket.state import ReadyState


class DispatchingSocket(EventTarget):
    """The part of a ``WebSocket`` that the wire drives."""

    __slots__ = (
        "_binary_type",
        "_close",
        "_connection",
        "_environment",
        "_error",
        "_has_closed",
        "_has_opened",
        "_inbox",
        "_is_flushing",
        "_is_over",
        "_state",
        "_unheard",
        "_url",
        "_waiters",
    )

    _connection: Connection
    _inbox: Inbox
    _url: str

    def __init__(self, environment: SocketEnvironment) -> None:
        super().__init__()
        self._environment = environment
        self._state = ReadyState.CONNECTING
        self._binary_type = "arraybuffer"
        # Whether the script was told that it is open, and whether it closed it.
        self._has_opened = False
        self._has_closed = False
        self._close: CloseEvent | None = None
        self._error = ""
        self._waiters: list[asyncio.Future[None]] = []
        # The events of the end, as far as nobody listened to them.
        self._unheard: tuple[Event, ...] = ()
        # Whether listeners are being told of messages that waited for them.
        self._is_flushing = False
        self._is_over = False

    # -- For the environment -----------------------------------------------------------

    @property
    def is_established(self) -> bool:
        """Whether it is open, as far as the script knows."""
        return self._state is ReadyState.OPEN

    @property
    def description(self) -> str:
        """What it is, and in which state, in a few words."""
        return self._connection.description

    def shut(self, code: int) -> None:
        """Close with any code, because the iteration is over."""
        self._connection.shut(code)

    def abort(self) -> None:
        """End at once."""
        self._connection.abort()

    # -- What happened -------------------------------------------------------------

    def _report(self, error: BaseException) -> None:
        self._environment.report(error)

    def _returned(self, result: object) -> None:
        self._environment.returned(result)

    def _shown(self, data: str | bytes) -> str | bytes | Blob:
        """Return what scripts see of a message."""
        if self._binary_type == "blob" and not isinstance(data, str):
            return Blob([data])
        return data

    def _become(self, state: ReadyState) -> None:
        self._state = state
        self._inbox.is_open = state is ReadyState.OPEN

    def _dispatch_open(self, at_ms: float) -> None:
        if self._state is ReadyState.CONNECTING:
            self._has_opened = True
            self._become(ReadyState.OPEN)
            self._wake()
            self._fire(Event("open", at_ms, is_trusted=True))
            self._environment.opened(self)

    def _dispatch_control(self, kind: str, at_ms: float) -> None:
        self._fire(Event(kind, at_ms, is_trusted=True))

    def _dispatch_closing(self) -> None:
        if self._state is ReadyState.OPEN:
            self._become(ReadyState.CLOSING)

    def _dispatch_error(self, failure: Failure, at_ms: float) -> None:
        self._become(ReadyState.CLOSED)
        self._error = failure.message
        self._end_with(
            ErrorEvent(
                "error",
                at_ms,
                error=failure.message,
                response=failure.response,
                is_trusted=True,
            )
        )

    def _dispatch_close(
        self, code: int, reason: str, was_clean: object, at_ms: float
    ) -> None:
        self._become(ReadyState.CLOSED)
        self._close = event = CloseEvent(
            "close",
            at_ms,
            code=code,
            reason=reason,
            was_clean=bool(was_clean),
            is_trusted=True,
        )
        self._tell_waiting()
        self._end_with(event)

    # -- The events of the end -----------------------------------------------------

    def _end_with(self, event: Event) -> None:
        """Fire an event of the end, after the messages that came before it."""
        self._unheard += (event,)
        if not self._is_flushing:
            self._flushed()

    def _flushed(self) -> None:
        """Fire the events of the end as far as there are listeners; keep the others."""
        unheard, self._unheard = self._unheard, ()
        try:
            for event in unheard:
                if event.type in self._registrations:
                    self._fire(event)
                else:
                    self._unheard += (event,)
        finally:
            if self._close is not None and not self._is_over:
                self._is_over = True
                self._environment.closed(self)

    def _listener_added(self, type: str) -> None:  # noqa: A002 - the standard's word
        """Tell a listener of the end that came late."""
        if any(event.type == type for event in self._unheard):
            self._flush_end_soon()

    def _flush_end_soon(self) -> None:
        """Fire them for a listener that came late, never within the call that adds it."""
        self._hold_again()
        loop = asyncio.get_running_loop()
        loop.call_soon(self._environment.post, self._flush_end)

    def _flush_end(self) -> None:
        if not self._is_flushing:
            self._flushed()

    def _hold_again(self) -> None:
        """Keep the script alive until late listeners have been told."""
        if self._is_over:
            self._is_over = False
            self._environment.opening(self)

    # -- What waits ----------------------------------------------------------------

    def _tell_waiting(self) -> None:
        """Let all that waits go on: the socket is closed."""
        self._wake()

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
