"""
The sockets of one virtual user's script: from the wire into JavaScript and back.

A message costs one crossing in, and a ``send`` one crossing out. The ready state that a
script sees is kept in JavaScript and changes with the task that tells of it, as the
standard says; the protocol is the connection's.
"""

import json
from collections.abc import Callable
from typing import Any

from gharial.engine.port import JsContext, JsMessages
from gharial.javascript.cookie_jars import CookieJars
from gharial.net.cookies import CookieJar
from gharial.net.failures import Failure
from gharial.timing import DurationError, format_duration, parse_duration
from gharial.virtual_user.message_path import MessagePath
from gharial.virtual_user.virtual_user import VirtualUser
from gharial.virtual_user.waiting import waiting_bytes
from gharial.websocket.close_codes import check_close, clamped_code
from gharial.websocket.connection import Connection
from gharial.websocket.errors import WebSocketError
from gharial.websocket.matching import json_matcher
from gharial.websocket.messages import MessageReceiver
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.params import opening_params
from gharial.websocket.url import socket_url, subprotocols

# Why a socket is not read whose script has a stream that is full.
_STREAM = "stream"


class ScriptSocket:
    """
    One socket: hears its connection and posts what it hears to the VU's loop.

    Attributes:
        id: Its number in the VU.
        connection: Its connection.
        is_established: Whether the script was told that it is open.

    """

    __slots__ = (
        "_bridge",
        "_loop",
        "_offset_s",
        "_receiver",
        "_waiting",
        "connection",
        "id",
        "is_established",
        "on_message",
    )

    def __init__(self, bridge: "SocketBridge", socket_id: int, hot: Any) -> None:
        user = bridge.user
        self.id = socket_id
        self._bridge = bridge
        self._loop = user.loop
        # It has the array of the socket in JavaScript that the hot path needs.
        self._receiver: MessageReceiver | None = bridge.messages.receiver(hot)
        # Hands a message to the script: at once if the VU is idle.
        self.on_message: Callable[[str | bytes, float], None] = MessagePath(
            user.loop,
            self._receiver,
            user.services.clock.epoch_offset_s,
            self._queue,
        )
        self._offset_s = user.services.clock.epoch_offset_s
        self._waiting = user.waiting
        self.is_established = False
        self.connection: Connection

    def _queue(self, data: str | bytes, timestamp_ms: float) -> None:
        # The script is busy or suspended.
        self._waiting.add(self.connection.reading, waiting_bytes(data))
        self._loop.post(self._deliver_queued, data, timestamp_ms)

    def on_open(self, at_s: float) -> None:
        """Tell the script."""
        connection = self.connection
        self._post(
            "open",
            connection.protocol,
            connection.extensions,
            self._bridge.messages.send_function(connection.sender),
            at_s=at_s,
        )
        self._loop.post(self._opened)

    def on_ping(self, at_s: float) -> None:
        """Tell the script."""
        self._post_control("ping", at_s)

    def on_pong(self, at_s: float) -> None:
        """Tell the script."""
        self._post_control("pong", at_s)

    def on_closing(self, at_s: float) -> None:
        """Tell the script."""
        self._post("closing", at_s=at_s)

    def on_error(self, failure: Failure, at_s: float) -> None:
        """Tell the script, with the server's answer where there is one."""
        response = failure.response
        self._post(
            "error",
            failure.message,
            None if response is None else response.status,
            None if response is None else [list(pair) for pair in response.headers],
            None if response is None else response.body.decode("utf-8", "replace"),
            at_s=at_s,
        )

    def on_close(self, code: int, reason: str, was_clean: bool, at_s: float) -> None:  # noqa: FBT001 - the listener's signature
        """Tell the script, then let the iteration end without this socket."""
        self._waiting.forget(self.connection.reading)
        self._loop.post(self._close, code, reason, was_clean, at_s)

    @property
    def description(self) -> str:
        """What it is, and in which state, in a few words."""
        return self.connection.description

    def shut(self, code: int) -> None:
        """Close with this code; bounded by the close limit."""
        self.connection.shut(code)

    def abort(self) -> None:
        """End at once."""
        self.connection.abort()

    def _post(self, event: str, *arguments: Any, at_s: float) -> None:
        self._loop.post(
            self._bridge.dispatcher(event),
            self.id,
            *arguments,
            (at_s + self._offset_s) * 1e3,
        )

    def _deliver_queued(self, data: str | bytes, timestamp_ms: float) -> None:
        self._waiting.remove(waiting_bytes(data))
        if self._receiver is not None:
            self._receiver.receive(data, timestamp_ms)

    def _post_control(self, kind: str, at_s: float) -> None:
        # They wait as messages do, and a server may send as many as it likes.
        self._waiting.add(self.connection.reading, waiting_bytes(kind))
        self._loop.post(self._deliver_control, kind, (at_s + self._offset_s) * 1e3)

    def _deliver_control(self, kind: str, timestamp_ms: float) -> None:
        self._waiting.remove(waiting_bytes(kind))
        if self._receiver is not None:
            self._bridge.dispatcher("control")(self.id, kind, timestamp_ms)

    def queued(self) -> int:
        """Return how many messages wait for the script to have time."""
        waiting = self._loop.waiting or ()
        return sum(callback == self._deliver_queued for callback, _ in waiting)

    def release(self) -> None:
        """Let go of what is the engine's; nothing will be delivered any more."""
        self._receiver = None
        self.on_message = _ignore

    def _opened(self) -> None:
        self.is_established = True
        self._bridge.user.operations.established(self)

    def _close(self, code: int, reason: str, was_clean: object, at_s: float) -> None:
        try:
            self._bridge.dispatcher("close")(
                self.id,
                code,
                reason,
                bool(was_clean),
                self.connection.buffered_amount,
                (at_s + self._offset_s) * 1e3,
            )
        finally:
            self._bridge.forget(self)


def json_matches(path: str, value: str | None, data: str) -> bool | str:
    """Return whether a string has this JSON value at this path, or what is wrong."""
    try:
        if value is None:
            return json_matcher(path)(data)
        return json_matcher(path, json.loads(value))(data)
    except TypeError as error:
        return str(error)


def duration_ms(given: str | float) -> float | str:
    """Return a duration as the options have it in milliseconds, or what is wrong."""
    try:
        return parse_duration(given) * 1e3
    except DurationError as error:
        return str(error)


def _ignore(data: object, at_s: float) -> None:
    return None


class SocketBridge:
    """
    All sockets of one VU's script.

    Attributes:
        user: The virtual user.
        messages: How messages get to the sockets and from them.

    """

    def __init__(
        self,
        user: VirtualUser,
        internal: Any,
        jars: CookieJars,
        context: JsContext,
    ) -> None:
        self.user = user
        getters = context.event_getters()
        if getters is not None:
            internal.get("readHostEvents")(getters)
        self.messages: JsMessages = context.messages(internal)
        self._context = context
        self._jars = jars
        self._to_python = context.to_python
        self._internal = internal
        self._sockets: dict[int, ScriptSocket] = {}
        self._dispatchers: dict[str, Any] = {}

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the runtime calls, by name."""
        return {
            "socketOpen": self._open,
            "socketCheck": self._check,
            "socketSendText": self._send_text,
            "socketSendBinary": self._send_binary,
            "socketPing": self._ping,
            "socketClose": self._close,
            "socketBufferedAmount": self._buffered_amount,
            "socketHold": self._hold,
            "socketWhenDrained": self._when_drained,
            "socketRequestBegins": self._request_begins,
            "socketRequestEnded": self._request_ended,
            "jsonMatches": json_matches,
            "durationMs": duration_ms,
            "durationText": lambda ms: format_duration(ms / 1e3),
        }

    def dispatcher(self, event: str) -> Any:
        """Return the function in JavaScript that dispatches such events."""
        function = self._dispatchers.get(event)
        if function is None:
            function = self._internal.get("dispatch").get(event)
            self._dispatchers[event] = function
        return function

    def forget(self, socket: ScriptSocket) -> None:
        """Drop a socket whose close event was dispatched."""
        self._sockets.pop(socket.id, None)
        socket.release()
        self.user.operations.ended(socket)

    def close(self) -> None:
        """Drop everything."""
        for socket in self._sockets.values():
            socket.release()
        self._sockets.clear()
        self._dispatchers.clear()
        self._internal = None
        del self.messages, self._context, self._to_python

    def _check(self, url: str, protocols: Any) -> str | list[str]:
        """Return the normalised URL, or the name and text of what is wrong."""
        try:
            subprotocols(self._to_python(protocols))
            return socket_url(url)
        except WebSocketError as error:
            return [error.name, error.message]

    def _open(
        self,
        socket_id: int,
        url: str,
        protocols: Any,
        params: Any,
        jar: CookieJar | None,
        hot: Any,
    ) -> Any:
        """Return the normalised URL, or the name and text of what is wrong."""
        try:
            normalised = socket_url(url)
            offered = subprotocols(self._to_python(protocols))
        except WebSocketError as error:
            return [error.name, error.message]
        given: dict[str, Any] = {} if params is None else self._to_python(params)
        user = self.user
        limits = user.services.network.settings.limits
        fields: dict[str, Any] = {"local_address": user.local_address}
        if given.get("opening"):
            try:
                fields |= opening_params(given["opening"], limits)
            except TypeError as error:
                return ["TypeError", str(error)]
        request = OpeningRequest(
            url=normalised,
            protocols=tuple(offered),
            headers=tuple((name, value) for name, value in given.get("headers", ())),
            **fields,
        )
        request, tags = user.ruled(request, given.get("tags"))
        socket = ScriptSocket(self, socket_id, hot)
        socket.connection = Connection(
            request,
            network=user.services.network,
            listener=socket,
            observer=user.observer(url, tags),
            clock=user.services.clock,
            cookies=self._jars.get(jar),
            tasks=user.loop,
        )
        self._sockets[socket_id] = socket
        socket.connection.open()
        user.operations.began(socket)
        return normalised

    def _send_text(self, socket_id: int, text: str) -> None:
        self._sockets[socket_id].connection.send_text(text)

    def _send_binary(self, socket_id: int, view: Any) -> None:
        self._sockets[socket_id].connection.send_binary(view.to_bytes())

    def _ping(self, socket_id: int) -> None:
        self._sockets[socket_id].connection.ping()

    def _close(self, socket_id: int, code: float | None, reason: str | None) -> Any:
        """Return nothing, or the name and text of what is wrong."""
        socket = self._sockets.get(socket_id)
        given = None if code is None else clamped_code(code)
        try:
            if socket is None:
                # Closed already: nothing is done, but the arguments are checked.
                check_close(given, reason or "")
            else:
                socket.connection.close(given, reason or "")
        except WebSocketError as error:
            return [error.name, error.message]
        return None

    def _buffered_amount(self, socket_id: int) -> int:
        return self._sockets[socket_id].connection.buffered_amount

    def _request_begins(self, socket_id: int, is_sent: object) -> int:
        """Return how many messages came before a request, and wait for the script."""
        socket = self._sockets.get(socket_id)
        if socket is None:
            return 0
        if is_sent:
            socket.connection.request_begins()
        return socket.queued()

    def _request_ended(
        self, socket_id: int, duration_ms: float | None, name: str
    ) -> None:
        socket = self._sockets.get(socket_id)
        duration_s = None if duration_ms is None else duration_ms / 1e3
        if socket is not None:
            socket.connection.request_ended(duration_s, name)

    def _hold(self, socket_id: int, is_held: object) -> None:
        socket = self._sockets.get(socket_id)
        if socket is None:
            return
        if is_held:
            socket.connection.reading.pause(_STREAM)
        else:
            socket.connection.reading.resume(_STREAM)

    def _when_drained(self, socket_id: int, callback: Callable[[], object]) -> None:
        """Call back, as a task, once all is written; at once if the socket is gone."""
        socket = self._sockets.get(socket_id)
        if socket is None or not socket.connection.unsent_bytes:
            self.user.loop.post(callback)
        else:
            socket.connection.on_drained = lambda: self.user.loop.post(callback)
