"""
Requests of a script that promises stand for, and bodies that arrive piece by piece.

The script asks for each piece, so that it need not take more than it has room for. What
it has not asked for waits here, up to a bound, and then in the connection.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import Any

from gharial.http.exchange import HttpExchange, HttpRequest
from gharial.http.wire_text import BODY_MAXIMUM
from gharial.virtual_user.virtual_user import VirtualUser

# What one answer may have waiting here. Small bodies that no script reads arrive whole, so
# that their connection can be used again.
READ_AHEAD_BYTES = 256 * 1024
# How long an iteration waits for the rest of a short body that nobody reads.
SHORT_LIMIT_S = 5.0


class PendingRequest:
    """A request that a promise stands for; the virtual user may end it at any time."""

    __slots__ = ("_request", "_task", "is_abandoned")

    def __init__(self, request: HttpRequest) -> None:
        self._task: asyncio.Task[HttpExchange]
        self._request = request
        self.is_abandoned = False

    def runs_as(self, task: "asyncio.Task[HttpExchange]") -> None:
        """Take note of the task that performs it."""
        self._task = task

    @property
    def is_established(self) -> bool:
        """Whether it may outlive an iteration: never."""
        return False

    @property
    def description(self) -> str:
        """The request, without what it authenticates with."""
        url = re.sub(r"//[^/?#@]*@", "//", self._request.url, count=1)
        return f"request {self._request.method} {url}"

    def shut(self, code: int) -> None:
        """Give the request up."""
        self._task.cancel()

    def abort(self) -> None:
        """Give the request up, and let nobody hear of it."""
        self.is_abandoned = True
        self._task.cancel()


class ArrivingBody(PendingRequest):
    """
    A request whose body goes to the script as it arrives.

    It keeps its iteration alive until its headers are there, and from then on while the
    script waits for a piece, or a short body is about to be complete.

    Args:
        request: The request.
        request_id: Its number in the script.
        user: The virtual user.
        dispatcher: Returns a function of the runtime's.
        describe: Returns an answer as the runtime reads it.
        is_kept: Whether ``vuSetup`` may leave it to the iterations.

    Attributes:
        has_begun: Whether the script was told of the headers.
        shown: The beginning of the body, if it is to be shown for debugging.

    """

    __slots__ = (
        "_chunks",
        "_describe",
        "_dispatcher",
        "_id",
        "_is_kept",
        "_is_known",
        "_is_wanted",
        "_posted",
        "_room",
        "_short_limit",
        "_shown_bytes",
        "_user",
        "_waiting_bytes",
        "has_begun",
        "shown",
    )

    def __init__(
        self,
        request: HttpRequest,
        request_id: int,
        user: VirtualUser,
        dispatcher: Callable[[str], Any],
        describe: Callable[[HttpExchange], str],
        *,
        is_kept: bool,
    ) -> None:
        super().__init__(request)
        self._id = request_id
        self._user = user
        self._dispatcher = dispatcher
        self._describe = describe
        self._chunks: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._room = asyncio.Event()
        self._is_wanted = False
        self._is_kept = is_kept
        self._is_known = False
        # Set while the iteration waits for a short body.
        self._short_limit: asyncio.TimerHandle | None = None
        self._posted = 0
        has_bodies = user.services.settings.http_debug == "full"
        self._shown_bytes = BODY_MAXIMUM * 4 if has_bodies else 0
        self.shown = b""
        self.has_begun = False

    @property
    def is_established(self) -> bool:
        """Whether it may outlive an iteration: the script knows that it is open."""
        return self._is_kept and self._is_known

    # -- What the client calls --------------------------------------------------------

    def begin(self, exchange: HttpExchange) -> None:
        """Tell the script of the headers."""
        self.has_begun = True
        length = exchange.header("content-length")
        if length.isdecimal() and int(length) <= READ_AHEAD_BYTES:
            self._short_limit = self._user.services.event_loop.call_later(
                SHORT_LIMIT_S, self._stop_waiting
            )
        self._post("httpHead", self._describe(exchange))

    async def write(self, chunk: bytes) -> None:
        """Give a piece to the script if it waits for one; else keep it."""
        if len(self.shown) < self._shown_bytes:
            self.shown += chunk[: self._shown_bytes - len(self.shown)]
        if self._is_wanted:
            self._is_wanted = False
            self._post("httpData", chunk, None)
            return
        self._chunks.append(chunk)
        self._waiting_bytes += len(chunk)
        while self._waiting_bytes >= READ_AHEAD_BYTES:
            self._room.clear()
            await self._room.wait()

    # -- What the script calls --------------------------------------------------------

    def read(self) -> bytes | None:
        """Return all that waits; None if nothing does, and then it is told."""
        if self._chunks:
            return self._taken()
        self._is_wanted = True
        self._user.operations.wake(self)
        return None

    # -- What the bridge calls --------------------------------------------------------

    def runs_as(self, task: "asyncio.Task[HttpExchange]") -> None:
        """Take note of the task that performs it."""
        super().runs_as(task)
        task.add_done_callback(lambda _: self._forget_limit())

    def end(self, failure: str) -> None:
        """Give the script what is left, and say that it was all."""
        self._dispatcher("httpData")(self._id, self._taken(), failure)

    def _taken(self) -> bytes:
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._waiting_bytes = 0
        self._room.set()
        return data

    def _forget_limit(self) -> None:
        if self._short_limit is not None:
            self._short_limit.cancel()
            self._short_limit = None

    def _stop_waiting(self) -> None:
        self._short_limit = None
        self._rest_if_idle()

    def _rest_if_idle(self) -> None:
        if not (self._posted or self._is_wanted or self._short_limit):
            self._user.operations.rest(self)

    def _post(self, name: str, *arguments: Any) -> None:
        self._posted += 1
        self._user.loop.post(self._deliver, name, arguments)

    def _deliver(self, name: str, arguments: tuple[Any, ...]) -> None:
        self._posted -= 1
        if self.is_abandoned:
            return
        try:
            self._dispatcher(name)(self._id, *arguments)
            if not self._is_known:
                self._is_known = True
                if self._is_kept:
                    self._user.operations.established(self)
        finally:
            self._rest_if_idle()
