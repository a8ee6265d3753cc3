"""Proxies, as the environment names them."""

from collections.abc import Mapping
from ipaddress import ip_network
from urllib.parse import unquote_to_bytes, urlsplit

from gharial.lazy_dataclass import dataclass
from gharial.net.dns import join_host_port, parse_ip
from gharial.net.failures import FailureReason, PhaseError
from gharial.net.tunnel import ProxyKind, ProxyLogin
from gharial.net.url import Target

# All are given the name, so that the proxy resolves it.
_KINDS = {
    "http": (ProxyKind.HTTP, 80),
    "socks5": (ProxyKind.SOCKS5, 1080),
    "socks5h": (ProxyKind.SOCKS5, 1080),
    "socks4": (ProxyKind.SOCKS4, 1080),
    "socks4a": (ProxyKind.SOCKS4, 1080),
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


@dataclass(frozen=True, slots=True)
class Proxy:
    """
    One proxy.

    Attributes:
        kind: What it speaks.
        host: Its name or address.
        port: Its port.
        login: Who we are to it; None for nobody.
        name: Its URL, without user and password.

    """

    kind: ProxyKind
    host: str
    port: int
    login: ProxyLogin | None
    name: str


def parse_proxy(url: str) -> Proxy:
    """
    Return the proxy that a URL names; user and password in it are percent-encoded.

    Raises:
        PhaseError: ``PROXY``, if it names none.

    """
    try:
        parts = urlsplit(url)
        kind, default_port = _KINDS[parts.scheme]
        host, port = parts.hostname or "", parts.port or default_port
        if not host:
            raise ValueError
        user, password = (_bytes(part) for part in (parts.username, parts.password))
    except (KeyError, ValueError) as error:
        # Without the user and password that the URL may hold.
        raise PhaseError(
            FailureReason.PROXY,
            f"proxy {url.rpartition('@')[2]}: cannot be used; write for example "
            "http://host:3128 or socks5://host:1080, and in a user or password "
            "%40 for @, %3A for :, %2F for /, %23 for #, %3F for ?",
        ) from error
    login = ProxyLogin(user, password) if user or password else None
    name = f"{parts.scheme}://{join_host_port(host, port)}"
    return Proxy(kind, host, port, login, name)


def _bytes(part: str | None) -> bytes:
    # Bytes of the environment that are not UTF-8 come as surrogates; they go as they are.
    return unquote_to_bytes((part or "").encode("utf-8", "surrogateescape"))


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
