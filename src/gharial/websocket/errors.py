"""Errors of the WebSocket room: those a script may catch, and why a dial failed."""

import re
from typing import Final

from gharial.errors import GharialError
from gharial.websocket.observer import Failure, FailureReason, HandshakeResponse

# The names of threads that Python numbers as it makes them.
_GIVEN_NAME: Final = re.compile(r"^(Thread-|ThreadPoolExecutor-|asyncio_)\d+(_\d+)?")


class WebSocketError(GharialError):
    """
    A script used the API against the rules of the WebSockets standard.

    Attributes:
        name: The DOM exception's name: ``SyntaxError``, ``InvalidStateError`` or
            ``InvalidAccessError``.
        message: What was wrong and what would have been right.

    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name, message)
        self.name = name
        self.message = message

    def __str__(self) -> str:
        return self.message


def thread_kind(name: str) -> str:
    """Return a thread's name without the number that Python gave it: many are one kind."""
    return _GIVEN_NAME.sub(r"\1N", name)


class WrongThreadError(GharialError):
    """
    Something was called in a thread that belongs to the event loop.

    Attributes:
        what: What was called, as the script writes it.
        thread: The name of the thread, without a number that Python gave it.

    """

    def __init__(self, what: str, thread: str) -> None:
        super().__init__(what, thread)
        self.what = what
        self.thread = thread_kind(thread)

    def __str__(self) -> str:
        return (
            f"{self.what} was called in the thread {self.thread!r}; call it in the event "
            "loop's: after 'await asyncio.to_thread(...)', or by "
            "'loop.call_soon_threadsafe(...)'"
        )


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


class RequestTimeoutError(GharialError, TimeoutError):
    """
    No message that answers a request came in time.

    Attributes:
        limit: How long was waited, for people.
        call: What was called, with what, and where.

    """

    def __init__(self, limit: str, call: str = "") -> None:
        super().__init__(limit, call)
        self.limit = limit
        self.call = call

    def __str__(self) -> str:
        text = f"no message that answers it came within {self.limit}"
        return f"{self.call}: {text}" if self.call else text


class SocketClosedError(GharialError):
    """
    A message was awaited on a socket that is closed.

    Attributes:
        code: The close event's code.
        reason: The close event's reason.
        error: What went wrong, empty after a clean end.
        call: The request that was not answered, if one was made, and where.

    """

    def __init__(self, code: int, reason: str, error: str, call: str = "") -> None:
        super().__init__(code, reason, error, call)
        self.code = code
        self.reason = reason
        self.error = error
        self.call = call

    def __str__(self) -> str:
        text = self.error or f"the socket is closed: {self.code} {self.reason}".rstrip()
        return f"{self.call}: {text}" if self.call else text
