"""The way to a server: directly, through a proxy or over a Unix socket."""

import asyncio
import socket

from gharial.net.dial import connect, connect_unix
from gharial.net.dns import Resolver, join_host_port
from gharial.net.failures import FailureReason, PhaseError
from gharial.net.proxy import Proxy, parse_proxy
from gharial.net.tunnel import TunnelError, open_tunnel
from gharial.net.url import Target
from gharial.timing import Clock, format_duration


class Route:
    """
    One way to a server, and what is known of it so far.

    Attributes:
        ip: The address that was connected to, the proxy's if there is one; empty before.
        began_at_s: When TCP's connect began; None before.
        dns_s: How long the server's name took; None where nobody was asked.
        tcp_s: How long TCP's connect took, and with a proxy its answer; None before.

    """

    __slots__ = (
        "_awaited",
        "_blamed",
        "_clock",
        "_local_address",
        "_resolver",
        "_target",
        "began_at_s",
        "dns_s",
        "ip",
        "tcp_s",
    )

    def __init__(
        self, target: Target, resolver: Resolver, clock: Clock, local_address: str = ""
    ) -> None:
        self._target = target
        self._resolver = resolver
        self._clock = clock
        self._local_address = local_address
        self._blamed = FailureReason.DIAL_TIMEOUT
        self._awaited = ""
        self.ip = ""
        self.began_at_s: float | None = None
        self.dns_s: float | None = None
        self.tcp_s: float | None = None

    async def dial(
        self, proxy_url: str, limit_s: float, *, tunnels: bool = True
    ) -> socket.socket:
        """
        Return a connected, non-blocking socket that the caller owns.

        Args:
            proxy_url: The proxy to go through, empty for none.
            limit_s: The longest that all of it may take.
            tunnels: Whether the proxy is to connect us on to the server; else the socket
                speaks to the proxy itself.

        Raises:
            PhaseError: If it cannot be connected; it blames whom was waited for.

        """
        try:
            async with asyncio.timeout(limit_s):
                if self._target.unix_path:
                    sock = await self._dial_unix(self._target.unix_path)
                elif proxy_url:
                    proxy = parse_proxy(proxy_url)
                    sock = await self._dial_proxy(proxy)
                    if tunnels:
                        await self._tunnel(sock, proxy)
                else:
                    sock = await self._dial_directly()
        except TimeoutError:
            raise PhaseError(
                self._blamed, f"{self._awaited} after {format_duration(limit_s)}"
            ) from None
        assert self.began_at_s is not None
        self.tcp_s = self._clock.now_s() - self.began_at_s
        return sock

    async def _dial_directly(self) -> socket.socket:
        target, asked_at_s = self._target, self._clock.now_s()
        self._await(FailureReason.DNS, f"lookup {target.host}: i/o timeout, no answer")
        address = await self._resolver.resolve(target.host, target.port, self._clock)
        self.began_at_s = self._clock.now_s()
        if address.asked:
            self.dns_s = self.began_at_s - asked_at_s
        self._await(
            FailureReason.DIAL_TIMEOUT,
            f"dial tcp {address}: i/o timeout, not connected",
        )
        sock = await connect(address, self._local_address)
        self.ip = address.ip
        return sock

    async def _dial_unix(self, path: str) -> socket.socket:
        self.began_at_s = self._clock.now_s()
        self._await(
            FailureReason.DIAL_TIMEOUT,
            f"dial unix {path}: i/o timeout, not connected",
        )
        return await connect_unix(path)

    async def _dial_proxy(self, proxy: Proxy) -> socket.socket:
        target = self._target
        self._resolver.check_name(target.host)
        self.began_at_s = self._clock.now_s()
        try:
            self._await(
                FailureReason.PROXY,
                f"proxy {proxy.name}: i/o timeout, its name was not resolved",
            )
            address = await self._resolver.resolve(proxy.host, proxy.port, self._clock)
            self._await(
                FailureReason.PROXY,
                f"proxy {proxy.name}: i/o timeout, not connected",
            )
            sock = await connect(address, self._local_address)
        except PhaseError as error:
            if error.reason is FailureReason.BLOCKED:
                raise
            raise PhaseError(
                FailureReason.PROXY, f"proxy {proxy.name}: {error}"
            ) from error
        self.ip = address.ip
        return sock

    async def _tunnel(self, sock: socket.socket, proxy: Proxy) -> None:
        """Have the proxy connect a socket on to the server; it is closed otherwise."""
        target = self._target
        where = join_host_port(target.host, target.port)
        self._await(
            FailureReason.PROXY,
            f"proxy {proxy.name}: it did not connect to {where}",
        )
        try:
            await open_tunnel(sock, proxy.kind, target.host, target.port, proxy.login)
        except (TunnelError, OSError) as error:
            sock.close()
            cause = getattr(error, "strerror", None) or str(error)
            raise PhaseError(
                FailureReason.PROXY,
                f"proxy {proxy.name}: cannot connect to {where}: {cause}",
            ) from error
        except BaseException:
            sock.close()
            raise

    def _await(self, blamed: FailureReason, awaited: str) -> None:
        """Note whom to blame, and what to say, if it takes too long."""
        self._blamed = blamed
        self._awaited = awaited
