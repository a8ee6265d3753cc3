"""``ClientSession`` with the API of aiohttp, on our WebSocket; its requests are timed."""

import asyncio
import json
import warnings
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any, Self

import aiohttp
from aiohttp import WSMessage, WSMsgType
from aiohttp.client import ClientSession as OriginalSession
from aiohttp.client_ws import ClientWebSocketResponse as OriginalResponse
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gharial.compat.http_timing import measuring_trace
from gharial.compat.opening_errors import opening_error
from gharial.compat.sockets import (
    CompatSocket,
    joined_headers,
    tls_parameter,
    warn,
)
from gharial.net.failures import Failure, FailureReason, HandshakeResponse
from gharial.python.errors import SocketClosedError
from gharial.websocket.close_codes import ABNORMAL, NORMAL, PROTOCOL_ERROR, TOO_BIG
from gharial.websocket.errors import WebSocketError
from gharial.websocket.state import ReadyState

__all__ = ["ClientSession", "ClientWebSocketResponse"]

# aiohttp's own default for each.
CLOSE_LIMIT_S = 10.0
MAXIMUM_BYTES = 4 * 1024 * 1024
REDIRECTS_MAXIMUM = 10
_CLOSED = WSMessage(WSMsgType.CLOSED, None, None)
_CLOSING = WSMessage(WSMsgType.CLOSING, None, None)
# What `CompatSocket.end` says of a connection that was cut off.
_LOST = (ABNORMAL, "", False)
_ENDS = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED)


class _Answer:
    """The answer to an upgrade, as far as libraries read aiohttp's."""

    def __init__(self, response: HandshakeResponse | None) -> None:
        self.status = 101 if response is None else response.status
        pairs = () if response is None else response.headers
        self.headers: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict(pairs))


class ClientWebSocketResponse(OriginalResponse[Any]):
    """An open socket with aiohttp's API."""

    # The socket is ours: nothing of aiohttp's own is set up.
    def __init__(
        self,
        socket: CompatSocket,
        *,
        receive_limit_s: float | None = None,
        close_limit_s: float | None = CLOSE_LIMIT_S,
        autoclose: bool = True,
        decode_text: bool = True,
    ) -> None:
        self._socket = socket
        self._receive_limit_s = receive_limit_s
        self._close_limit_s = close_limit_s
        self._autoclose = autoclose
        self._decodes = decode_text
        self._closed = False
        self._is_receiving = False
        self._error: BaseException | None = None
        self._code: int | None = None
        # aiohttp has no public name for it; gql reads its headers.
        self._response: Any = _Answer(socket.response)

    def give_up(self, after_s: float) -> None:
        """End a connection whose pings were not answered in time."""
        self._error = aiohttp.ServerTimeoutError(
            f"No PONG received after {after_s} seconds"
        )
        self._code = ABNORMAL
        self._socket.abort()

    @property
    def closed(self) -> bool:
        """Whether it is closed, as far as this side knows."""
        return self._closed

    @property
    def close_code(self) -> int | None:
        """The close code; None before."""
        return self._code

    @property
    def protocol(self) -> str | None:
        """The negotiated subprotocol; None for none."""
        return self._socket.protocol or None

    @property
    def compress(self) -> int:
        """The size of the window of permessage-deflate; 0 if it is not used."""
        return 15 if "permessage-deflate" in self._socket.extensions else 0

    @property
    def client_notakeover(self) -> bool:
        """Whether each of our messages is compressed by itself."""
        return "client_no_context_takeover" in self._socket.extensions

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the default: the transport is not aiohttp's."""
        return default

    def exception(self) -> BaseException | None:
        """Return what went wrong; None for nothing."""
        return self._error

    # -- Sending ---------------------------------------------------------------------

    async def ping(self, message: bytes = b"") -> None:
        """Send a ping; its payload is a number, by which its pong is measured."""
        self._check_sendable()
        self._socket.send_ping()

    async def pong(self, message: bytes = b"") -> None:
        """Send a pong that nobody asked for."""
        self._check_sendable()
        self._socket.send_pong(bytes(message))

    async def send_frame(
        self, message: bytes, opcode: WSMsgType, compress: int | None = None
    ) -> None:
        """
        Send a frame of a kind.

        Raises:
            ValueError: For kinds of frames that make no whole message.

        """
        match opcode:
            case WSMsgType.TEXT:
                await self._send(bytes(message).decode())
            case WSMsgType.BINARY:
                await self._send(bytes(message))
            case WSMsgType.PING:
                await self.ping(message)
            case WSMsgType.PONG:
                await self.pong(message)
            case _:
                raise ValueError(f"gharial.compat cannot send a frame of {opcode!r}")

    async def send_str(self, data: str, compress: int | None = None) -> None:
        """Send text."""
        if not isinstance(data, str):
            raise TypeError(f"data argument must be str ({type(data)!r})")
        await self._send(data)

    async def send_bytes(self, data: Any, compress: int | None = None) -> None:
        """Send bytes."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"data argument must be byte-ish ({type(data)!r})")
        await self._send(bytes(data))

    async def send_json(
        self,
        data: Any,
        compress: int | None = None,
        *,
        dumps: Callable[[Any], str] = json.dumps,
    ) -> None:
        """Send JSON as text."""
        await self.send_str(dumps(data))

    async def send_json_bytes(
        self, data: Any, compress: int | None = None, *, dumps: Callable[[Any], bytes]
    ) -> None:
        """Send JSON as bytes."""
        await self.send_bytes(dumps(data))

    async def _send(self, data: str | bytes) -> None:
        self._check_sendable()
        self._socket.send(data)
        await self._socket.drained()

    def _check_sendable(self) -> None:
        if self._socket.ready_state is not ReadyState.OPEN:
            raise aiohttp.ClientConnectionResetError(
                "Cannot write to closing transport"
            )

    # -- Receiving -------------------------------------------------------------------

    async def receive(self, timeout: float | None = None) -> Any:
        """
        Return the next message, or one that says that it is closed.

        Raises:
            TimeoutError: If none comes in time.
            RuntimeError: If another coroutine receives.

        """
        if self._is_receiving:
            raise RuntimeError("Concurrent call to receive() is not allowed")
        if self._closed:
            return _CLOSED
        self._is_receiving = True
        try:
            async with asyncio.timeout(timeout or self._receive_limit_s):
                data = await self._socket.receive()
        except SocketClosedError:
            return self._ended()
        finally:
            self._is_receiving = False
        if isinstance(data, str):
            shown = data if self._decodes else data.encode()
            return WSMessage(WSMsgType.TEXT, shown, "")
        return WSMessage(WSMsgType.BINARY, data, "")

    def _ended(self) -> WSMessage:
        """Return the message that says how it ended."""
        code, reason, is_theirs = self._socket.end or _LOST
        was_closed, self._closed = self._closed, self._closed or self._autoclose
        self._code = self._code or code
        if was_closed:
            return _CLOSING
        if self._error is not None:
            return WSMessage(WSMsgType.ERROR, self._error, None)
        if is_theirs:
            return WSMessage(WSMsgType.CLOSE, code, reason)
        self._closed = True
        failure = self._socket.failure
        if failure is not None and failure.reason in (
            FailureReason.PROTOCOL,
            FailureReason.TOO_BIG,
        ):
            is_too_big = failure.reason is FailureReason.TOO_BIG
            self._code = TOO_BIG if is_too_big else PROTOCOL_ERROR
            self._error = aiohttp.WebSocketError(self._code, failure.message)
            return WSMessage(WSMsgType.ERROR, self._error, None)
        return _CLOSED

    async def receive_str(self, *, timeout: float | None = None) -> Any:
        """
        Return the next message, which is text.

        Raises:
            TypeError: If it is not.

        """
        return await self._of_kind(WSMsgType.TEXT, timeout)

    async def receive_bytes(self, *, timeout: float | None = None) -> bytes:
        """
        Return the next message, which is bytes.

        Raises:
            TypeError: If it is not.

        """
        found: bytes = await self._of_kind(WSMsgType.BINARY, timeout)
        return found

    async def receive_json(
        self,
        *,
        loads: Callable[[Any], Any] = json.loads,
        timeout: float | None = None,
    ) -> Any:
        """Return the value of the next message, which is JSON in text."""
        return loads(await self.receive_str(timeout=timeout))

    async def _of_kind(self, kind: WSMsgType, timeout: float | None) -> Any:
        message = await self.receive(timeout)
        if message.type is not kind:
            raise aiohttp.WSMessageTypeError(
                f"Received message {message.type}:{message.data!r} is not {kind!r}"
            )
        return message.data

    def __aiter__(self) -> Self:
        """Give each message until it is closed."""
        return self

    async def __anext__(self) -> Any:
        """Return the next message."""
        message = await self.receive()
        if message.type in _ENDS:
            raise StopAsyncIteration
        return message

    # -- The end ---------------------------------------------------------------------

    async def close(self, *, code: int = NORMAL, message: bytes = b"") -> bool:
        """Close, and return whether it was open."""
        if self._closed:
            return False
        self._closed = True
        if self._socket.end is None:
            self._socket.end_with(int(code), bytes(message).decode())
            try:
                async with asyncio.timeout(self._close_limit_s):
                    await self._socket.closed()
            except TimeoutError as error:
                self._socket.abort()
                self._error, self._code = error, ABNORMAL
                return True
        self._code = (self._socket.end or _LOST)[0]
        return True


with warnings.catch_warnings():
    # aiohttp discourages subclasses because its internals change; few are used here.
    warnings.simplefilter("ignore", DeprecationWarning)

    class ClientSession(OriginalSession):
        """aiohttp's session: its sockets are Gharial's, and its requests are measured."""

        def __init__(self, *arguments: Any, **parameters: Any) -> None:
            traces = [*(parameters.pop("trace_configs", None) or ()), measuring_trace()]
            super().__init__(*arguments, trace_configs=traces, **parameters)

        async def _ws_connect(self, url: Any, **given: Any) -> ClientWebSocketResponse:
            address = self._build_url(url)
            if given.get("params"):
                address = address.update_query(given["params"])
            timeout = given.get("timeout")
            close_limit_s = getattr(timeout, "ws_close", CLOSE_LIMIT_S)
            if isinstance(timeout, (int, float)):
                close_limit_s = float(timeout)
            receive_limit_s = given.get("receive_timeout") or getattr(
                timeout, "ws_receive", None
            )
            try:
                socket = CompatSocket(str(address), **_parameters(self, address, given))
            except WebSocketError as error:
                raise aiohttp.InvalidURL(url, error.message) from None
            await self._until_open(socket, address)
            response = ClientWebSocketResponse(
                socket,
                receive_limit_s=receive_limit_s,
                close_limit_s=close_limit_s,
                autoclose=given.get("autoclose", True),
                decode_text=given.get("decode_text", True),
            )
            if (heartbeat_s := given.get("heartbeat")) is not None:
                limit_s = heartbeat_s / 2.0
                socket.keep_alive(
                    heartbeat_s, limit_s, lambda: response.give_up(limit_s)
                )
            return response

        async def _until_open(self, socket: CompatSocket, url: URL) -> None:
            """Wait until it is open, and keep the cookies that the answer sets."""
            try:
                await socket.opened_within(self.timeout.total)
            except TimeoutError:
                raise aiohttp.ConnectionTimeoutError(
                    f"Connection timeout to host {url}"
                ) from None
            except SocketClosedError:
                if socket.failure is None:
                    raise
                raise _session_error(socket.failure, url) from None
            finally:
                if socket.response is not None:
                    for name, value in socket.response.headers:
                        if name.lower() == "set-cookie":
                            self.cookie_jar.update_cookies(SimpleCookie(value), url)


def _parameters(
    session: OriginalSession, url: URL, given: dict[str, Any]
) -> dict[str, Any]:
    """Return our parameters for those of ``ws_connect``."""
    headers = CIMultiDict(session.headers)
    for name, value in CIMultiDict(given.get("headers") or {}).items():
        headers[name] = value
    auth = given.get("auth") or session.auth
    if auth is not None and "Authorization" not in headers:
        headers["Authorization"] = auth.encode()
    if given.get("origin") is not None:
        headers["Origin"] = given["origin"]
    cookies = session.cookie_jar.filter_cookies(url)
    if cookies:
        pairs = [f"{name}={each.coded_value}" for name, each in cookies.items()]
        headers["Cookie"] = "; ".join([*headers.getall("Cookie", []), *pairs])
    if given.get("proxy_auth") or given.get("proxy_headers"):
        warn(
            "gharial.compat: proxy_auth and proxy_headers of ws_connect() are not used; "
            "write user and password into the proxy's URL"
        )
    context = given.get("ssl_context") or given.get("ssl", True)
    if given.get("verify_ssl") is False:
        context = False
    # As aiohttp does: it looks into the environment only where it is told to.
    usual_proxy = None if session.trust_env else ""
    largest = given.get("max_msg_size", MAXIMUM_BYTES)
    limits: dict[str, Any] = {"maxMessageSize": largest} if largest else {}
    return {
        "protocols": given.get("protocols") or (),
        "headers": joined_headers(headers.items()),
        "compression": "deflate" if given.get("compress") else None,
        "tls": tls_parameter(context, given.get("server_hostname")),
        "proxy": str(given["proxy"]) if given.get("proxy") else usual_proxy,
        "limits": limits,
        "redirects": REDIRECTS_MAXIMUM,
    }


def _session_error(failure: Failure, url: URL) -> Exception:
    """Return the error that aiohttp would raise, with our words."""
    answer = failure.response
    if answer is not None:
        headers = _Answer(answer).headers
        return aiohttp.WSServerHandshakeError(
            aiohttp.RequestInfo(url, "GET", headers, url),
            (),
            status=answer.status,
            message=failure.message,
            headers=headers,
        )
    error = opening_error(failure)
    if isinstance(error, TimeoutError):
        return aiohttp.ConnectionTimeoutError(failure.message)
    if isinstance(error, OSError):
        return aiohttp.ClientOSError(error.errno, failure.message)
    return aiohttp.ClientConnectionError(failure.message)
