"""
The tags ``error`` and ``error_code`` of a socket that failed.

Numbers up to 1699 are k6's, for HTTP; those from 1700 on are ours. The text is one of a
few, so that tags stay few; the whole sentence is in the log and in the error event.

Source:
    k6 v2.2, ``lib/netext/httpext/error_codes.go``.
"""

from typing import Final

from gharial.net.failures import Failure, FailureReason

_CODES: Final[dict[FailureReason, tuple[int, str]]] = {
    FailureReason.DNS: (1101, "dns: no such host"),
    FailureReason.BLOCKED: (1110, "blocked host or address"),
    FailureReason.DIAL: (1210, "dial: failed"),
    FailureReason.DIAL_TIMEOUT: (1211, "dial: timeout"),
    FailureReason.REFUSED: (1212, "dial: connection refused"),
    FailureReason.UNREACHABLE: (1213, "dial: unreachable"),
    FailureReason.RESET: (1220, "connection reset by peer"),
    FailureReason.TLS: (1300, "tls: handshake failed"),
    FailureReason.CERTIFICATE: (1310, "tls: certificate not accepted"),
    FailureReason.PROXY: (1700, "proxy failed"),
    FailureReason.HANDSHAKE: (1701, "bad handshake"),
    FailureReason.HANDSHAKE_TIMEOUT: (1702, "handshake timeout"),
    FailureReason.CANCELLED: (1703, "closed while connecting"),
    FailureReason.PROTOCOL: (1710, "protocol error"),
    FailureReason.TOO_BIG: (1711, "message too big"),
    FailureReason.CLOSE_CODE: (1712, "closed with an error code"),
    FailureReason.CLOSE_TIMEOUT: (1713, "close timeout"),
    FailureReason.EOF: (1714, "ended without a close frame"),
}


def error_tags(failure: Failure, system_tags: frozenset[str]) -> dict[str, str]:
    """Return the tags of a failure, of those that are wanted."""
    if (
        failure.reason is FailureReason.HANDSHAKE_STATUS
        and failure.response is not None
    ):
        status = failure.response.status
        code, text = 1000 + status, f"bad handshake: status {status}"
    elif failure.reason is FailureReason.DNS and not failure.message.endswith(
        "no such host"
    ):
        code, text = 1100, "dns: lookup failed"
    else:
        code, text = _CODES.get(failure.reason, (1000, failure.reason.value))
    tags = {}
    if "error" in system_tags:
        tags["error"] = text
    if "error_code" in system_tags:
        tags["error_code"] = str(code)
    return tags
