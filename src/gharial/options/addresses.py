"""Options that name hosts and addresses, read and checked."""

import ipaddress
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from gharial.lazy_pattern import lazy_pattern

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_LOCAL_ADDRESSES = 65_536
AUTO_ADDRESSES = "auto"

_HOST = lazy_pattern(r"(?:\*|(?:\*\.?)?[^\s*/]+)")


def check_host_pattern(pattern: str) -> None:
    """
    Return if a string is a host's name, with a ``*`` at its start or without.

    Raises:
        ValueError: If it is not.

    """
    if not _HOST.fullmatch(pattern):
        raise ValueError(
            f"{pattern!r} is not a valid host name; write for example 'example.com' or "
            "'*.example.com'"
        )


def parse_hosts(value: Any) -> Any:
    """
    Return the map of the option ``hosts``, each name and address checked.

    Raises:
        ValueError: If a name or an address is wrong.

    """
    if not isinstance(value, Mapping):
        return value
    hosts = {str(name): str(address) for name, address in value.items()}
    for name, address in hosts.items():
        check_host_pattern(name)
        if not _is_address(address):
            raise ValueError(
                f"{address!r} for {name!r} is not a valid address; write for example "
                "'127.0.0.1', '127.0.0.1:8443', '::1' or '[::1]:8443'"
            )
    return hosts


def parse_networks(value: Any) -> tuple[Network, ...]:
    """
    Return address ranges; a single address is a range of one.

    Raises:
        ValueError: If one is neither.

    """
    networks = []
    for text in _texts(value):
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise ValueError(
                f"{text!r} is not a valid address range; write for example '10.0.0.0/8' or "
                "'fd00::1'"
            ) from None
    return tuple(networks)


def parse_local_ips(value: Any) -> tuple[str, ...]:
    """
    Return all addresses of a list of addresses, ranges (``a-b``) and networks.

    ``auto`` alone stays: it stands for all addresses of the machine that connects.

    Raises:
        ValueError: If a part is none of these, or there are too many addresses.

    """
    texts = _texts(value)
    if texts == (AUTO_ADDRESSES,):
        return texts
    addresses = itertools.chain.from_iterable(_local(text) for text in texts)
    found = [str(a) for a in itertools.islice(addresses, MAX_LOCAL_ADDRESSES + 1)]
    if len(found) > MAX_LOCAL_ADDRESSES:
        raise ValueError(
            f"more than {MAX_LOCAL_ADDRESSES:,} addresses; give a smaller range"
        )
    return tuple(found)


def _local(text: str) -> Iterable[Address]:
    try:
        if "/" in text:
            return ipaddress.ip_network(text, strict=False).hosts()
        first, _, last = text.partition("-")
        start = ipaddress.ip_address(first.strip())
        stop = ipaddress.ip_address(last.strip()) if last else start
        if start.version == stop.version and start <= stop:  # type: ignore[operator]
            kind = type(start)
            return (kind(number) for number in range(int(start), int(stop) + 1))
    except ValueError:
        pass
    raise ValueError(
        f"{text!r} is not a valid address, range or network; write for example '10.0.0.5', "
        "'10.0.0.5-10.0.0.9' or '10.0.0.0/24'"
    )


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, Iterable):
        return tuple(str(part) for part in value)
    raise ValueError(f"{value!r} is not a list of addresses")


def _is_address(text: str) -> bool:
    host, port = text, ""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and len(port) < 2) or port[:1] not in ("", ":"):
            return False
        port = port[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
        if not port:
            return False
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
