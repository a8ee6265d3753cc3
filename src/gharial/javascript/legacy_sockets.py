"""
The sockets of ``k6/ws``, whose ``connect`` blocks until the socket is closed.

What happens on the wire waits here until the script, which is inside ``connect``, asks for
the next event and is suspended until there is one.

Source:
    k6 v2.2, ``internal/js/modules/k6/ws/ws.go``.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from gharial.javascript.cookie_jars import CookieJars
from gharial.net.cookies import CookieJar
from gharial.net.failures import Failure, FailureReason, HandshakeResponse
from gharial.virtual_user.blocking import Suspension
from gharial.virtual_user.script import ScriptInterruptedError
from gharial.virtual_user.virtual_user import VirtualUser
from gharial.virtual_user.waiting import waiting_bytes
from gharial.websocket.connection import Connection
from gharial.websocket.errors import WebSocketError
from gharial.websocket.extensions import DeflateOffer
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.state import ReadyState
from gharial.websocket.url import socket_url

BODY_LIMIT_BYTES = 1024
GOING_AWAY = 1001
# Codes of a close that is no error.
_EXPECTED = frozenset({1000, GOING_AWAY})
_NAMES = {
    1002: "protocol error",
    1003: "unsupported data",
    1005: "no status",
    1006: "abnormal closure",
    1007: "invalid payload data",
    1008: "policy violation",
    1009: "message too big",
    1010: "mandatory extension missing",
    1011: "internal server error",
}


class LegacySocket:
    """
    One socket of ``k6/ws``: keeps what it hears until the script asks for it.

    Attributes:
        connection: Its connection.
        is_established: Never: no iteration leaves it open.

    """

    is_established = False

    def __init__(self, user: VirtualUser) -> None:
        self.connection: Connection
        self._user = user
        self._events: deque[list[Any]] = deque()
        self._suspension: Suspension | None = None
        self._is_left = False
        self._has_opened = False
        self._failure: Failure | None = None
        self._timers: dict[int, asyncio.TimerHandle] = {}
        # When the latest tick of each repeated timer was due.
        self._due_s: dict[int, float] = {}
        # Whether the script heard of the end before the iteration ended.
        self.has_heard_of_end = False

    # -- For the connection ------------------------------------------------------------

    def on_open(self, at_s: float) -> None:
        """Tell the script, with the server's answer."""
        self._has_opened = True
        self._tell(["open", *_answer(self.connection.response)])
        self.connection.response = None

    def on_message(self, data: str | bytes, at_s: float) -> None:
        """Keep a message; stop reading while too much is kept."""
        self._tell(["message" if isinstance(data, str) else "binaryMessage", data])

    def on_ping(self, at_s: float) -> None:
        """Tell the script."""
        self._tell(["ping"])

    def on_pong(self, at_s: float) -> None:
        """Tell the script."""
        self._tell(["pong"])

    def on_closing(self, at_s: float) -> None:
        """Wait for the end of TCP, which is limited."""

    def on_error(self, failure: Failure, at_s: float) -> None:
        """Take note; what the script is told depends on how it ends."""
        self._failure = failure

    def on_close(self, code: int, reason: str, was_clean: bool, at_s: float) -> None:  # noqa: FBT001 - the listener's signature
        """Tell the script, and let the iteration end without this socket."""
        failure = self._failure
        if failure is not None and not self._has_opened:
            self._tell(["failed", failure.message, *_answer(failure.response)])
        if failure is not None and failure.reason is FailureReason.RESET:
            # k6 knows such an end only as a read that failed.
            code = GOING_AWAY
        elif failure is not None:
            self._tell(["error", failure.message])
        elif code not in _EXPECTED:
            name = f" ({_NAMES[code]})" if code in _NAMES else ""
            text = f": {reason}" if reason else ""
            self._tell(["error", f"websocket: close {code}{name}{text}"])
        self._tell(["close", code])
        self._user.waiting.forget(self.connection.reading)
        self._user.operations.ended(self)

    # -- For the virtual user ----------------------------------------------------------

    @property
    def description(self) -> str:
        """What it is, and in which state, in a few words."""
        return self.connection.description

    def shut(self, code: int) -> None:
        """Close with this code; bounded by the close limit."""
        self._user.waiting.forget(self.connection.reading)
        self.connection.shut(code)

    def abort(self) -> None:
        """End at once."""
        self.connection.abort()

    # -- For the script ----------------------------------------------------------------

    def next_event(self) -> list[Any]:
        """
        Return the next event, for which the virtual user is suspended if need be.

        An open socket whose virtual user is interrupted closes, as far as its script hears.

        Raises:
            ScriptInterruptedError: If the virtual user is interrupted before it is open.

        """
        while not self._events:
            self._suspension = self._user.services.blocking.suspension()
            try:
                self._user.wait(self._suspension)
            except ScriptInterruptedError:
                if not self._has_opened or self.has_heard_of_end:
                    raise
                self.has_heard_of_end = True
                return ["close", GOING_AWAY]
            finally:
                self._suspension = None
        event = self._events.popleft()
        self._user.waiting.remove(_size(event))
        return event

    def set_timer(self, timer_id: int, delay_ms: float) -> None:
        """Tell the script of a timer, by its number, once it is due."""
        loop = self._user.services.event_loop
        self._timers[timer_id] = loop.call_later(delay_ms / 1e3, self._fire, timer_id)

    def repeat_timer(self, timer_id: int, period_ms: float) -> None:
        """
        Tell the script of the next tick of a timer that it repeats.

        Ticks are due at multiples of the period from the first on, however long its
        callback takes; of those that are missed meanwhile, the latest one counts.

        Source:
            Go's ``time.Ticker``, by which k6 repeats timers.

        """
        loop = self._user.services.event_loop
        period_s = period_ms / 1e3
        due_s = self._due_s.get(timer_id)
        if due_s is None:
            due_s = loop.time()
        due_s += period_s
        due_s += max(0.0, (loop.time() - due_s) // period_s) * period_s
        self._due_s[timer_id] = due_s
        self._timers[timer_id] = loop.call_at(due_s, self._fire, timer_id)

    def leave(self, code: int) -> None:
        """Close it if it is open; the script hears nothing more of it."""
        self._is_left = True
        for event in self._events:
            self._user.waiting.remove(_size(event))
        self._events.clear()
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        if self.connection.ready_state is not ReadyState.CLOSED:
            self.shut(code)

    def _fire(self, timer_id: int) -> None:
        del self._timers[timer_id]
        self._tell(["timer", timer_id])

    def _tell(self, event: list[Any]) -> None:
        if self._is_left:
            return
        self._events.append(event)
        self._user.waiting.add(self.connection.reading, _size(event))
        if self._suspension is not None:
            self._suspension.resume()


class LegacySockets:
    """What the module ``k6/ws`` of one VU calls."""

    def __init__(
        self,
        user: VirtualUser,
        jars: CookieJars,
        *,
        may_block: Callable[[], bool],
        is_interrupted: Callable[[], bool],
        set_interrupted: Callable[[bool], None],
        to_python: Callable[[Any], Any],
    ) -> None:
        self._user = user
        self._jars = jars
        self._may_block = may_block
        self._is_interrupted = is_interrupted
        self._set_interrupted = set_interrupted
        self._to_python = to_python
        self._sockets: dict[int, LegacySocket] = {}
        self._last_id = 0

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the module calls, by name."""
        sockets = self._sockets
        return {
            "wsConnect": self.connect,
            "wsIsInterrupted": self._is_interrupted,
            "wsLeave": self.leave,
            "wsNext": self.next_event,
            "wsPing": lambda number: sockets[number].connection.ping(),
            "wsSendBinary": lambda number, view: sockets[number].connection.send_binary(
                view if isinstance(view, bytes) else view.to_bytes()
            ),
            "wsSendText": lambda number, text: sockets[number].connection.send_text(
                text
            ),
            "wsRepeat": lambda number, timer, ms: sockets[number].repeat_timer(
                timer, ms
            ),
            "wsTimer": lambda number, timer, ms: sockets[number].set_timer(timer, ms),
        }

    def connect(self, url: str, params: Any, jar: CookieJar | None) -> list[Any]:
        """Return what is wrong, if anything, and the number of a socket that dials."""
        if not self._may_block():
            return [
                "ws.connect() was called in a way that Gharial could not foresee",
                None,
            ]
        try:
            normalised = socket_url(url)
        except WebSocketError as error:
            return [error.message, None]
        given: dict[str, Any] = self._to_python(params)
        user = self._user
        socket = LegacySocket(user)
        request, tags = user.ruled(
            OpeningRequest(
                url=normalised,
                headers=tuple((name, value) for name, value in given["headers"]),
                deflate=DeflateOffer() if given["deflate"] else None,
                local_address=user.local_address,
            ),
            given["tags"],
        )
        socket.connection = Connection(
            request,
            network=user.services.network,
            listener=socket,
            observer=user.observer(url, tags),
            clock=user.services.clock,
            cookies=self._jars.get(jar),
            keeps_response=True,
            tasks=user.loop,
        )
        self._last_id += 1
        self._sockets[self._last_id] = socket
        socket.connection.open()
        user.operations.began(socket)
        return [None, self._last_id]

    def next_event(self, number: int) -> list[Any]:
        """
        Return the next event of a socket.

        Raises:
            ScriptInterruptedError: If the virtual user is interrupted before it is open.

        """
        socket = self._sockets[number]
        event = socket.next_event()
        if socket.has_heard_of_end:
            # Its handlers run, within the limit of a callback; then the iteration ends.
            self._set_interrupted(False)
        return event

    def leave(self, number: int, code: float) -> None:
        """
        Close a socket if it is open, and forget it.

        Raises:
            ScriptInterruptedError: If its handlers heard that the iteration ends.

        """
        socket = self._sockets.pop(number)
        socket.leave(int(code))
        if socket.has_heard_of_end:
            self._set_interrupted(True)
            raise ScriptInterruptedError()


def _size(event: list[Any]) -> int:
    """Return what an event takes while it waits."""
    last = event[-1]
    return waiting_bytes(last if isinstance(last, (str, bytes)) else "")


def _answer(response: HandshakeResponse | None) -> list[Any]:
    """Return status, headers as pairs and the body's beginning of the server's answer."""
    if response is None:
        return [0, [], ""]
    body = response.body[:BODY_LIMIT_BYTES].decode("utf-8", "replace")
    return [response.status, [list(pair) for pair in response.headers], body]
