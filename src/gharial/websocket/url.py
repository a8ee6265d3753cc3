"""URLs and subprotocol names, as the WebSockets standard's constructor reads them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote, unquote

from ada_url import URL, SchemeType

from gharial.websocket.errors import WebSocketError

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# As in the package "ws" of npm: the socket's path, a colon, path and query.
_UNIX = re.compile(
    r"(?P<scheme>wss?)\+unix:(?://)?(?P<path>[^:?#]*)(?::(?P<resource>/[^#]*)?)?"
)
_WRITTEN = re.compile(
    r"(?P<scheme>wss?|https?)://(?P<user>[^/?#]*@)?(?P<host>[^/?#\\\s]*)"
    r"(?P<path>[^?#\\\x00-\x1f]*)(?P<rest>[^\x00-\x1f]*)",
    re.IGNORECASE,
)
_UNWRITTEN = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@\[\]/%]")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SOCKET_SCHEMES = {"http:": "ws", "https:": "wss", "ws:": "ws", "wss:": "wss"}


@dataclass(frozen=True, slots=True)
class Target:
    """
    A socket URL, taken apart for dialling.

    Attributes:
        secure: Whether TLS is used.
        host: The name or address to connect to, IPv6 without brackets.
        port: The port, the scheme's own if the URL has none.
        authority: What the ``Host`` header says.
        resource: Path and query, as the request line says it.
        username: The URL's user, decoded.
        password: The URL's password, decoded.
        unix_path: The Unix socket to connect to; empty for TCP.

    """

    secure: bool
    host: str
    port: int
    authority: str
    resource: str
    username: str
    password: str
    unix_path: str = ""


def is_token(text: str) -> bool:
    """Tell whether a text is a token of HTTP (RFC 9110 section 5.6.2)."""
    return _TOKEN.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def socket_url(url: str) -> str:
    """
    Return a URL normalised, absolute, and with a scheme of ``ws`` or ``wss``.

    Raises:
        WebSocketError: ``SyntaxError``, if it cannot be parsed, is relative, has a
            fragment or another scheme.

    Source:
        WebSockets standard, constructor steps; URL standard.

    """
    unix = _UNIX.fullmatch(url)
    if unix is not None:
        if not unix["path"].startswith("/"):
            raise WebSocketError(
                "SyntaxError",
                f"the URL {url!r} must name a Unix socket by its absolute path, as in "
                "'ws+unix:///run/app.sock:/chat'",
            )
        inner = socket_url(f"{unix['scheme']}://localhost{unix['resource'] or '/'}")
        return f"{unix['scheme']}+unix://{unix['path']}:{_resource_of(inner)}"
    parsed = _parse(url)
    scheme = _SOCKET_SCHEMES.get(parsed.protocol)
    if scheme is None:
        raise WebSocketError(
            "SyntaxError",
            f"the URL's scheme must be 'ws', 'wss', 'http' or 'https'; "
            f"{parsed.protocol[:-1]!r} is not allowed",
        )
    href = parsed.href
    # A serialised URL holds a raw '#' only before its fragment; ada reports an empty
    # fragment as it reports none, but the standard refuses both kinds.
    if "#" in href:
        fragment = href.partition("#")[2]
        raise WebSocketError(
            "SyntaxError",
            f"the URL contains a fragment identifier ({fragment!r}); "
            "fragment identifiers are not allowed in WebSocket URLs",
        )
    return scheme + href[len(parsed.protocol) - 1 :]


@lru_cache(maxsize=1024)
def written_url(url: str) -> str:
    """
    Return a URL as the tags ``url`` and ``name`` carry it: as the script wrote it.

    A standard's parser adds a slash after the host, and takes dots out of the path; k6
    does neither, and its thresholds ask for the URL in the script. What its parser does
    is done here: the scheme is in lower case and the path percent-encoded. A user and a
    password are hidden.

    Source:
        Tried on k6 v1.1.

    """
    parts = _WRITTEN.fullmatch(url.strip())
    if parts is None:
        return url
    path = _UNWRITTEN.sub(_percent_encoded, parts["path"])
    if _LONE_PERCENT.search(path):
        path = path.replace("%", "%25")
    user = "****:****@" if parts["user"] else ""
    return f"{parts['scheme'].lower()}://{user}{parts['host']}{path}{parts['rest']}"


@lru_cache(maxsize=1024)
def target_of(url: str) -> Target:
    """Take a URL from :func:`socket_url` apart."""
    unix = _UNIX.fullmatch(url)
    if unix is not None:
        return replace(
            target_of(f"{unix['scheme']}://localhost{unix['resource']}"),
            unix_path=unquote(unix["path"]),
        )
    parsed = _parse(url)
    secure = parsed.protocol == "wss:"
    port = int(parsed.port) if parsed.port else (443 if secure else 80)
    return Target(
        secure=secure,
        host=parsed.hostname.strip("[]"),
        port=port,
        authority=parsed.host,
        resource=parsed.pathname + parsed.search,
        username=unquote(parsed.username),
        password=unquote(parsed.password),
    )


def redirected_url(url: str, location: str) -> str:
    """
    Return where a redirect leads, as a socket's URL without a fragment.

    User and password stay in it as long as it leads to the same origin.

    Raises:
        WebSocketError: ``SyntaxError``, if it is not the URL of a socket.

    Source:
        Fetch, "location URL"; RFC 9110 section 10.2.2 for fragments, which name a part of
        what is there and are not sent.

    """
    unix = _UNIX.fullmatch(url)
    base = url if unix is None else f"{unix['scheme']}://localhost{unix['resource']}"
    try:
        found = standard_url(location, base)
    except ValueError:
        raise WebSocketError(
            "SyntaxError", f"its Location {location!r} is invalid"
        ) from None
    # A serialised URL holds a raw '#' only before its fragment.
    leads_to = socket_url(found.href.partition("#")[0])
    old, new = target_of(base), target_of(leads_to)
    if (old.secure, old.host, old.port) != (new.secure, new.host, new.port):
        return leads_to
    if unix is not None:
        return f"{unix['scheme']}+unix://{unix['path']}:{new.resource}"
    if old.username or old.password:
        kept, before = URL(leads_to), URL(base)
        if not (kept.username or kept.password):
            kept.username, kept.password = before.username, before.password
            return kept.href
    return leads_to


def subprotocols(offered: str | Iterable[str] | None) -> tuple[str, ...]:
    """
    Return the subprotocols to offer, checked.

    Args:
        offered: One name, several in order of preference, or None.

    Raises:
        TypeError: If they are no strings.
        WebSocketError: ``SyntaxError``, if one is no token, or occurs twice, in whatever
            case.

    Source:
        WebSockets standard, constructor steps; RFC 6455 section 4.1.

    """
    if offered is None:
        return ()
    if isinstance(offered, (bytes, bytearray)) or not isinstance(offered, Iterable):
        raise TypeError(f"subprotocols are one string or several, not {offered!r}")
    names = (offered,) if isinstance(offered, str) else tuple(offered)
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"a subprotocol is a string, not {name!r}")
        if not is_token(name):
            raise WebSocketError("SyntaxError", f"the subprotocol {name!r} is invalid")
        if name.lower() in seen:
            raise WebSocketError(
                "SyntaxError",
                f"the subprotocol {name!r} is duplicated (upper and lower case count "
                "as the same)",
            )
        seen.add(name.lower())
    return names


def standard_url(url: str, base: str | None = None) -> URL:
    """
    Return a URL taken apart.

    Raises:
        ValueError: If it is not a valid URL.

    Source:
        URL standard.

    """
    parsed = URL(url, base) if base is not None else URL(url)
    if has_broken_name(parsed):
        raise ValueError(f"the host of {url!r} is not a valid name")
    return parsed


def has_broken_name(parsed: URL) -> bool:
    """Return whether the host has a label ``xn--…`` that stands for no name."""
    name = parsed.hostname
    if "xn--" not in name or parsed.scheme_type == SchemeType.NOT_SPECIAL:
        return False
    # ada 4.0 does not look into such labels as long as all of a host is ASCII. A soft
    # hyphen is dropped from a name, and makes it look.
    try:
        URL(f"ws://{name}\u00ad/")
    except ValueError:
        return True
    return False


def _parse(url: str) -> URL:
    try:
        # JavaScript hands over lone surrogates; the standard's USVString replaces them.
        text = url.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return standard_url(text)
    except ValueError:
        raise WebSocketError("SyntaxError", f"the URL {url!r} is invalid") from None


def _percent_encoded(match: re.Match[str]) -> str:
    return quote(match[0], safe="", errors="replace")


def _resource_of(url: str) -> str:
    target = target_of(url)
    return target.resource
