"""The failures that the end of a connection may be."""

from gharial.net.failures import Failure, FailureReason
from gharial.websocket import close_codes


def lost_failure(error: BaseException | None) -> Failure:
    """Return the failure of a connection whose TCP ended without a close frame."""
    if error is None:
        return Failure(
            FailureReason.EOF,
            "websocket: close 1006 (abnormal closure): the server ended TCP without a "
            "close frame",
        )
    return Failure(
        FailureReason.RESET, f"websocket: close 1006 (abnormal closure): {error}"
    )


def unanswered_close(limit_s: float) -> Failure:
    """Return the failure of a connection whose close frame was not answered in time."""
    return Failure(
        FailureReason.CLOSE_TIMEOUT,
        f"websocket: the server did not answer the close frame within {limit_s:g} s",
    )


def violation(code: int, problem: str, limit_bytes: int) -> Failure:
    """
    Return the failure of a connection that we closed for what the server sent.

    Args:
        code: Our close code.
        problem: What broke the protocol, if it did.
        limit_bytes: The largest message that is taken.

    """
    if code == close_codes.TOO_BIG:
        # The server may send it: the limit is ours.
        return Failure(
            FailureReason.TOO_BIG,
            f"websocket: a message is larger than maxMessageSize ({limit_bytes} bytes)",
        )
    return Failure(
        FailureReason.PROTOCOL, f"websocket: the server broke the protocol: {problem}"
    )
