"""A cookie jar that needs no event loop, on the standard library's own."""

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

# The library is loaded with the first cookie, which most runs never see.
if TYPE_CHECKING:
    import http.cookiejar
    from email.message import Message

_HTTP_SCHEMES = {"ws": "http", "wss": "https"}
_FORBIDDEN = frozenset("\r\n\0;")


def quoted_value(value: str) -> str:
    """
    Return a cookie's value as a header carries it: one with spaces or commas in quotes.

    Source:
        Go's ``net/http`` (``sanitizeCookieValue``), as k6 sends what a script sets. What a
        server sets goes back as it came (RFC 6265, section 5.4).

    """
    is_plain = " " not in value and "," not in value
    return value if is_plain or value.startswith('"') else f'"{value}"'


class CookieJar:
    """
    Stores cookies and says which of them go with a URL.

    ``ws:`` URLs count as ``http:``, ``wss:`` ones as ``https:``.
    """

    __slots__ = ("_jar",)

    def __init__(self) -> None:
        # Made when the first cookie arrives: most of thousands of VUs never see one.
        self._jar: http.cookiejar.CookieJar | None = None

    def __iter__(self) -> "Iterator[http.cookiejar.Cookie]":
        return iter(self._jar or ())

    def header_for(self, url: str) -> str:
        """Return the value of the ``Cookie`` header for a URL, empty for none."""
        if self._jar is None:
            return ""
        request = _Request(url)
        self._jar.add_cookie_header(request)  # type: ignore[arg-type]
        return request.cookie

    def cookies_for_url(self, url: str) -> dict[str, list[str]]:
        """Return the values that go with a URL, by cookie name."""
        found: dict[str, list[str]] = {}
        for pair in self.header_for(url).split("; "):
            name, separator, value = pair.partition("=")
            if separator:
                if len(value) > 1 and value[0] == value[-1] == '"':
                    value = value[1:-1]
                found.setdefault(name, []).append(value)
        return found

    def store(self, url: str, set_cookie_headers: Iterable[str]) -> None:
        """Take over the cookies of an answer that came from a URL."""
        headers = tuple(set_cookie_headers)
        if headers:
            self._filled().extract_cookies(
                _Response(headers),  # type: ignore[arg-type]
                _Request(url),  # type: ignore[arg-type]
            )

    def set(  # noqa: PLR0913 - the attributes that a cookie has
        self,
        url: str,
        name: str,
        value: str,
        *,
        domain: str = "",
        path: str = "",
        expires_at_epoch_s: float | None = None,
        max_age_s: float | None = None,
        secure: bool = False,
        http_only: bool = False,
    ) -> None:
        """
        Put one cookie in, as if the URL's server had set it.

        Args:
            url: The URL that it belongs to.
            name: The cookie's name.
            value: The cookie's value.
            domain: Names that it goes to (with subdomains); empty for the URL's only.
            path: The prefix of the paths that it goes to; empty for all.
            expires_at_epoch_s: When it ends; None for never.
            max_age_s: How long it lasts; goes before ``expires_at_epoch_s``.
            secure: Whether it goes to ``https:`` and ``wss:`` URLs only.
            http_only: Only kept; it has no effect here.

        Raises:
            ValueError: If it would break the header.

        """
        if _FORBIDDEN & set(name + value + domain + path) or "=" in name or not name:
            raise ValueError(f"the cookie {name!r} has a character it must not have")
        from http.cookiejar import Cookie

        request = _Request(url)
        if max_age_s is not None:
            expires_at_epoch_s = time.time() + max_age_s
        # The standard library calls a name without a dot "name.local".
        host = request.host if "." in request.host else f"{request.host}.local"
        specified = bool(domain)
        where = f".{domain.lstrip('.').lower()}" if specified else host
        cookie = Cookie(
            version=0,
            name=name,
            value=quoted_value(value),
            port=None,
            port_specified=False,
            domain=where,
            domain_specified=specified,
            domain_initial_dot=specified,
            path=path or "/",
            path_specified=bool(path),
            secure=secure,
            expires=None if expires_at_epoch_s is None else int(expires_at_epoch_s),
            discard=expires_at_epoch_s is None,
            comment=None,
            comment_url=None,
            rest={"HttpOnly": ""} if http_only else {},
        )
        self._filled().set_cookie(cookie)

    def delete(self, url: str, name: str) -> None:
        """Forget the cookies of one name that would go with a URL."""
        host = _Request(url).host
        for cookie in [*self]:
            if cookie.name == name and _belongs(cookie, host) and self._jar is not None:
                self._jar.clear(cookie.domain, cookie.path, cookie.name)

    def clear(self, url: str = "") -> None:
        """Forget all cookies, or those that belong to a URL's host."""
        if not url:
            self._jar = None
            return
        host = _Request(url).host
        for cookie in [*self]:
            if _belongs(cookie, host) and self._jar is not None:
                self._jar.clear(cookie.domain, cookie.path, cookie.name)

    def _filled(self) -> "http.cookiejar.CookieJar":
        if self._jar is None:
            from http.cookiejar import CookieJar as StandardJar
            from http.cookiejar import DefaultCookiePolicy

            # As browsers do: a cookie without a domain is not for subdomains.
            policy = DefaultCookiePolicy(
                strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain
            )
            self._jar = StandardJar(policy)
        return self._jar


def _belongs(cookie: "http.cookiejar.Cookie", host: str) -> bool:
    local = host if "." in host else f"{host}.local"
    domain = cookie.domain.lstrip(".")
    return local == domain or (
        cookie.domain.startswith(".") and local.endswith(f".{domain}")
    )


class _Request:
    """What the standard library's jar asks of a request."""

    __slots__ = ("_url", "cookie", "host", "type")

    unverifiable = False

    def __init__(self, url: str) -> None:
        scheme, separator, rest = url.partition("://")
        self.type = _HTTP_SCHEMES.get(scheme, scheme)
        self._url = f"{self.type}{separator}{rest}"
        host = urlsplit(self._url).hostname or ""
        # The standard library's jar leaves the brackets of IPv6 addresses on.
        self.host = f"[{host}]" if ":" in host else host
        self.cookie = ""

    @property
    def origin_req_host(self) -> str:
        return self.host

    def get_full_url(self) -> str:
        return self._url

    def has_header(self, name: str) -> bool:
        return False

    def get_header(self, name: str, default: str | None = None) -> str | None:
        return default

    def header_items(self) -> list[tuple[str, str]]:
        return []

    def add_unredirected_header(self, name: str, value: str) -> None:
        if name.lower() == "cookie":
            self.cookie = value


class _Response:
    """What the standard library's jar asks of a response."""

    __slots__ = ("_message",)

    def __init__(self, set_cookie_headers: Iterable[str]) -> None:
        from email.message import Message

        self._message = Message()
        for value in set_cookie_headers:
            self._message["Set-Cookie"] = value

    def info(self) -> "Message":
        return self._message
