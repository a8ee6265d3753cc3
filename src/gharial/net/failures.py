"""Failures of connections: the reasons to count, and the error that carries one."""

from enum import StrEnum

from gharial.errors import GharialError
from gharial.lazy_dataclass import dataclass


class FailureReason(StrEnum):
    """Why a socket failed, as the ``reason`` tag of ``ws_errors`` names it."""

    BLOCKED = "blocked"
    DNS = "dns"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DIAL = "dial"
    DIAL_TIMEOUT = "dial_timeout"
    PROXY = "proxy"
    TLS = "tls"
    CERTIFICATE = "certificate"
    HANDSHAKE = "handshake"
    HANDSHAKE_STATUS = "handshake_status"
    HANDSHAKE_TIMEOUT = "handshake_timeout"
    CANCELLED = "cancelled"
    PROTOCOL = "protocol"
    TOO_BIG = "too_big"
    CLOSE_CODE = "close_code"
    CLOSE_TIMEOUT = "close_timeout"
    RESET = "reset"
    EOF = "eof"


@dataclass(frozen=True, slots=True)
class HandshakeResponse:
    """
    The server's answer to the upgrade request.

    Attributes:
        status: The HTTP status code.
        status_text: The reason phrase.
        headers: Name and value pairs in the order of the wire, names as sent.
        body: The first 4 KiB of the body, empty after 101.

    """

    status: int
    status_text: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Failure:
    """
    What went wrong with a socket.

    Attributes:
        reason: The kind, for counting.
        message: One sentence for people, with the cause in it.
        response: The server's answer, where the upgrade was answered.

    """

    reason: FailureReason
    message: str
    response: HandshakeResponse | None = None


class PhaseError(GharialError):
    """
    One phase of opening a socket failed.

    Attributes:
        reason: The kind, for counting.
        message: One sentence for people, with the cause in it.
        response: The server's answer, where there was one.

    """

    def __init__(
        self,
        reason: FailureReason,
        message: str,
        response: HandshakeResponse | None = None,
    ) -> None:
        super().__init__(reason, message, response)
        self.reason = reason
        self.message = message
        self.response = response

    def __str__(self) -> str:
        return self.message

    @property
    def failure(self) -> Failure:
        """The same as a record."""
        return Failure(self.reason, self.message, self.response)
