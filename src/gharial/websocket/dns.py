"""From a name to one address: hosts map, blocked names and ranges, cache, policy."""

import asyncio
import random
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from gharial.timing import Clock
from gharial.websocket.errors import PhaseError
from gharial.websocket.model import NetworkSettings
from gharial.websocket.observer import FailureReason


@dataclass(frozen=True, slots=True)
class Address:
    """
    Where to connect to.

    Attributes:
        family: ``socket.AF_INET`` or ``socket.AF_INET6``.
        sockaddr: What ``socket.connect`` takes.
        asked: Whether a name server (or the system) had to be asked.

    """

    family: int
    sockaddr: tuple[Any, ...]
    asked: bool = False

    @property
    def ip(self) -> str:
        """The address as text."""
        return str(self.sockaddr[0])

    def __str__(self) -> str:
        return join_host_port(self.ip, self.sockaddr[1])


def join_host_port(host: str, port: int) -> str:
    """Return ``host:port``, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_ip(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a text is, or None if it is a name."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def matches(pattern: str, host: str) -> bool:
    """Tell whether a name (or ``name:port``) fits a pattern that may begin with ``*``."""
    pattern, host = pattern.lower(), host.lower()
    if pattern.startswith("*"):
        rest = pattern[1:]
        return host.endswith(rest) and len(host) > len(rest)
    return pattern == host


class Resolver:
    """
    Resolves names for all sockets of a process.

    Concurrent questions about one name share one lookup.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        self._settings = settings
        # Exact keys are found by hash; patterns are tried from the longest.
        self._exact = {k.lower(): v for k, v in settings.hosts if k[:1] != "*"}
        self._patterns = sorted(
            ((k, v) for k, v in settings.hosts if k[:1] == "*"),
            key=lambda pair: -len(pair[0]),
        )
        self._cache: dict[str, tuple[float, list[Address]]] = {}
        self._lookups: dict[str, asyncio.Task[list[Address]]] = {}
        self._turns: dict[str, int] = {}

    def check_name(self, host: str) -> None:
        """
        Return if a name may be connected to.

        Raises:
            PhaseError: ``BLOCKED``, if a pattern forbids it.

        """
        blocked = self._settings.blocked_hosts
        if not blocked or parse_ip(host) is not None:
            return
        for pattern in blocked:
            if matches(pattern, host):
                raise PhaseError(
                    FailureReason.BLOCKED,
                    f"hostname ({host}) is in a blocked pattern ({pattern})",
                )

    async def resolve(self, host: str, port: int, clock: Clock) -> Address:
        """
        Return the one address to connect to.

        Raises:
            PhaseError: ``BLOCKED`` or ``DNS``.

        Source:
            k6 v2.2, ``lib/netext/dialer.go``.

        """
        self.check_name(host)
        mapped_host, mapped_port = self._mapped(host, port)
        literal = parse_ip(mapped_host)
        if literal is not None:
            address = _literal_address(literal, mapped_port)
        else:
            found, asked = await self._addresses(mapped_host, clock)
            chosen = self._choose(mapped_host, found)
            sockaddr = (chosen.sockaddr[0], mapped_port, *chosen.sockaddr[2:])
            address = Address(chosen.family, sockaddr, asked)
        self._check_address(address)
        return address

    def _mapped(self, host: str, port: int) -> tuple[str, int]:
        if not self._settings.hosts:
            return host, port
        value = self._lookup_hosts(join_host_port(host, port))
        if value is None:
            value = self._lookup_hosts(host)
        if value is None:
            return host, port
        if parse_ip(value) is not None:
            return value, port
        name, separator, digits = value.rpartition(":")
        if separator and digits.isdecimal():
            return name.strip("[]"), int(digits)
        return value.strip("[]"), port

    def _lookup_hosts(self, key: str) -> str | None:
        found = self._exact.get(key.lower())
        if found is not None:
            return found
        for pattern, value in self._patterns:
            if matches(pattern, key):
                return value
        return None

    async def _addresses(self, host: str, clock: Clock) -> tuple[list[Address], bool]:
        ttl_s = self._settings.dns.ttl_s
        cached = self._cache.get(host)
        if cached is not None and clock.now_s() < cached[0]:
            return cached[1], False
        lookup = self._lookups.get(host)
        if lookup is None:
            lookup = asyncio.get_running_loop().create_task(self._ask(host))
            self._lookups[host] = lookup
            lookup.add_done_callback(lambda task: self._forget(host, task))
        # Shielded: one socket that gives up must not fail the others that wait.
        found = await asyncio.shield(lookup)
        if ttl_s > 0:
            self._cache[host] = (clock.now_s() + ttl_s, found)
        return found, True

    def _forget(self, host: str, task: asyncio.Task[list[Address]]) -> None:
        if self._lookups.get(host) is task:
            del self._lookups[host]
        if not task.cancelled():
            # Everyone who waited may be gone: an error read here is never reported
            # by asyncio as forgotten.
            task.exception()

    async def _ask(self, host: str) -> list[Address]:
        policy = self._settings.dns.policy
        family = {"onlyIPv4": socket.AF_INET, "onlyIPv6": socket.AF_INET6}.get(
            policy, 0
        )
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(
                host, 0, family=family, type=socket.SOCK_STREAM
            )
        except socket.gaierror as error:
            raise PhaseError(
                FailureReason.DNS, f"lookup {host}: {_explain(error)}"
            ) from error
        except UnicodeError as error:
            raise PhaseError(
                FailureReason.DNS, f"lookup {host}: no such host"
            ) from error
        found = [
            Address(int(answer[0]), tuple(answer[4]))
            for answer in answers
            if answer[0] in (socket.AF_INET, socket.AF_INET6)
        ]
        found = _by_policy(found, policy)
        if not found:
            raise PhaseError(FailureReason.DNS, f"lookup {host}: no such host")
        return found

    def _choose(self, host: str, found: list[Address]) -> Address:
        select = self._settings.dns.select
        if select == "random":
            return random.choice(found)
        if select == "roundRobin":
            turn = self._turns.get(host, 0)
            self._turns[host] = turn + 1
            return found[turn % len(found)]
        return found[0]

    def _check_address(self, address: Address) -> None:
        networks = self._settings.blocked_networks
        if not networks:
            return
        literal = ip_address(address.ip.partition("%")[0])
        mapped = getattr(literal, "ipv4_mapped", None)
        for network in networks:
            if literal in network or (mapped is not None and mapped in network):
                raise PhaseError(
                    FailureReason.BLOCKED,
                    f"IP ({mapped or address.ip}) is in a blacklisted range "
                    f"({network})",
                )


def _literal_address(literal: IPv4Address | IPv6Address, port: int) -> Address:
    if literal.version == 4:
        return Address(socket.AF_INET, (str(literal), port))
    scope = getattr(literal, "scope_id", None)
    if scope is None:
        return Address(socket.AF_INET6, (str(literal), port, 0, 0))
    index = int(scope) if scope.isdecimal() else socket.if_nametoindex(scope)
    return Address(socket.AF_INET6, (str(literal).partition("%")[0], port, 0, index))


def _by_policy(found: list[Address], policy: str) -> list[Address]:
    # The list without its duplicates, in the system's order.
    found = list(dict.fromkeys(found))
    wanted = socket.AF_INET6 if policy.endswith("IPv6") else socket.AF_INET
    if policy == "any":
        return found
    chosen = [address for address in found if address.family == wanted]
    return chosen if policy.startswith("only") else chosen or found


def _explain(error: socket.gaierror) -> str:
    nothing = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
    if error.errno in nothing:
        return "no such host"
    return (error.strerror or str(error)).lower()
