"""
Shows the messages of one socket to a lens, on their way between wire and script.

It takes the place of what takes messages where a lens was chosen when the socket opened;
other sockets have none. Compiled where Gharial was installed with a C compiler
(``watch.pxd`` says how it looks in C); in plain Python it does the same.
"""

from collections.abc import Callable
from typing import Any

from gharial.lenses.lens import BINARY, TEXT, Lens, UnreadableError
from gharial.websocket.messages import MessageTaker, content

_UNREADABLE = "unreadable"


class MessageWatch(MessageTaker):
    """
    Shows messages to a lens before it hands them on.

    A lens that raises is not shown any more; nothing else comes of it.

    Attributes:
        begins_request: Whether the next message to be sent is measured by who sends it.
        now_s: The monotonic clock.

    """

    __slots__ = (
        "_lens",
        "_on_unreadable",
        "_sent_at_s",
        "_take",
        "_taker",
        "begins_request",
        "now_s",
    )

    def __init__(
        self,
        lens: Lens,
        take: Callable[[Any, float], object],
        now_s: Callable[[], float],
        on_unreadable: Callable[[str], object],
    ) -> None:
        """
        Take what to show messages to, and what to hand them on to.

        Args:
            lens: The lens.
            take: Takes messages that came.
            now_s: The monotonic clock.
            on_unreadable: Called at most once, with what the lens cannot read.

        """
        self._lens: Lens | None = lens
        self._take = take
        self._taker = take if isinstance(take, MessageTaker) else None
        self._on_unreadable = on_unreadable
        self._sent_at_s = 0.0
        self.now_s = now_s
        self.begins_request = False

    def take(self, data: Any, at_s: float) -> None:
        """Show a message that came, and hand it on."""
        if self._lens is not None:
            if isinstance(data, str):
                self._show(data.encode("utf-8", "replace"), TEXT, at_s)
            else:
                self._show(data, BINARY, at_s)
        self._take(data, at_s)

    def take_frame(self, frame: Any, at_s: float) -> bool:
        """Show a message that is still in the frame engine's buffer, and hand it on."""
        if self._lens is not None:
            self._show(frame.get_payload_as_bytes(), frame.msg_type, at_s)
        if self._taker is not None:
            return self._taker.take_frame(frame, at_s)
        try:
            data = content(frame)
        except UnicodeDecodeError:
            return False
        self._take(data, at_s)
        return True

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Show a message that was handed to the wire at this instant."""
        lens = self._lens
        if lens is None:
            return
        self._sent_at_s = at_s
        try:
            if self.begins_request:
                self.begins_request = False
                lens.exchanges.is_silent = True
                lens.sent(payload, kind, at_s)
                lens.exchanges.is_silent = False
            else:
                lens.sent(payload, kind, at_s)
        except Exception as error:
            self._give_up(lens, error, at_s)

    def closed(self, code: int, at_s: float) -> None:
        """Tell the lens of the end, with the close event's code."""
        lens, self._lens = self._lens, None
        if lens is not None:
            lens.closed(code, at_s)

    def forget(self) -> None:
        """Take note that nobody waits for answers: the run or the iteration ends."""
        if self._lens is not None:
            self._lens.exchanges.forget_all()

    def _show(self, payload: bytes, kind: int, at_s: float) -> None:
        lens = self._lens
        assert lens is not None
        if at_s < self._sent_at_s:
            # Sent and answered within one turn of the loop, whose date is earlier.
            at_s = self.now_s()
        try:
            lens.received(payload, kind, at_s)
        except Exception as error:
            self._give_up(lens, error, at_s)

    def _give_up(self, lens: Lens, error: Exception, at_s: float) -> None:
        self._lens = None
        lens.exchanges.forget_all()
        lens.facts.error(_UNREADABLE, at_s)
        known = isinstance(error, UnreadableError)
        self._on_unreadable(str(error) if known else f"it failed: {error!r}")
