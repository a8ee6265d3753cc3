"""Maps exceptions of HTTP requests to k6's error codes and messages."""

import errno
import os
import ssl
from urllib.parse import urlsplit

import aiohttp

from gharial.errors import ConfigurationError
from gharial.http.exchange import HttpFailure
from gharial.lazy_pattern import lazy_pattern
from gharial.net.failures import FailureReason, PhaseError

TIMEOUT = 1050
INVALID_URL = 1020
_NO_HOST = lazy_pattern(r"[\s\x00-\x1f%]")

_BY_REASON = {
    FailureReason.REFUSED: (1212, "dial: connection refused"),
    FailureReason.UNREACHABLE: (1213, "dial: network or host is unreachable"),
    FailureReason.DIAL_TIMEOUT: (1211, "dial: i/o timeout"),
    FailureReason.DIAL: (1210, "dial: failed"),
    FailureReason.PROXY: (1210, "dial: the proxy failed"),
    FailureReason.TLS: (1300, "tls: handshake failed"),
}
_BY_ERRNO = {
    errno.ECONNRESET: (1220, "read: connection reset by peer"),
    errno.EPIPE: (1201, "write: broken pipe"),
}


def timed_out(limit_s: float) -> HttpFailure:
    """Return the failure of a request that took longer than its limit."""
    return HttpFailure(
        TIMEOUT, "request timeout", f"request timeout: no answer after {limit_s:g} s"
    )


def invalid_url(url: str, why: str) -> HttpFailure:
    """
    Return the failure of a request whose URL cannot be used.

    Source:
        Tried on k6 v1.1: one that can be read as a URL, but is relative or has no host
        or another scheme, is a request that failed, with the code 1000.

    """
    try:
        parts = urlsplit(url)
        is_readable = _NO_HOST.search(parts.netloc) is None
    except ValueError:
        is_readable = False
    detail = f"invalid URL {url!r}: {why}"
    if not is_readable:
        return HttpFailure(INVALID_URL, "invalid URL", detail)
    if parts.scheme in ("http", "https"):
        return HttpFailure(1000, "http: no Host in request URL", detail)
    message = f'unsupported protocol scheme "{parts.scheme}"'
    return HttpFailure(1000, message, detail)


def failure_of(error: Exception) -> HttpFailure:
    """
    Return what an exception means.

    Source:
        k6 v2.2, ``lib/netext/httpext/error_codes.go``.

    """
    if isinstance(error, PhaseError):
        code, message = _phase(error)
        return HttpFailure(code, message, error.message)
    if isinstance(error, ConfigurationError):
        return HttpFailure(1300, "tls: the settings cannot be used", str(error))
    if isinstance(error, ssl.SSLError):
        return HttpFailure(1300, "tls: failed", f"tls: {error}")
    if isinstance(error, OSError) and error.errno in _BY_ERRNO:
        code, message = _BY_ERRNO[error.errno]
        return HttpFailure(code, message, message)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return HttpFailure(1000, "EOF", "EOF: the server closed the connection")
    if isinstance(error, aiohttp.ClientPayloadError):
        return _payload(error)
    if isinstance(error, aiohttp.ClientResponseError):
        return _malformed(error.message)
    if isinstance(error, OSError) and error.errno:
        words = os.strerror(error.errno)
        return HttpFailure(1200, words, str(error))
    words = str(getattr(error, "message", "") or error) or type(error).__name__
    return HttpFailure(1000, words.splitlines()[0], words)


def _phase(error: PhaseError) -> tuple[int, str]:
    reason, text = error.reason, error.message
    if reason is FailureReason.DNS:
        if text.endswith("no such host"):
            return 1101, "lookup: no such host"
        return 1100, "lookup: failed"
    if reason is FailureReason.BLOCKED:
        if text.startswith("hostname"):
            return 1111, "hostname is blocked"
        return 1110, "ip is blacklisted"
    if reason is FailureReason.CERTIFICATE:
        if "hostname mismatch" in text.lower() or "ip address mismatch" in text.lower():
            return 1311, "x509: certificate doesn't match hostname"
        return 1310, "x509: unknown authority"
    return _BY_REASON.get(reason, (1000, text))


def _malformed(text: str) -> HttpFailure:
    # aiohttp shows the bad bytes on a line of their own, and points at them on another.
    what, *rest = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    message = f"malformed HTTP response: {what.rstrip(':').lower()}"
    shown = "".join(f"; {line}" for line in rest if line[:1] == "b")
    hint = "; does this port speak TLS? try https://" if r"b'\x15" in shown else ""
    return HttpFailure(1000, message, f"{message}{shown}{hint}")


def _payload(error: aiohttp.ClientPayloadError) -> HttpFailure:
    cause = error.__cause__ or error
    text = str(cause) or str(error)
    if "decode" in text.lower() or "content-encoding" in text.lower():
        return HttpFailure(1701, "response decompression failed", text)
    # aiohttp puts a status of its own before what happened, and a line between them.
    said = text.rpartition("message:")[2].strip().rstrip(".")
    return HttpFailure(1000, "unexpected EOF", f"unexpected EOF: {said}")
