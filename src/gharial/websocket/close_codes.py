"""
Close codes and reasons: which a script may send, and which a peer may send.

Source:
    RFC 6455 section 7.4; WHATWG WebSockets, section 3.1, ``close()``.
"""

import math

from gharial.websocket.errors import WebSocketError
from gharial.websocket.scalar_text import to_utf8

NORMAL = 1000
GOING_AWAY = 1001
PROTOCOL_ERROR = 1002
NO_STATUS = 1005
ABNORMAL = 1006
INVALID_DATA = 1007
TOO_BIG = 1009
INTERNAL_ERROR = 1011

REASON_MAXIMUM_BYTES = 123
_CODE_MAXIMUM = 65_535

# RFC 6455 and the registry that it founds; 1004 to 1006 and 1015 never go on the wire.
_REGISTERED = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})


def clamped_code(number: float) -> int:
    """
    Return any number as a code: the nearest whole one, and the even one of two.

    Source:
        Web IDL section 3.3.3, ``[Clamp]``, for ``unsigned short``.

    """
    return 0 if math.isnan(number) else round(min(max(number, 0), _CODE_MAXIMUM))


_ERROR_WORDS = {
    1002: "protocol error",
    1003: "unsupported data",
    1007: "invalid payload data",
    1008: "policy violation",
    1009: "message too big",
    1010: "mandatory extension missing",
    1011: "internal server error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    3000: "unauthorized",
    3003: "forbidden",
    3008: "timeout",
}


def check_close(code: int | None, reason: str) -> bytes:
    """
    Return the reason's bytes if a script may close with these.

    Raises:
        WebSocketError: ``InvalidAccessError`` for a code other than 1000 and 3000 to 4999,
            ``SyntaxError`` for a reason of more than 123 bytes.
        TypeError: If the code is no whole number, or the reason no string.

    """
    if code is not None and (not isinstance(code, int) or isinstance(code, bool)):
        raise TypeError(f"the close code must be a whole number, not {code!r}")
    if code is not None and code != NORMAL and not 3000 <= code <= 4999:
        raise WebSocketError(
            "InvalidAccessError",
            f"the close code {code} is not allowed; it must be 1000 or from 3000 to 4999",
        )
    if not isinstance(reason, str):
        raise TypeError(f"the close reason must be a string, not {reason!r}")
    encoded = to_utf8(reason)
    if len(encoded) > REASON_MAXIMUM_BYTES:
        raise WebSocketError(
            "SyntaxError",
            f"the close reason has {len(encoded)} bytes; at most "
            f"{REASON_MAXIMUM_BYTES} are allowed",
        )
    return encoded


def is_valid_on_the_wire(code: int) -> bool:
    """Return whether a peer may send this code in a close frame."""
    return code in _REGISTERED or 3000 <= code <= 4999


def error_words(code: int | None, reason: str) -> str:
    """
    Return what went wrong if a peer closes so; empty if its code stands for no error.

    Errors are the codes that their definition calls one. 1000 (normal), 1001 (going away)
    and none at all are ordinary ends; what other codes from 3000 on mean is up to the
    application.

    Source:
        RFC 6455 section 7.4.1; IANA's registry of WebSocket close codes, for 1012 to 1014
        and the three from 3000 on.

    """
    words = _ERROR_WORDS.get(code or 0)
    if words is None:
        return ""
    return f"close {code} ({words}){': ' if reason else ''}{reason}"
