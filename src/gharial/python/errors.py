"""Errors that a script in Python may catch."""

from typing import Final

from gharial.errors import GharialError
from gharial.lazy_pattern import lazy_pattern

# The names of threads that Python numbers as it makes them.
_GIVEN_NAME: Final = lazy_pattern(r"^(Thread-|ThreadPoolExecutor-|asyncio_)\d+(_\d+)?")


def thread_kind(name: str) -> str:
    """Return a thread's name without the number that Python gave it, to group threads."""
    return _GIVEN_NAME.sub(r"\1N", name)


class WrongThreadError(GharialError):
    """
    A function of the event loop's thread was called in another thread.

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


class RequestTimeoutError(GharialError, TimeoutError):
    """
    No message that answers a request arrived in time.

    Attributes:
        limit: How long was waited, for people.
        call: What was called, with what, and where.

    """

    def __init__(self, limit: str, call: str = "") -> None:
        super().__init__(limit, call)
        self.limit = limit
        self.call = call

    def __str__(self) -> str:
        text = f"no answer came within {self.limit}"
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
