"""URLs and subprotocol names, as the WebSockets standard's constructor reads them."""

from collections.abc import Iterable
from functools import lru_cache

from ada_url import URL

from gharial.header_fields import is_token
from gharial.lazy_pattern import lazy_pattern
from gharial.net.url import UNIX_URL, normalised_url, standard_url, target_of
from gharial.websocket.errors import WebSocketError

_CREDENTIALS = lazy_pattern(r"^(wss?:)//[^/?#@]*@")
_SOCKET_SCHEMES = {"http:": "ws", "https:": "wss", "ws:": "ws", "wss:": "wss"}


def without_password(url: str) -> str:
    """Return a URL without the name and the password in it."""
    return _CREDENTIALS.sub(r"\1//", url)


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
    unix = UNIX_URL.fullmatch(url)
    if unix is not None:
        if not unix["path"].startswith("/"):
            raise WebSocketError(
                "SyntaxError",
                f"the URL {url!r} must name a Unix socket by its absolute path, as in "
                "'ws+unix:///run/app.sock:/chat'",
            )
        inner = socket_url(f"{unix['scheme']}://localhost{unix['resource'] or '/'}")
        return f"{unix['scheme']}+unix://{unix['path']}:{_resource_of(inner)}"
    try:
        parsed = normalised_url(url)
    except ValueError:
        raise WebSocketError("SyntaxError", f"the URL {url!r} is invalid") from None
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
    unix = UNIX_URL.fullmatch(url)
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


def _resource_of(url: str) -> str:
    target = target_of(url)
    return target.resource
