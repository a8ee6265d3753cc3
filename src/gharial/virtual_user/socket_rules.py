"""Applies the option ``sockets``: finds the rule of a socket by its URL, and adds it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gharial.net.settings import SocketTls
from gharial.options.socket_options import SocketOption
from gharial.websocket.extensions import DeflateOffer
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.url import without_password

_SCHEMES = {"http": "ws", "https": "wss"}
_PORTS = {"ws": ":80", "wss": ":443"}
# URLs whose rule is remembered: those with a token in them are all different.
_REMEMBERED_MAXIMUM = 1024


class SocketRules:
    """The rules of a run, in order."""

    def __init__(self, rules: Sequence[SocketOption], matched: set[str]) -> None:
        """
        Take the rules.

        Args:
            rules: The first that matches counts.
            matched: The pattern of each that has matched a socket is added to it.

        """
        self._matched = matched
        self._rules = [(rule, url_pattern(rule.match)) for rule in rules]
        self._found: dict[str, SocketOption | None] = {}

    def apply(
        self, request: OpeningRequest, tags: Mapping[str, str] | None
    ) -> tuple[OpeningRequest, Mapping[str, str] | None]:
        """Return a request and the tags of its socket with what a rule says of both."""
        rule = self._rule_of(request.url)
        if rule is None:
            return request, tags
        self._matched.add(rule.match)
        named = {"name": rule.name} if rule.name else {}
        given = {name.lower() for name, _ in request.headers}
        headers = tuple(
            each for each in rule.headers.items() if each[0].lower() not in given
        )
        changed = replace(
            request,
            headers=(*headers, *request.headers),
            deflate=request.deflate or _deflate_of(rule),
            tls=request.tls or _tls_of(rule),
            lens=request.lens or rule.lens or None,
        )
        return changed, {**rule.tags, **named, **(tags or {})}

    def _rule_of(self, url: str) -> SocketOption | None:
        found = self._found
        if url not in found:
            if len(found) >= _REMEMBERED_MAXIMUM:
                found.clear()
            found[url] = self._look_for(without_password(url))
        return found[url]

    def _look_for(self, url: str) -> SocketOption | None:
        bare = url.partition("?")[0]
        for rule, pattern in self._rules:
            if pattern.fullmatch(url if "?" in rule.match else bare):
                return rule
        return None


def url_pattern(written: str) -> re.Pattern[str]:
    """
    Return what matches the normalised URLs that a pattern stands for.

    ``*`` stands for any characters, none included; all others for themselves. As in
    a URL, capitals in scheme and host count as small letters, ``http:`` as ``ws:``, the
    usual port as none, and no path as ``/``.
    """
    scheme, separator, rest = written.partition("://")
    if separator and "*" not in scheme:
        scheme = _SCHEMES.get(scheme.lower(), scheme.lower())
        if scheme in _PORTS:
            host, slash, path = rest.partition("/")
            host, mark, query = host.partition("?")
            host = host.lower().removesuffix(_PORTS[scheme])
            path = f"{slash}{path}" if slash else ""
            if not slash and not host.endswith("*"):
                path = "/"
            rest = f"{host}{path}{mark}{query}"
        written = f"{scheme}://{rest}"
    parts = (re.escape(part) for part in re.split(r"\*+", written))
    return re.compile(".*".join(parts), re.DOTALL)


def _deflate_of(rule: SocketOption) -> DeflateOffer | None:
    return None if rule.compression is None else DeflateOffer(**vars(rule.compression))


def _tls_of(rule: SocketOption) -> SocketTls | None:
    if (tls := rule.tls) is None:
        return None
    return SocketTls(
        certificate=tls.cert,
        key=tls.key,
        password=tls.password,
        ca=tls.ca,
        server_name=tls.sni,
        verify=tls.verify,
    )
