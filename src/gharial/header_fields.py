"""What a header of a request may be: its name, its value, and which are our own."""

from typing import Final

from gharial.lazy_pattern import lazy_pattern

_TOKEN = lazy_pattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = lazy_pattern(r"[\x00-\x08\x0a-\x1f\x7f]")

HANDSHAKE_OWN: Final = frozenset(
    (
        "upgrade",
        "connection",
        "sec-websocket-key",
        "sec-websocket-version",
        "sec-websocket-extensions",
        "sec-websocket-accept",
    )
)
"""Headers, in small letters, that the opening handshake of a WebSocket makes by itself."""


def is_token(text: str) -> bool:
    """
    Return whether a string is a token of HTTP, as the names of headers are.

    Source:
        RFC 9110, section 5.6.2.

    """
    return _TOKEN.fullmatch(text) is not None


def has_control(value: str) -> bool:
    """Return whether a header's value has control characters other than tabs."""
    return _CONTROL.search(value) is not None
