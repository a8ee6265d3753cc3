"""Errors with the names of ``websockets.exceptions``, where it is not installed."""

from gharial.errors import GharialError
from gharial.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Close:
    """A close frame: its code and its reason."""

    code: int
    reason: str

    def __str__(self) -> str:
        return f"{self.code} {self.reason}".rstrip()


class WebSocketException(GharialError):  # noqa: N818 - the package's name for it
    """Anything that goes wrong with a connection."""


class ConnectionClosed(WebSocketException):
    """
    The connection is closed.

    Attributes:
        rcvd: The server's close frame, None for none.
        sent: Our own.
        rcvd_then_sent: Whether the server closed first; None unless there are both.

    """

    def __init__(
        self,
        rcvd: Close | None,
        sent: Close | None,
        rcvd_then_sent: bool | None = None,  # noqa: FBT001 - the package's signature
    ) -> None:
        super().__init__(rcvd, sent, rcvd_then_sent)
        self.rcvd = rcvd
        self.sent = sent
        self.rcvd_then_sent = rcvd_then_sent

    def __str__(self) -> str:
        if self.rcvd is None:
            return "no close frame was received"
        return f"the server closed with {self.rcvd}"


class ConnectionClosedOK(ConnectionClosed):
    """It was closed normally: with 1000, 1001 or no code."""


class ConnectionClosedError(ConnectionClosed):
    """It was lost, or closed with the code of an error."""


class InvalidURI(WebSocketException):
    """
    Not the URL of a socket.

    Attributes:
        uri: What was given.
        msg: What is wrong with it.

    """

    def __init__(self, uri: str, msg: str) -> None:
        super().__init__(uri, msg)
        self.uri = uri
        self.msg = msg

    def __str__(self) -> str:
        return f"{self.uri} isn't a valid URI: {self.msg}"


class InvalidHandshake(WebSocketException):
    """The server did not answer the upgrade as it should."""


class InvalidStatus(InvalidHandshake):
    """
    The server answered the upgrade with a status other than 101.

    Attributes:
        response: Its answer, with ``status_code`` and ``headers``.

    """

    def __init__(self, response: object) -> None:
        super().__init__(response)
        self.response = response

    def __str__(self) -> str:
        status = getattr(self.response, "status_code", "")
        return f"server rejected WebSocket connection: HTTP {status}"


class ProtocolError(WebSocketException):
    """What was to be sent is not allowed."""


class ConcurrencyError(WebSocketException, RuntimeError):
    """Two coroutines receive at the same time."""
