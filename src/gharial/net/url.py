"""Parses URLs as the URL standard says, and formats them for display."""

import re
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, unquote

from ada_url import URL, SchemeType

from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern

# As in the package "ws" of npm: the socket's path, a colon, path and query.
UNIX_URL = lazy_pattern(
    r"(?P<scheme>wss?)\+unix:(?://)?(?P<path>[^:?#]*)(?::(?P<resource>/[^#]*)?)?"
)
_WRITTEN = lazy_pattern(
    r"(?P<scheme>wss?|https?)://(?P<user>[^/?#]*@)?(?P<host>[^/?#\\\s]*)"
    r"(?P<path>[^?#\\\x00-\x1f]*)(?P<rest>[^\x00-\x1f]*)",
    re.IGNORECASE,
)
_UNWRITTEN = lazy_pattern(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@\[\]/%]")
_LONE_PERCENT = lazy_pattern(r"%(?![0-9A-Fa-f]{2})")


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
    unix = UNIX_URL.fullmatch(url)
    if unix is not None:
        return replace(
            target_of(f"{unix['scheme']}://localhost{unix['resource']}"),
            unix_path=unquote(unix["path"]),
        )
    parsed = normalised_url(url)
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


def normalised_url(url: str) -> URL:
    """
    Return a URL of a script taken apart.

    Lone surrogates, which JavaScript hands over, are replaced (Web IDL, ``USVString``).

    Raises:
        ValueError: If it is not a valid URL.

    """
    return standard_url(
        url.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def _percent_encoded(match: re.Match[str]) -> str:
    return quote(match[0], safe="", errors="replace")
