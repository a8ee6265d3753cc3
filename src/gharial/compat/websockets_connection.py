"""A connection with the API of ``websockets.asyncio.client.ClientConnection``."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from gharial.compat import package
from gharial.compat.sockets import CompatSocket
from gharial.python.errors import SocketClosedError
from gharial.websocket.close_codes import (
    GOING_AWAY,
    INTERNAL_ERROR,
    NO_STATUS,
    NORMAL,
)
from gharial.websocket.state import ReadyState

_OK_CODES = {NORMAL, GOING_AWAY, NO_STATUS}


class ClientConnection:
    """
    An open connection.

    Attributes:
        id: Different for each connection.
        logger: Where the client would log.
        request: The upgrade request, with the headers that were given.
        response: The server's answer to it.

    """

    def __init__(
        self,
        socket: CompatSocket,
        *,
        logger: Any = None,
        write_limit_bytes: int = 2**15,
    ) -> None:
        """
        Take a socket that is open.

        Args:
            socket: The socket.
            logger: Where the client would log; None for the usual.
            write_limit_bytes: `send` waits while more is to be written.

        """
        self.id = uuid.uuid4()
        self.logger = logger or logging.getLogger("websockets.client")
        parts = urlsplit(socket.url)
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        self.request = package.request(path, socket.request_headers)
        self.response = package.response(socket.response)
        self._socket = socket
        self._write_limit_bytes = write_limit_bytes
        self._is_receiving = False
        self._sending: asyncio.Lock | None = None

    # -- What it is ------------------------------------------------------------------

    @property
    def state(self) -> Any:
        """Its state, by the package's names where that is installed."""
        return package.state(self._socket.ready_state)

    @property
    def subprotocol(self) -> str | None:
        """The negotiated subprotocol; None for none."""
        return self._socket.protocol or None

    @property
    def latency(self) -> float:
        """The round trip of the last ping, in seconds; 0 before the first."""
        return self._socket.latency_s

    @property
    def close_code(self) -> int | None:
        """The close code; None while it is open."""
        end = self._socket.end
        return None if end is None else end[0]

    @property
    def close_reason(self) -> str | None:
        """The close reason; None while it is open."""
        end = self._socket.end
        return None if end is None else end[1]

    # -- Receiving -------------------------------------------------------------------

    async def recv(self, decode: bool | None = None) -> Any:  # noqa: FBT001 - the package's signature
        """
        Return the next message.

        Args:
            decode: True for a string, False for bytes, None for what was sent.

        Raises:
            ConnectionClosed: If it is closed and no message is left.
            ConcurrencyError: If another coroutine receives.

        """
        if self._is_receiving:
            raise package.errors().ConcurrencyError(
                "cannot call recv while another coroutine is already running recv or "
                "recv_streaming"
            )
        self._is_receiving = True
        try:
            data = await self._socket.receive()
        except SocketClosedError:
            raise self._closed_error() from None
        finally:
            self._is_receiving = False
        if decode is True and isinstance(data, bytes):
            return data.decode()
        if decode is False and isinstance(data, str):
            return data.encode()
        return data

    async def recv_streaming(self, decode: bool | None = None) -> AsyncIterator[Any]:  # noqa: FBT001 - the package's signature
        """Give the next message in one piece: its frames are joined."""
        yield await self.recv(decode)

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Give each message until it is closed; an end with an error raises."""
        try:
            while True:
                yield await self.recv()
        except package.errors().ConnectionClosedOK:
            return

    # -- Sending ---------------------------------------------------------------------

    async def send(
        self,
        message: Any,
        text: bool | None = None,  # noqa: FBT001 - the package's signature
    ) -> None:
        """
        Send a message; return once no more than the write limit waits to be written.

        Args:
            message: A string, bytes, or an iterable of either, also an asynchronous one;
                its parts go out as one message in one frame.
            text: True sends text, False binary, whatever the type; None by the type.

        Raises:
            ConnectionClosed: If it is closed.
            TypeError: If the message is anything else.

        """
        if isinstance(message, (str, bytes, bytearray, memoryview)):
            data: str | bytes | None = _as_sent(message, text=text)
        elif isinstance(message, Mapping):
            raise TypeError("data is a dict-like object")
        elif isinstance(message, AsyncIterable):
            data = _joined([each async for each in message], text=text)
        elif isinstance(message, Iterable):
            data = _joined(list(message), text=text)
        else:
            raise TypeError("data must be str, bytes, iterable, or async iterable")
        if data is None:
            return
        self._check_open()
        self._socket.send(data)
        await self._socket.drained(self._write_limit_bytes)

    async def ping(self, data: Any = None) -> asyncio.Future[float]:
        """
        Send a ping, and return what can be awaited for its pong: the round trip.

        Args:
            data: Checked but not sent: the payload is a number that identifies the pong.

        Raises:
            ConnectionClosed: If it is closed, now or before the pong.

        """
        if data is not None and not isinstance(
            data, (str, bytes, bytearray, memoryview)
        ):
            raise TypeError("data must be str or bytes-like")
        self._check_open()
        pong = self._socket.send_ping()
        told: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        # Nobody has to await it: its exception counts as retrieved.
        told.add_done_callback(lambda done: done.cancelled() or done.exception())

        def tell(answered: asyncio.Future[float]) -> None:
            if told.done():
                return
            if answered.cancelled():
                told.set_exception(self._closed_error())
            else:
                told.set_result(answered.result())

        pong.add_done_callback(tell)
        return told

    async def pong(self, data: Any = b"") -> None:
        """
        Send a pong that nobody asked for.

        Raises:
            ConnectionClosed: If it is closed.

        """
        self._check_open()
        payload = data.encode() if isinstance(data, str) else bytes(data)
        if len(payload) > 125:
            raise package.errors().ProtocolError("control frame too long")
        self._socket.send_pong(payload)

    # -- The end ---------------------------------------------------------------------

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close, and return once it is closed."""
        self._socket.end_with(code, reason)
        await self._socket.closed()

    async def wait_closed(self) -> None:
        """Return once it is closed."""
        await self._socket.closed()

    async def __aenter__(self) -> Self:
        """Return it."""
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        """Close it, with 1011 after an error."""
        await self.close(NORMAL if kind is None else INTERNAL_ERROR)

    def _check_open(self) -> None:
        if self._socket.ready_state is not ReadyState.OPEN:
            raise self._closed_error()

    def _closed_error(self) -> Exception:
        end, sent_close = self._socket.end, self._socket.sent_close
        rcvd: Any = None
        is_theirs_first = None
        if end is not None and end[2]:
            rcvd = package.close_frame(end[0], end[1])
            is_theirs_first = sent_close is None
        sent = rcvd if sent_close is None else package.close_frame(*sent_close)
        # `sent` is there whenever `rcvd` is.
        is_ok = rcvd is not None and {rcvd.code, sent.code} <= _OK_CODES
        errors = package.errors()
        kind = errors.ConnectionClosedOK if is_ok else errors.ConnectionClosedError
        error: Exception = kind(rcvd, sent, is_theirs_first)
        return error


def _as_sent(data: Any, *, text: bool | None) -> str | bytes:
    if text is None:
        return data if isinstance(data, str) else bytes(data)
    if text:
        return data if isinstance(data, str) else bytes(data).decode()
    return data.encode() if isinstance(data, str) else bytes(data)


def _joined(parts: list[Any], *, text: bool | None) -> str | bytes | None:
    """Return the parts as one message; None if there are none."""
    if not parts:
        return None
    if all(isinstance(each, str) for each in parts):
        return _as_sent("".join(parts), text=text)
    if all(isinstance(each, (bytes, bytearray, memoryview)) for each in parts):
        return _as_sent(b"".join(parts), text=text)
    raise TypeError("data iterable must contain uniform types: all str, or all bytes")
