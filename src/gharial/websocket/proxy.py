"""Proxies, as the environment names them."""

import asyncio
import socket
from collections.abc import Mapping
from ipaddress import ip_network
from urllib.parse import unquote, urlsplit

from python_socks import ProxyError, ProxyType
from python_socks.async_.asyncio import Proxy

from gharial.websocket.dial import set_options
from gharial.websocket.dns import parse_ip
from gharial.websocket.errors import PhaseError
from gharial.websocket.observer import FailureReason
from gharial.websocket.url import Target

_KINDS = {
    "http": (ProxyType.HTTP, 80),
    "socks5": (ProxyType.SOCKS5, 1080),
    "socks5h": (ProxyType.SOCKS5, 1080),
    "socks4": (ProxyType.SOCKS4, 1080),
}


class Proxies:
    """
    Which proxy a socket goes through.

    ``ws`` uses ``HTTP_PROXY`` and ``wss`` uses ``HTTPS_PROXY`` (or their lower-case
    forms); names in ``NO_PROXY``, ``localhost`` and loopback addresses use none.

    Source:
        Go's ``golang.org/x/net/http/httpproxy``, which k6 uses.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._plain = _variable(environment, "HTTP_PROXY")
        self._secure = _variable(environment, "HTTPS_PROXY")
        rules = _variable(environment, "NO_PROXY").split(",")
        self._rules = [rule.strip().lower() for rule in rules if rule.strip()]

    def for_target(self, target: Target) -> str:
        """Return the URL of the proxy to use, empty for none."""
        proxy = self._secure if target.secure else self._plain
        if not proxy or self._is_exempt(target):
            return ""
        return proxy if "://" in proxy else f"http://{proxy}"

    def _is_exempt(self, target: Target) -> bool:
        host = target.host.lower().rstrip(".")
        address = parse_ip(host)
        if host == "localhost" or (address is not None and address.is_loopback):
            return True
        return any(_rule_fits(rule, host, target.port) for rule in self._rules)


async def connect_through(
    proxy_url: str, target: Target, local_address: str = ""
) -> socket.socket:
    """
    Return a socket on which the proxy has connected us to the target.

    Raises:
        PhaseError: ``PROXY``, if the proxy cannot be used, reached, or refuses.

    """
    name, proxy = _parse_proxy(proxy_url)
    local = (local_address, 0) if local_address else None
    try:
        sock = await proxy.connect(
            # The caller's own limit ends this; the library insists on one.
            target.host,
            target.port,
            timeout=3600,
            local_addr=local,
        )
    except (ProxyError, OSError, ValueError) as error:
        raise PhaseError(FailureReason.PROXY, f"proxy {name}: {error}") from error
    set_options(sock)
    return sock


def _parse_proxy(url: str) -> tuple[str, Proxy]:
    try:
        parts = urlsplit(url)
        kind, default_port = _KINDS[parts.scheme]
        host, port = parts.hostname or "", parts.port or default_port
    except (KeyError, ValueError) as error:
        # Without the user and password that the URL may hold.
        raise PhaseError(
            FailureReason.PROXY,
            f"proxy {url.rpartition('@')[2]}: cannot be used; write for example "
            "http://host:3128 or socks5://host:1080",
        ) from error
    # SOCKS 5 and HTTP are given the name, so that the proxy resolves it.
    proxy = Proxy(
        kind,
        host,
        port,
        username=unquote(parts.username or "") or None,
        password=unquote(parts.password or "") or None,
        rdns=True,
        loop=asyncio.get_running_loop(),
    )
    return f"{parts.scheme}://{host}:{port}", proxy


def _variable(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name) or environment.get(name.lower()) or ""


def _rule_fits(rule: str, host: str, port: int) -> bool:
    if rule == "*":
        return True
    address = parse_ip(host)
    if "/" in rule:
        try:
            return address is not None and address in ip_network(rule, strict=False)
        except ValueError:
            return False
    name, separator, digits = rule.rpartition(":")
    if separator and digits.isdecimal() and parse_ip(rule) is None:
        if int(digits) != port:
            return False
        rule = name.strip("[]")
    if address is not None:
        return parse_ip(rule) == address
    rule = rule.removeprefix("*")
    # ".example.com" means its subdomains, "example.com" also itself.
    return host.endswith(rule if rule.startswith(".") else f".{rule}") or host == rule
