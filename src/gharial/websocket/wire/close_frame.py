"""Parses a close frame (RFC 6455 section 5.5.1)."""

from gharial.errors import GharialError
from gharial.websocket import close_codes


class CloseFrameError(GharialError):
    """
    A close frame breaks the protocol.

    Attributes:
        code: The code to answer with.
        problem: What is wrong with it.

    """

    def __init__(self, code: int, problem: str) -> None:
        super().__init__(code, problem)
        self.code = code
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


def read_close(payload: bytes) -> tuple[int | None, str]:
    """
    Return code and reason; None for no code.

    Raises:
        CloseFrameError: If there is half a code, a code that must not be sent, or a
            reason that is not UTF-8.

    """
    if not payload:
        return None, ""
    if len(payload) == 1:
        raise CloseFrameError(
            close_codes.PROTOCOL_ERROR, "a close frame has an incomplete code"
        )
    code = int.from_bytes(payload[:2], "big")
    if not close_codes.is_valid_on_the_wire(code):
        raise CloseFrameError(
            close_codes.PROTOCOL_ERROR, f"{code} is not a valid close code"
        )
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        raise CloseFrameError(
            close_codes.INVALID_DATA, "the close reason is not UTF-8"
        ) from None
