"""The failures that the end of a connection may be."""

from gharial.net.failures import Failure, FailureReason


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
