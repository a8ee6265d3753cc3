"""HTTP connections, dialled, limited and timed like those of sockets."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable
from contextvars import ContextVar
from functools import partial
from typing import Any

import aiohttp
import yarl
from aiohttp.client_proto import ResponseHandler

from gharial.net.network import Network
from gharial.net.proxy import Proxy, parse_proxy
from gharial.net.route import Route
from gharial.net.secure import tls_handshake
from gharial.net.tunnel import ProxyKind
from gharial.net.url import Target
from gharial.timing import Clock

# As Go's http.Transport in k6.
_IDLE_CONNECTION_S = 90.0


class Attempt:
    """
    The state of one exchange so far, filled in step by step.

    Attributes:
        local_address: The address to connect from, empty for any.
        asks_proxy: Whether a proxy is asked for the URL.
        dial_began_at_s: When TCP's connect began; None on an open connection.
        connecting_s: How long TCP's connect took.
        tls_s: How long TLS's handshake took.
        connected_at_s: When there was a connection to write to.
        sent_at_s: When the last byte was handed to the transport.
        request_headers: The headers that were sent.
        sent_bytes: Bytes that were sent.
        received_bytes: Bytes that were received of an answer that did not come whole.
        peer: Address and port of the server.
        tls: Version and cipher suite.

    """

    __slots__ = (
        "asks_proxy",
        "connected_at_s",
        "connecting_s",
        "dial_began_at_s",
        "local_address",
        "peer",
        "received_bytes",
        "request_headers",
        "sent_at_s",
        "sent_bytes",
        "tls",
        "tls_s",
    )

    def __init__(self, local_address: str) -> None:
        self.local_address = local_address
        self.asks_proxy = False
        self.dial_began_at_s: float | None = None
        self.connecting_s = 0.0
        self.tls_s = 0.0
        self.connected_at_s: float | None = None
        self.sent_at_s: float | None = None
        self.request_headers: tuple[tuple[str, str], ...] = ()
        self.sent_bytes = 0
        self.received_bytes = 0
        self.peer: tuple[str, int] = ("", 0)
        self.tls: tuple[str, str] = ("", "")

    def connection(self) -> dict[str, Any]:
        """Return what an exchange says of its connection and its request."""
        return {
            "request_headers": self.request_headers,
            "remote_ip": self.peer[0],
            "remote_port": self.peer[1],
            "tls_version": self.tls[0],
            "tls_cipher": self.tls[1],
            "sent_bytes": self.sent_bytes,
        }


# aiohttp calls the connector in the task that makes the request.
CURRENT_ATTEMPT: ContextVar[Attempt] = ContextVar("CURRENT_ATTEMPT")


def asked_proxy(network: Network, url: yarl.URL) -> Proxy | None:
    """
    Return the proxy that is asked for a URL itself, instead of for a tunnel.

    Source:
        RFC 9112 section 3.2.2: what needs no TLS is asked of a proxy that speaks HTTP.
        Many of them let nobody through to ports without TLS.

    Raises:
        PhaseError: If the proxy's URL cannot be used.

    """
    target = _target_of(url)
    proxy_url = "" if target.secure else network.proxies.for_target(target)
    proxy = parse_proxy(proxy_url) if proxy_url else None
    return proxy if proxy is not None and proxy.kind is ProxyKind.HTTP else None


def _target_of(url: yarl.URL) -> Target:
    return Target(
        secure=url.scheme == "https",
        host=url.raw_host or "",
        port=url.port or 80,
        authority="",
        resource="",
        username="",
        password="",
    )


class Connector(aiohttp.BaseConnector):
    """The open connections of one virtual user, without a limit to their number."""

    def __init__(
        self, network: Network, clock: Clock, *, is_reused: bool = True
    ) -> None:
        """Take what connects; without ``is_reused`` a connection has one request."""
        if is_reused:
            super().__init__(limit=0, keepalive_timeout=_IDLE_CONNECTION_S)
        else:
            super().__init__(limit=0, force_close=True)
        self._network = network
        self._clock = clock

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Any], timeout: Any
    ) -> Any:
        """Return a connection, a new one if none is idle."""
        connection = await super().connect(req, traces, timeout)
        attempt = CURRENT_ATTEMPT.get()
        attempt.connected_at_s = self._clock.now_s()
        transport = connection.transport
        if transport is not None:
            peer = transport.get_extra_info("peername") or ("", 0)
            attempt.peer = (str(peer[0]), int(peer[1]))
            secured = transport.get_extra_info("ssl_object")
            if secured is not None:
                cipher = secured.cipher()
                attempt.tls = (
                    (secured.version() or "").lower().replace("tlsv1", "tls1"),
                    cipher[0] if cipher else "",
                )
        return connection

    def close(self, *, abort_ssl: bool = True) -> Awaitable[None]:
        """Close all connections without waiting for any server's goodbye."""
        return super().close(abort_ssl=abort_ssl)

    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: list[Any], timeout: Any
    ) -> ResponseHandler:
        attempt = CURRENT_ATTEMPT.get()
        target = _target_of(req.url)
        context = (
            self._network.tls.for_host(target.host.rstrip("."))
            if target.secure
            else None
        )
        sock = await self._dial(target, attempt, tunnels=req.proxy is None)
        loop = asyncio.get_running_loop()
        try:
            if context is None:
                _, protocol = await loop.create_connection(self._factory, sock=sock)
            else:
                protocol = await self._secure(sock, context, target, attempt)
        except BaseException:
            sock.close()
            raise
        return protocol

    async def _dial(
        self, target: Target, attempt: Attempt, *, tunnels: bool
    ) -> socket.socket:
        network = self._network
        route = Route(target, network.resolver, self._clock, attempt.local_address)
        try:
            return await route.dial(
                network.proxies.for_target(target),
                network.settings.limits.dial_timeout_s,
                tunnels=tunnels,
            )
        finally:
            attempt.dial_began_at_s = route.began_at_s
            attempt.connecting_s = route.tcp_s or 0.0

    async def _secure(
        self, sock: Any, context: ssl.SSLContext, target: Target, attempt: Attempt
    ) -> ResponseHandler:
        host = target.host.rstrip(".")
        limit_s = self._network.settings.limits.tls_timeout_s
        began_at_s = self._clock.now_s()
        hint = partial(self._network.hint, target, "http://")
        async with tls_handshake(host, limit_s, hint) as later_s:
            _, protocol = await asyncio.get_running_loop().create_connection(
                self._factory,
                sock=sock,
                ssl=context,
                server_hostname=host,
                ssl_handshake_timeout=later_s,
            )
        self._network.answered(target)
        attempt.tls_s = self._clock.now_s() - began_at_s
        return protocol
