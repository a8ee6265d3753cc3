"""
Messages in one plain frame: the hot path of nearly every message.

Compiled where that could be done (``plain_frames.pxd`` says how it looks in C); in plain
Python it does the same.
"""

from collections.abc import Callable
from typing import Any

from picows.picows import WSListener

from gharial.net.turns import Turns
from gharial.websocket.messages import MessageTaker
from gharial.websocket.size_list import SizeList

# As numbers, since they are compared in C.
_TEXT = 1
_BINARY = 2


class PlainFrames(WSListener):
    """
    Hands on messages that are one plain frame each, and leaves all else to its subclass.

    Attributes:
        at_s: When the bytes of the present frame came, on the monotonic clock.
        is_blocked: Whether not all could be written.
        is_dated: Whether what reads the bytes sets `at_s` itself.
        turns: What dates the bytes otherwise.

    """

    __slots__ = (
        "_count",
        "_is_first_of_read",
        "_sizes",
        "_take",
        "_taker",
        "at_s",
        "is_blocked",
        "is_dated",
        "turns",
    )

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self._count: Callable[[int, float], object] = _nothing
        self._take: Callable[[Any, float], object] | None = None
        # The same two where a message needs neither its time nor an object of its own.
        self._sizes: SizeList | None = None
        self._taker: MessageTaker | None = None
        self.at_s = 0.0
        self.is_blocked = False
        self.is_dated = False
        # Whether the next frame is the first of a read: all frames of one read arrived
        # at the same instant, however long the earlier ones take to handle.
        self._is_first_of_read = True

    def lead(
        self,
        count: Callable[[int, float], object],
        take: MessageTaker | Callable[[Any, float], object] | None,
    ) -> None:
        """
        Hand plain messages to ``take``; None leaves them.

        Their sizes go to ``count``, with the instant at which they came.
        """
        self._count = count
        self._sizes = count if isinstance(count, SizeList) else None
        self._take = take
        self._taker = take if isinstance(take, MessageTaker) else None

    def date_by_turn(self) -> None:
        """Date the frames to come by the turn of the event loop; called in C, too."""
        turns = self.turns
        at_s = turns.instant_s[0] if turns.instant_s else turns.began_at_s()
        # A second read of one turn came later than the loop knew.
        self.at_s = at_s if at_s > self.at_s else turns.now_s()

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        """Hand a whole message on; anything but one plain frame goes the long way."""
        if self._is_first_of_read and not self.is_dated:
            self.date_by_turn()
        self._is_first_of_read = frame.last_in_buffer
        if (
            self._take is None
            or not frame.fin
            or frame.rsv1
            or frame.rsv2
            or frame.rsv3
            or not (frame.msg_type == _TEXT or frame.msg_type == _BINARY)
        ):
            self.take_other(frame)
            return
        # Before the frame is taken: it is gone then.
        size = frame.payload_size
        if self._taker is not None and self._sizes is not None:
            if self._taker.take_frame(frame, self.at_s):
                self._sizes.add(size)
            else:
                self.refuse_text()
            return
        data: Any
        if frame.msg_type == _BINARY:
            data = frame.get_payload_as_bytes()
        else:
            try:
                data = frame.get_payload_as_utf8_text()
            except UnicodeDecodeError:
                self.refuse_text()
                return
        self._count(size, self.at_s)
        self._take(data, self.at_s)

    def take_other(self, frame: Any) -> None:
        """Take a frame that is no plain message, or that nobody wants to have directly."""
        raise NotImplementedError

    def refuse_text(self) -> None:
        """Take note that a text message is not UTF-8."""
        raise NotImplementedError


def _nothing(size_bytes: int, at_s: float) -> None:
    return None
