"""
``WebSocket`` for Python: the standard's class in snake case, and Python's own idioms.

Source:
    WHATWG WebSockets, section 3.1; k6 v2.2 for the third argument, ``ping()`` and the
    events ``ping`` and ``pong``.
"""

from collections.abc import Iterable, Mapping
from threading import current_thread, get_ident
from typing import Any, ClassVar

from gharial.net.cookies import CookieJar
from gharial.python.errors import WrongThreadError
from gharial.python.websocket.awaited import AwaitedSocket, Sendable
from gharial.python.websocket.blob import Blob
from gharial.python.websocket.environment import current_environment
from gharial.python.websocket.event_target import handler_property
from gharial.python.websocket.inbox import Inbox
from gharial.python.websocket.posting_listener import PostingListener
from gharial.websocket.close_codes import check_close
from gharial.websocket.connection import Connection
from gharial.websocket.errors import WebSocketError
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.params import opening_params, read_params
from gharial.websocket.state import ReadyState
from gharial.websocket.url import socket_url, subprotocols


class WebSocket(AwaitedSocket):
    """
    A WebSocket.

    It connects at once, in the background. Listen to its events, or use it with
    ``async with`` and ``async for``.

    Attributes:
        CONNECTING: 0, as a ``ready_state``.
        OPEN: 1.
        CLOSING: 2.
        CLOSED: 3.

    Args:
        url: An absolute URL; ``http:`` and ``https:`` count as ``ws:`` and ``wss:``.
        protocols: Subprotocols to offer, one or several.
        params: k6's third argument, a mapping with any of the names below.
        headers: Extra headers of the upgrade request.
        tags: Tags of all that is measured on this socket. A tag ``name`` also stands for
            the URL.
        jar: The cookie jar to use instead of the virtual user's own.
        compression: ``"deflate"`` offers permessage-deflate; a mapping of ``level`` (0 to
            9), ``window_bits`` (8 to 15) and ``context_takeover`` says more.
        tls: ``cert``, ``key``, ``password``, ``ca`` (PEM strings or paths), ``sni`` and
            ``verify`` of this socket.
        proxy: The proxy's URL; empty for none, whatever the environment says.
        local_address: The address to connect from.
        limits: ``dial_timeout``, ``tls_timeout``, ``handshake_timeout``,
            ``close_timeout`` (durations as in options) and ``max_message_size`` of this
            socket.
        redirects: How many redirects to follow; none unless given.
        lens: The lens that reads what goes over it, by its name; ``"auto"`` or ``"off"``.

    Raises:
        WebSocketError: ``SyntaxError`` if the URL or a subprotocol is not allowed.
        TypeError: If a parameter is not known or has a wrong value.

    """

    # Whether the server's answer to the upgrade is kept.
    _keeps_response: ClassVar[bool] = False

    __slots__ = (
        "_origin",
        "_sender",
        "_thread",
    )

    CONNECTING: ClassVar = ReadyState.CONNECTING
    OPEN: ClassVar = ReadyState.OPEN
    CLOSING: ClassVar = ReadyState.CLOSING
    CLOSED: ClassVar = ReadyState.CLOSED

    def __init__(  # noqa: PLR0913 - the parameters that the field's scripts use
        self,
        url: str,
        protocols: str | Iterable[str] = (),
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, object] | None = None,
        tags: Mapping[str, object] | None = None,
        jar: CookieJar | None = None,
        compression: str | Mapping[str, Any] | None = None,
        tls: Mapping[str, Any] | None = None,
        proxy: str | None = None,
        local_address: str | None = None,
        limits: Mapping[str, Any] | None = None,
        redirects: int | None = None,
        lens: str | None = None,
    ) -> None:
        given = read_params(
            params,
            {
                "headers": headers,
                "tags": tags,
                "jar": jar,
                "compression": compression,
                "tls": tls,
                "proxy": proxy,
                "localAddress": local_address,
                "limits": limits,
                "redirects": redirects,
                "lens": lens,
            },
        )
        environment = current_environment()
        usual = environment.network.settings.limits
        opening: dict[str, Any] = {
            "local_address": environment.local_address,
            **opening_params(given, usual),
        }
        super().__init__(environment)
        if not isinstance(url, str):
            raise TypeError(f"the URL must be a string, not {url!r}")
        self._url = socket_url(url)
        offered = subprotocols(protocols)
        scheme, _, rest = self._url.partition("//")
        self._origin = f"{scheme}//{rest.partition('/')[0]}"
        self._inbox = Inbox(self, self._dispatch_special)
        self._choose_path()
        self._wire_listener = PostingListener(self)
        request, tags = environment.ruled(
            OpeningRequest(
                url=self._url,
                protocols=offered,
                headers=tuple(
                    (name, str(value)) for name, value in given["headers"].items()
                ),
                **opening,
            ),
            given["tags"],
        )
        self._connection = Connection(
            request,
            network=environment.network,
            listener=self._wire_listener,
            observer=environment.observer(url, tags or {}),
            clock=environment.clock,
            cookies=given["jar"] or environment.cookies,
            keeps_response=self._keeps_response,
            tasks=environment.tasks,
        )
        self._sender = self._connection.sender
        self._thread = get_ident()
        self._connection.open()
        environment.opening(self)

    # -- The standard's members ------------------------------------------------------

    @property
    def url(self) -> str:
        """The normalised URL."""
        return self._url

    @property
    def ready_state(self) -> ReadyState:
        """0 connecting, 1 open, 2 closing, 3 closed; changes with the events."""
        return self._state

    @property
    def protocol(self) -> str:
        """The negotiated subprotocol; empty before ``open``, or for none."""
        return self._connection.protocol

    @property
    def extensions(self) -> str:
        """The negotiated extensions; empty before ``open``, or for none."""
        return self._connection.extensions

    @property
    def buffered_amount(self) -> int:
        """Bytes that this task sent, or that are not on the network yet."""
        return self._connection.buffered_amount

    @property
    def binary_type(self) -> str:
        """``"arraybuffer"`` gives bytes, ``"blob"`` gives a Blob; others are ignored."""
        return self._binary_type

    @binary_type.setter
    def binary_type(self, value: str) -> None:
        if value in ("arraybuffer", "blob"):
            self._binary_type = value
            self._changed("message")

    def send(self, data: Sendable) -> None:
        """
        Send a text message for ``str``, else a binary one. The data is copied.

        Dropped when closing or closed.

        Raises:
            WebSocketError: ``InvalidStateError`` while connecting.
            TypeError: If the data is neither text nor bytes.
            WrongThreadError: In another thread than that of the event loop.

        """
        if get_ident() != self._thread:
            raise WrongThreadError("WebSocket.send()", current_thread().name)
        if type(data) is str:
            self._sender.send_text(data)
        elif isinstance(data, str):
            self._sender.send_text(str(data))
        elif isinstance(data, bytes):
            self._sender.send_binary(data)
        elif isinstance(data, (bytearray, memoryview)):
            self._sender.send_binary(bytes(data))
        elif isinstance(data, Blob):
            self._sender.send_binary(data.bytes())
        else:
            raise TypeError(
                f"send() takes str, bytes-like data or a Blob, not {data!r}"
            )

    def close(self, code: int | None = None, reason: str = "") -> None:
        """
        Begin the closing handshake; without effect when closing or closed.

        Args:
            code: 1000, or 3000 to 4999; None sends none.
            reason: At most 123 bytes of UTF-8.

        Raises:
            WebSocketError: ``InvalidAccessError`` or ``SyntaxError`` for other values.

        """
        check_close(code, reason)
        if get_ident() != self._thread:
            raise WrongThreadError("WebSocket.close()", current_thread().name)
        if self._state is ReadyState.CLOSED:
            return
        if self._state is not ReadyState.CLOSING:
            self._has_closed = True
        self._become(ReadyState.CLOSING)
        self._connection.close(code, reason)

    def ping(self) -> None:
        """
        Send a ping; its pong is measured as ``ws_ping`` and fires ``pong``.

        Raises:
            WebSocketError: ``InvalidStateError`` unless the socket is open.

        """
        if self._state is not ReadyState.OPEN:
            raise WebSocketError("InvalidStateError", "ping() needs an open socket")
        self._connection.ping()

    # -- Handlers ------------------------------------------------------------------

    on_open = handler_property("open")
    on_message = handler_property("message")
    on_error = handler_property("error")
    on_close = handler_property("close")
    on_ping = handler_property("ping")
    on_pong = handler_property("pong")
