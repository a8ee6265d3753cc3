"""The requests that one request and its redirects become."""

import base64
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from gharial.http.exchange import HttpRequest, Pairs, RequestCookie
from gharial.lazy_dataclass import dataclass
from gharial.net.cookies import CookieJar, quoted_value
from gharial.net.redirects import BOUND_HEADERS
from gharial.net.url import standard_url, written_url

# Ours are right; others would break the framing.
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_KEPT_METHOD = frozenset({307, 308})


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A URL of HTTP, taken apart; ``url`` has no user, password or fragment."""

    url: str
    origin: str
    username: str
    password: str


@lru_cache(maxsize=1024)
def _parsed(url: str) -> _Parsed:
    """Return the parts of a URL; raises ValueError if it cannot be used."""
    try:
        parsed = standard_url(url)
    except ValueError:
        raise ValueError("it is not an absolute URL") from None
    scheme = parsed.protocol
    if scheme not in ("http:", "https:"):
        raise ValueError(f"its scheme must be http or https, not {scheme[:-1]!r}")
    return _Parsed(
        f"{scheme}//{parsed.host}{parsed.pathname}{parsed.search}",
        f"{scheme}//{parsed.host}",
        unquote(parsed.username),
        unquote(parsed.password),
    )


class Hop:
    """One request of a chain of redirects."""

    def __init__(self, request: HttpRequest) -> None:
        """Raises ValueError if the URL cannot be used."""
        parsed = _parsed(request.url)
        self.request = request
        self.method = request.method
        self.body = request.body
        self.origin = parsed.origin
        self.username, self.password = parsed.username, parsed.password
        self.url = parsed.url
        self.written_url = written_url(request.url)
        self._headers: Pairs = request.headers

    def headers(self, user_agent: str, cookies: CookieJar) -> list[tuple[str, str]]:
        """Return the headers to send."""
        given = [(n, v) for n, v in self._headers if n.lower() not in _FRAMING]
        names = {name.lower() for name, _ in given}
        sent = [(n, v) for n, v in given if n.lower() != "cookie"]
        if "user-agent" not in names and user_agent:
            sent.append(("User-Agent", user_agent))
        asks_basic = self.username and not self.request.uses_digest
        if asks_basic and "authorization" not in names:
            pair = f"{self.username}:{self.password}".encode()
            sent.append(("Authorization", f"Basic {base64.b64encode(pair).decode()}"))
        own = [value for name, value in given if name.lower() == "cookie"]
        cookie = _cookie_header(own, self.request.cookies, cookies, self.url)
        if cookie:
            sent.append(("Cookie", cookie))
        return sent

    def redirected(self, status: int, location: str) -> "Hop":
        """
        Return what a redirect asks for.

        Raises:
            ValueError: If it leads to what is not a URL of HTTP.

        Source:
            Fetch, "HTTP-redirect fetch", for what does not go to another origin; Go's
            ``net/http``, which k6 uses, for the methods.

        """
        try:
            url = standard_url(location, self.url).href
        except ValueError:
            raise ValueError("it is not a URL") from None
        hop = Hop(replace(self.request, url=url))
        hop.method, hop.body = self.method, self.body
        hop._headers = self._headers
        if status not in _KEPT_METHOD and self.method not in ("GET", "HEAD"):
            hop.method, hop.body = "GET", None
            hop._headers = tuple(
                (n, v) for n, v in hop._headers if not n.lower().startswith("content-")
            )
        if hop.origin == self.origin:
            if not hop.username:
                hop.username, hop.password = self.username, self.password
        else:
            # Credentials and cookies stay with the origin that they were meant for.
            hop.request = replace(hop.request, cookies=())
            hop._headers = tuple(
                (n, v) for n, v in hop._headers if n.lower() not in BOUND_HEADERS
            )
        return hop


def _cookie_header(
    own: list[str], extra: tuple[RequestCookie, ...], jar: CookieJar, url: str
) -> str:
    """
    Return the value of the Cookie header, empty for none.

    Source:
        k6 v2.2, ``lib/netext/httpext/request.go`` (``SetRequestCookies``).

    """
    replaced = {cookie.name for cookie in extra if cookie.replaces}
    kept = [
        pair
        for pair in jar.header_for(url).split("; ")
        if pair and pair.partition("=")[0] not in replaced
    ]
    given = [f"{one.name}={quoted_value(one.value.replace(';', ''))}" for one in extra]
    return "; ".join([*own, *given, *kept])
