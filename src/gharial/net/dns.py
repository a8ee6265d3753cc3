"""From a name to one address: hosts map, blocked names and ranges, cache, policy."""

import asyncio
import random
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from gharial.lazy_dataclass import dataclass
from gharial.net.failures import FailureReason, PhaseError
from gharial.net.lookups import Answers, Lookups, Question
from gharial.net.settings import NetworkSettings
from gharial.timing import Clock

# Names of which something is kept.
NAMES_MAXIMUM = 10_000

_FAMILIES = {"onlyIPv4": socket.AF_INET, "onlyIPv6": socket.AF_INET6}


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
    """Return the IP address that a string is, or None if it is a name."""
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

    Concurrent questions about one name share one lookup. A name server that does not
    answer holds up nothing but the names that it is asked about.
    """

    def __init__(
        self, settings: NetworkSettings, lookups: Lookups | None = None
    ) -> None:
        self._settings = settings
        self._system = lookups or Lookups()
        # Exact keys are found by hash; patterns are tried from the longest.
        self._exact = {k.lower(): v for k, v in settings.hosts.items() if k[:1] != "*"}
        self._patterns = sorted(
            ((k, v) for k, v in settings.hosts.items() if k[:1] == "*"),
            key=lambda pair: -len(pair[0]),
        )
        self._cache: dict[str, tuple[float, list[Address]]] = {}
        self._lookups: dict[str, _Lookup] = {}
        self._turns: dict[str, int] = {}

    def check_name(self, host: str) -> None:
        """
        Return if a name may be connected to.

        Raises:
            PhaseError: ``BLOCKED``, if a pattern forbids it.

        """
        blocked = self._settings.block_hostnames
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
        cached = self._cache.get(host)
        if cached is not None and clock.now_s() < cached[0]:
            return cached[1], False
        lookup = self._lookup_of(host, clock)
        lookup.waiters += 1
        try:
            # Shielded: one socket that gives up must not fail the others that wait.
            answers = await asyncio.shield(lookup.question.answer)
        except socket.gaierror as error:
            raise PhaseError(
                FailureReason.DNS, f"lookup {host}: {_explain(error)}"
            ) from error
        except UnicodeError as error:
            raise PhaseError(
                FailureReason.DNS, f"lookup {host}: no such host"
            ) from error
        except OSError as error:
            raise PhaseError(FailureReason.DNS, f"lookup {host}: {error}") from error
        finally:
            self._leave(host, lookup)
        found = _by_policy(_usable(answers), self._settings.dns.policy)
        if not found:
            raise PhaseError(FailureReason.DNS, f"lookup {host}: no such host")
        return found, True

    def _lookup_of(self, host: str, clock: Clock) -> "_Lookup":
        lookup = self._lookups.get(host)
        # What another loop asked is of no use: its answer comes there, if that still runs.
        if lookup is not None and lookup.question.loop is asyncio.get_running_loop():
            return lookup
        family = _FAMILIES.get(self._settings.dns.policy, 0)
        lookup = _Lookup(self._system.ask(host, family))
        self._lookups[host] = lookup
        lookup.question.answer.add_done_callback(
            lambda answer: self._answered(host, lookup, answer, clock)
        )
        return lookup

    def _leave(self, host: str, lookup: "_Lookup") -> None:
        lookup.waiters -= 1
        # What nobody waits for any more is not asked. What was asked already stays: it
        # holds its thread, and later askers of the same name must not take another.
        if not lookup.waiters and not lookup.question.answer.done():
            lookup.question.withdraw()

    def _answered(
        self,
        host: str,
        lookup: "_Lookup",
        answer: "asyncio.Future[Answers]",
        clock: Clock,
    ) -> None:
        if self._lookups.get(host) is lookup:
            del self._lookups[host]
        ttl_s = self._settings.dns.ttl_s
        if ttl_s <= 0 or answer.cancelled() or answer.exception() is not None:
            return
        # Kept even if it came too late for all who asked.
        found = _by_policy(_usable(answer.result()), self._settings.dns.policy)
        if found:
            _make_room(self._cache)
            self._cache[host] = (clock.now_s() + ttl_s, found)

    def _choose(self, host: str, found: list[Address]) -> Address:
        select = self._settings.dns.select
        if select == "random":
            return random.choice(found)
        if select == "roundRobin":
            turn = self._turns.get(host, 0)
            _make_room(self._turns)
            self._turns[host] = turn + 1
            return found[turn % len(found)]
        return found[0]

    def _check_address(self, address: Address) -> None:
        networks = self._settings.blacklist_ips
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


@dataclass(slots=True, eq=False)
class _Lookup:
    """A question to the system, and how many sockets wait for its answer."""

    question: Question
    waiters: int = 0


def _make_room(known: dict[str, Any]) -> None:
    # A script may make up names for ever; the first of them are forgotten.
    if len(known) >= NAMES_MAXIMUM:
        del known[next(iter(known))]


def _usable(answers: Answers) -> list[Address]:
    return [
        Address(int(answer[0]), tuple(answer[4]))
        for answer in answers
        if answer[0] in (socket.AF_INET, socket.AF_INET6)
    ]


def _literal_address(literal: IPv4Address | IPv6Address, port: int) -> Address:
    if literal.version == 4:
        return Address(socket.AF_INET, (str(literal), port))
    scope = getattr(literal, "scope_id", None)
    if scope is None:
        return Address(socket.AF_INET6, (str(literal), port, 0, 0))
    try:
        index = int(scope) if scope.isdecimal() else socket.if_nametoindex(scope)
    except OSError as error:
        raise PhaseError(
            FailureReason.DNS, f"lookup {literal}: there is no interface {scope!r}"
        ) from error
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
