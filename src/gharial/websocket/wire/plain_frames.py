"""
Messages in one plain frame: the hot path of nearly every message.

``plain_frames.pyx`` is the same in C, and takes the place of this file where it could be
compiled.
"""

from collections.abc import Callable
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from gharial.net.turns import Turns
from gharial.websocket.messages import MessageTaker
from gharial.websocket.size_list import SizeList

_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY


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
        "_append",
        "_count",
        "_is_first_of_read",
        "_now_s",
        "_take",
        "_turn_began_at_s",
        "_turn_instant_s",
        "at_s",
        "is_blocked",
        "is_dated",
        "turns",
    )

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self._now_s = turns.now_s
        self._turn_instant_s = turns.instant_s
        self._turn_began_at_s = turns.began_at_s
        self._append: Callable[[int], object] | None = None
        self._count: Callable[[int, float], object] = _nothing
        self._take: Callable[[Any, float], object] | None = None
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
        self._append = count.append if isinstance(count, SizeList) else None
        self._count = count
        self._take = take.take if isinstance(take, MessageTaker) else take

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Hand a whole message on; anything but one plain frame goes the long way."""
        if self._is_first_of_read and not self.is_dated:
            known = self._turn_instant_s
            at_s = known[0] if known else self._turn_began_at_s()
            # A second read of one turn came later than the loop knew.
            self.at_s = at_s if at_s > self.at_s else self._now_s()
        self._is_first_of_read = frame.last_in_buffer
        take = self._take
        if (
            take is not None
            and frame.fin
            and not (frame.rsv1 or frame.rsv2 or frame.rsv3)
        ):
            kind, append = frame.msg_type, self._append
            if kind is _TEXT:
                try:
                    text = frame.get_payload_as_utf8_text()
                except UnicodeDecodeError:
                    self.refuse_text()
                    return
                if append is None:
                    self._count(frame.payload_size, self.at_s)
                else:
                    append(frame.payload_size)
                take(text, self.at_s)
                return
            if kind is _BINARY:
                if append is None:
                    self._count(frame.payload_size, self.at_s)
                else:
                    append(frame.payload_size)
                take(frame.get_payload_as_bytes(), self.at_s)
                return
        self.take_other(frame)

    def take_other(self, frame: WSFrame) -> None:
        """Take a frame that is no plain message, or that nobody wants to have directly."""
        raise NotImplementedError

    def refuse_text(self) -> None:
        """Take note that a text message is not UTF-8."""
        raise NotImplementedError


def _nothing(size_bytes: int, at_s: float) -> None:
    return None
