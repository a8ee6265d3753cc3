import errno
import ssl
from typing import Any

import aiohttp
import pytest

from gharial.errors import ConfigurationError
from gharial.http.failures import failure_of, invalid_url, timed_out
from gharial.net.failures import FailureReason, PhaseError


@pytest.mark.parametrize(
    ("reason", "text", "code", "message"),
    [
        (FailureReason.DNS, "lookup a: no such host", 1101, "lookup: no such host"),
        (FailureReason.DNS, "lookup a: try again", 1100, "lookup: failed"),
        (FailureReason.BLOCKED, "hostname (a) is", 1111, "hostname is blocked"),
        (FailureReason.BLOCKED, "IP (::1) is", 1110, "ip is blacklisted"),
        (FailureReason.REFUSED, "dial", 1212, "dial: connection refused"),
        (FailureReason.DIAL_TIMEOUT, "dial", 1211, "dial: i/o timeout"),
        (FailureReason.DIAL, "dial", 1210, "dial: failed"),
        (FailureReason.PROXY, "proxy", 1210, "dial: the proxy failed"),
        (FailureReason.TLS, "tls", 1300, "tls: handshake failed"),
        (FailureReason.CERTIFICATE, "self-signed", 1310, "x509: unknown authority"),
        (
            FailureReason.CERTIFICATE,
            "Hostname mismatch, certificate is not valid",
            1311,
            "x509: certificate doesn't match hostname",
        ),
        (FailureReason.HANDSHAKE, "what else", 1000, "what else"),
    ],
)
def test_a_failed_phase_has_its_number(reason, text, code, message) -> None:
    failure = failure_of(PhaseError(reason, text))
    assert (failure.code, failure.message, failure.detail) == (code, message, text)


def payload_error(text: str) -> aiohttp.ClientPayloadError:
    return aiohttp.ClientPayloadError(text)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (OSError(errno.ECONNRESET, "reset"), 1220, "read: connection reset by peer"),
        (OSError(errno.EPIPE, "pipe"), 1201, "write: broken pipe"),
        (OSError(errno.ENETDOWN, "down"), 1200, "Network is down"),
        (ssl.SSLError(1, "wrong version"), 1300, "tls: failed"),
        (ConfigurationError("no file"), 1300, "tls: the settings cannot be used"),
        (aiohttp.ServerDisconnectedError(), 1000, "EOF"),
        (payload_error("not completed"), 1000, "unexpected EOF"),
        (
            payload_error("can not decode content"),
            1701,
            "response decompression failed",
        ),
        (ValueError("two\nlines"), 1000, "two"),
        (ValueError(), 1000, "ValueError"),
    ],
)
def test_an_exception_has_its_number(error, code, message) -> None:
    failure = failure_of(error)
    assert (failure.code, failure.message) == (code, message)


def test_a_body_that_was_cut_off_is_told_in_one_line() -> None:
    error = payload_error("Response payload is not completed")
    error.__cause__ = aiohttp.http_exceptions.ContentLengthError(
        "Not enough data to satisfy content length header (received 3 of 100 bytes)."
    )
    assert failure_of(error).detail == (
        "unexpected EOF: Not enough data to satisfy content length header "
        "(received 3 of 100 bytes)"
    )


def test_texts_for_people_hold_what_is_known() -> None:
    assert "1.5 s" in timed_out(1.5).detail
    assert timed_out(1.5).message == "request timeout"
    assert invalid_url("a b", "it is bad").detail == "invalid URL 'a b': it is bad"


@pytest.mark.parametrize(
    ("text", "message", "detail"),
    [
        (
            "Bad status line:\n  Expected HTTP/:\n\n  b'SSH-2.0'\n    ^",
            "malformed HTTP response: bad status line",
            "malformed HTTP response: bad status line; b'SSH-2.0'",
        ),
        (
            "Bad status line:\n\n  b'\\x15\\x03\\x01'\n    ^",
            "malformed HTTP response: bad status line",
            "malformed HTTP response: bad status line; b'\\x15\\x03\\x01'; "
            "does this port speak TLS? try https://",
        ),
        ("", "malformed HTTP response: ", "malformed HTTP response: "),
    ],
)
def test_a_malformed_answer_is_shown(text: str, message: str, detail: str) -> None:
    error = aiohttp.ClientResponseError(Any, (), message=text)  # type: ignore[arg-type]
    failure = failure_of(error)
    assert (failure.code, failure.message, failure.detail) == (1000, message, detail)
