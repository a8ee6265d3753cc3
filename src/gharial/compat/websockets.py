"""
``connect`` with the API of ``websockets.asyncio.client``, on our WebSocket.

What its sockets do is measured like any other, with the options of the run. The default of
each parameter is the package's, so it offers compression and pings every 20 s.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping
from typing import Any

from gharial.compat import package
from gharial.compat.opening_errors import opening_error
from gharial.compat.sockets import CompatSocket, joined_headers, tls_parameter
from gharial.compat.websockets_connection import ClientConnection
from gharial.python.errors import SocketClosedError
from gharial.websocket.close_codes import INTERNAL_ERROR
from gharial.websocket.errors import WebSocketError

__all__ = ["ClientConnection", "connect", "unix_connect"]

REDIRECTS_MAXIMUM = 10
_UNUSABLE = ("sock", "host", "port", "create_connection", "extensions")
_TRANSIENT_STATUSES = (500, 502, 503, 504)


def backoff() -> Generator[float]:
    """
    Give the delays between attempts, in seconds: first up to 5, then from 3 growing to 90.

    Source:
        websockets 17.4, ``client.py``, ``backoff``.

    """
    yield random.random() * 5.0
    delay_s = 3.1
    while True:
        yield min(delay_s, 90.0)
        delay_s *= 1.618


def process_exception(error: Exception) -> Exception | None:
    """Return None for an error that may pass, such as a server's 503; else the error."""
    if isinstance(error, OSError):
        return None
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return None if status in _TRANSIENT_STATUSES else error


class connect:  # noqa: N801 - the package's name for it
    """
    Connect to a server: to be awaited, or for ``async with`` and ``async for``.

    ``async for`` connects again for each turn of the loop, after a delay if that failed.

    Raises:
        InvalidURI: If the URI is not a socket's.
        OSError: If there is no connection.
        InvalidHandshake: If the server does not answer as it should.
        TimeoutError: If it takes too long.

    """

    def __init__(  # noqa: PLR0913 - the package's parameters
        self,
        uri: str,
        *,
        origin: str | None = None,
        extensions: Iterable[Any] | None = None,
        subprotocols: Iterable[str] | None = None,
        compression: str | None = "deflate",
        additional_headers: Any = None,
        user_agent_header: str | None = None,
        proxy: str | bool | None = True,
        process_exception: Callable[[Exception], Exception | None] = process_exception,
        open_timeout: float | None = 10,
        ping_interval: float | None = 20,
        ping_timeout: float | None = 20,
        close_timeout: float | None = 10,
        reconnect_delays: Callable[[], Generator[float]] = backoff,
        max_size: Any = 2**20,
        max_queue: Any = 16,
        write_limit: Any = 2**15,
        logger: Any = None,
        create_connection: Any = None,
        **others: Any,
    ) -> None:
        if compression not in (None, "deflate"):
            raise ValueError(f"unsupported compression: {compression}")
        unusable = {
            "extensions": extensions,
            "create_connection": create_connection,
            **others,
        }
        for name in _UNUSABLE:
            if unusable.get(name) is not None:
                raise TypeError(
                    f"gharial.compat.websockets.connect() does not have {name!r}: its "
                    "sockets are Gharial's; use the script's options, such as 'hosts'"
                )
        pairs = [*_pairs(additional_headers)]
        if origin is not None:
            pairs.append(("Origin", origin))
        if user_agent_header is not None:
            pairs.append(("User-Agent", user_agent_header))
        self.uri = uri
        self.process_exception = process_exception
        self.reconnect_delays = reconnect_delays
        self.open_timeout = open_timeout
        self.logger = logger
        self._pings = (ping_interval, ping_timeout)
        self._write_limit_bytes = (
            write_limit[0] if isinstance(write_limit, tuple) else write_limit
        )
        self._parameters: dict[str, Any] = {
            "protocols": tuple(subprotocols or ()),
            "headers": joined_headers(pairs),
            "compression": compression,
            "tls": tls_parameter(others.get("ssl"), others.get("server_hostname")),
            "proxy": _proxy(proxy),
            "limits": _limits(max_size, open_timeout, close_timeout),
            "redirects": REDIRECTS_MAXIMUM,
        }
        if others.get("local_addr") is not None:
            self._parameters["local_address"] = others["local_addr"][0]
        self.connection: ClientConnection

    def __await__(self) -> Generator[Any, None, ClientConnection]:
        """Wait until it is open."""
        return self._open().__await__()

    async def __aenter__(self) -> ClientConnection:
        """Wait until it is open."""
        self.connection = await self
        return self.connection

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        """Close it."""
        await self.connection.__aexit__(kind, error, trace)

    async def __aiter__(self) -> AsyncIterator[ClientConnection]:
        """Give one connection after another, without end."""
        delays: Generator[float] | None = None
        while True:
            try:
                connection = await self
            except Exception as error:
                fatal = self.process_exception(error)
                if fatal is error:
                    raise
                if fatal is not None:
                    raise fatal from error
                delays = delays or self.reconnect_delays()
                await asyncio.sleep(next(delays))
                continue
            delays = None
            try:
                yield connection
            finally:
                await connection.close()

    async def _open(self) -> ClientConnection:
        try:
            socket = CompatSocket(self.uri, **self._parameters)
        except WebSocketError as error:
            raise package.errors().InvalidURI(self.uri, error.message) from None
        try:
            await socket.opened_within(self.open_timeout)
        except TimeoutError:
            raise TimeoutError("timed out during opening handshake") from None
        except SocketClosedError:
            if socket.failure is None:
                raise
            raise opening_error(socket.failure) from None
        interval_s, limit_s = self._pings
        if interval_s is not None:
            socket.keep_alive(
                interval_s,
                limit_s,
                lambda: socket.end_with(INTERNAL_ERROR, "keepalive ping timeout"),
            )
        return ClientConnection(
            socket, logger=self.logger, write_limit_bytes=self._write_limit_bytes
        )


def unix_connect(
    path: str | None = None, uri: str | None = None, **others: Any
) -> connect:
    """
    Return a `connect` to a Unix socket.

    Args:
        path: The path of the Unix socket.
        uri: Gives scheme, host and resource; without it the scheme is ``wss`` if ``ssl``
            is given, else ``ws``.
        others: Those of `connect`.

    """
    scheme_by_ssl = "ws" if others.get("ssl") is None else "wss"
    given = uri or f"{scheme_by_ssl}://localhost/"
    scheme, _, rest = given.partition("://")
    host, slash, resource = rest.partition("/")
    headers = [*_pairs(others.pop("additional_headers", None)), ("Host", host)]
    return connect(
        f"{scheme}+unix://{path}:{slash or '/'}{resource}",
        additional_headers=headers,
        **others,
    )


def _pairs(headers: Any) -> Iterable[tuple[str, str]]:
    if headers is None:
        return ()
    if hasattr(headers, "raw_items"):
        return [(str(name), str(value)) for name, value in headers.raw_items()]
    items = headers.items() if isinstance(headers, Mapping) else headers
    return [(str(name), str(value)) for name, value in items]


def _proxy(given: Any) -> str | None:
    if given is True:
        return None
    return str(given) if given else ""


def _limits(
    max_size: Any, open_s: float | None, close_s: float | None
) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    largest = max_size[0] if isinstance(max_size, tuple) else max_size
    if largest is not None:
        limits["maxMessageSize"] = largest
    if close_s:
        limits["closeTimeout"] = close_s * 1e3
    if open_s is not None and open_s > 30:
        for name in ("dialTimeout", "tlsTimeout", "handshakeTimeout"):
            limits[name] = open_s * 1e3
    return limits
