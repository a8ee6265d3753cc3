"""
Requests over a socket: a message, and the one that answers it.

They are measured from wire to wire: from the instant at which the request is handed to the
transport to that at which the answer's bytes were read, however late a script gets to it.
"""

import asyncio
from collections.abc import Callable
from types import FrameType
from typing import Any

from gharial.python.errors import RequestTimeoutError
from gharial.python.websocket.backlog import Backlog, KeptMessage
from gharial.python.websocket.dispatching import DispatchingSocket
from gharial.python.websocket.posting_listener import PostingListener
from gharial.python.websocket.reception import Reception
from gharial.timing import format_duration, parse_duration
from gharial.websocket.errors import WebSocketError
from gharial.websocket.matching import Matches, matcher
from gharial.websocket.state import ReadyState

DEFAULT_TIMEOUT = "10s"
# At most so many characters of a message are shown where its request fails.
SHOWN_MAXIMUM = 60


class Call:
    """
    One call of ``request()`` or ``expect()``, for whoever has to find it.

    Args:
        function: What was called.
        subject: The message, or the match.
        name: The tag, perhaps empty.
        frame: That of the caller.

    """

    __slots__ = ("_file", "_function", "_line", "_name", "_subject")

    def __init__(
        self, function: str, subject: object, name: str, frame: FrameType
    ) -> None:
        self._function = function
        self._subject = subject
        self._name = name
        self._file = frame.f_code.co_filename
        self._line = frame.f_lineno

    def __str__(self) -> str:
        text = "" if self._subject is None else repr(self._subject)
        if len(text) > SHOWN_MAXIMUM:
            text = f"{text[:SHOWN_MAXIMUM]}…"
        parts = [text] if text else []
        if self._name:
            parts.append(f"name={self._name!r}")
        return f"{self._function}({', '.join(parts)}) at {self._file}:{self._line}"


class _Waiting:
    """One that waits for its message."""

    __slots__ = (
        "after",
        "call",
        "future",
        "is_answered",
        "matches",
        "name",
        "started_at_ms",
    )

    def __init__(self, call: Call, matches: Matches, name: str, after: int) -> None:
        self.call = call
        self.matches = matches
        self.name = name
        # The number of the last message that came before it.
        self.after = after
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.started_at_ms = 0.0
        self.is_answered = False


class Requests:
    """All that waits for messages on one socket."""

    __slots__ = (
        "_overheard",
        "_reception",
        "_resuming",
        "_socket",
        "_waiting",
        "_wire_listener",
    )

    def __init__(
        self,
        socket: DispatchingSocket,
        listener: PostingListener,
        reception: Reception,
    ) -> None:
        self._socket = socket
        self._wire_listener = listener
        self._reception = reception
        reception.hearer = self
        self._waiting: list[_Waiting] = []
        # How many have their answers, and do not know yet; and what listeners, but nobody
        # else, heard meanwhile.
        self._resuming = 0
        self._overheard: Backlog | None = None

    async def exchange(
        self,
        call: Call,
        send: Callable[[], object] | None,
        *,
        match: object,
        timeout: str | float | None,
        name: str,
    ) -> Any:
        """
        Send a message, or none, and return the data of the one that answers it.

        Args:
            call: What the script called.
            send: Sends the message; None if what waits may be the answer.
            match: As for ``request()``.
            timeout: As for ``request()``.
            name: As for ``request()``.

        Raises:
            TypeError: If the match, the timeout or the message cannot be used.
            RequestTimeoutError: If no such message comes in time.
            WebSocketError: ``InvalidStateError`` unless the socket is open.
            SocketClosedError: If it is closed before.

        """
        socket, reception = self._socket, self._reception
        matches = matcher(match)
        timeout_s = parse_duration(DEFAULT_TIMEOUT if timeout is None else timeout)
        if send is None:
            kept = self._look(matches, name)
            if kept is not None:
                return socket._shown(kept.data)
        if socket._state is not ReadyState.OPEN:
            await self._refuse(call, name)
        # What waits for the script to have time came before.
        after = reception.number + self._wire_listener.queued if send else 0
        one = _Waiting(call, matches, name, after)
        loop = asyncio.get_running_loop()
        handle = loop.call_later(timeout_s, self._time_out, one, timeout_s)
        self._waiting.append(one)
        reception.begin_request()
        one.started_at_ms = self._now_ms()
        try:
            if send is not None:
                socket._connection.request_begins()
                send()
            return await one.future
        finally:
            handle.cancel()
            if one in self._waiting:
                self._waiting.remove(one)
            reception.end_request()
            if one.is_answered:
                self._resuming -= 1
                if self._overheard is not None:
                    # Until then the script may ask for what came with the answer.
                    loop.call_soon(self._forget)

    def _look(self, matches: Matches, name: str) -> KeptMessage | None:
        """Return a message that matches and was there before anybody asked."""
        socket = self._socket
        try:
            kept = self._reception.take_matching(
                lambda data: matches(socket._shown(data))
            )
            if kept is None and self._overheard is not None:
                kept = self._overheard.take_matching(
                    lambda data: matches(socket._shown(data))
                )
        except BaseException:
            socket._connection.request_ended(None, name)
            raise
        if kept is not None:
            socket._connection.request_ended(0.0, name)
        return kept

    async def _refuse(self, call: Call, name: str) -> None:
        """Raise what says why the socket is not open."""
        socket = self._socket
        if socket._has_opened and not socket._has_closed:
            # The server closed it; with which code may be yet to come.
            await socket._until(lambda: socket._close is not None)
            socket._connection.request_ended(None, name)
            raise socket._closed_error(str(call))
        socket._connection.request_ended(None, name)
        raise WebSocketError("InvalidStateError", f"{call} needs an open socket")

    def hear(self, data: Any, at_ms: float, number: int) -> bool:
        """
        Give a message to the one that has waited longest of those whom it answers.

        Returns:
            Whether there was one.

        """
        shown = self._socket._shown(data)
        for one in self._waiting:
            if number <= one.after or one.future.done():
                continue
            try:
                if not one.matches(shown):
                    continue
            except BaseException as error:
                self._settle(one, None, error)
                return False
            # A message may carry the date of a turn of the loop that began just before.
            duration_ms = at_ms - one.started_at_ms
            if duration_ms < 0:
                duration_ms = self._now_ms() - one.started_at_ms
            self._settle(one, duration_ms / 1e3)
            one.is_answered = True
            self._resuming += 1
            one.future.set_result(shown)
            return True
        return False

    def overhear(self, data: Any, at_ms: float, number: int) -> None:
        """
        Keep what listeners heard for a script that is about to go on with its answer.

        It may go on with ``expect()``, for what came in one segment with the answer.
        """
        if self._resuming:
            if self._overheard is None:
                self._overheard = Backlog()
            self._overheard.append(data, at_ms, number)

    def _now_ms(self) -> float:
        clock = self._socket._environment.clock
        return clock.epoch_ms(clock.now_s())

    def _forget(self) -> None:
        if not self._resuming:
            self._overheard = None

    def end(self) -> None:
        """Let all that wait fail: the socket is closed."""
        for one in list(self._waiting):
            self._settle(one, None, self._socket._closed_error(str(one.call)))

    def _time_out(self, one: _Waiting, timeout_s: float) -> None:
        if one in self._waiting:
            limit = format_duration(timeout_s)
            self._settle(one, None, RequestTimeoutError(limit, str(one.call)))

    def _settle(
        self,
        one: _Waiting,
        duration_s: float | None,
        error: BaseException | None = None,
    ) -> None:
        self._waiting.remove(one)
        self._socket._connection.request_ended(duration_s, one.name)
        if error is not None and not one.future.done():
            one.future.set_exception(error)
