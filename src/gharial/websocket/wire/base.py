"""The port between a connection and the frame engine that it runs on."""

from collections.abc import Callable
from typing import Any, Protocol

from gharial.websocket.messages import MessageTaker

# Called with a whole message and the instant at which it came; see `Wire.hand_over`.
TakeMessage = Callable[[Any, float], object]


class Wire(Protocol):
    """
    An upgraded transport that frames what it is told to send.

    All methods are called on the event loop's thread and return at once. What cannot be
    written immediately is kept by the transport, in order.

    Attributes:
        is_mute: Whether nothing can be sent any more; what is, is dropped.

    """

    is_mute: bool

    def send_text(self, payload: bytes) -> int | None:
        """Send UTF-8 as one whole text message; return its bytes if it was compressed."""
        ...

    def send_binary(self, payload: bytes) -> int | None:
        """Send one whole binary message; return its bytes if it was compressed."""
        ...

    def hand_over(
        self,
        count: Callable[[int, float], object],
        take: MessageTaker | TakeMessage | None,
    ) -> None:
        """
        Hand whole messages to ``take`` from now on, and their sizes to ``count``.

        That saves the calls in between on the hot path. With None for ``take`` they go
        to ``text_received`` and ``binary_received`` again, as at first; some of them
        may even so.
        """
        ...

    def send_ping(self, payload: bytes) -> int:
        """Send a ping of at most 125 bytes; return the bytes put on the wire."""
        ...

    def send_pong(self, payload: bytes) -> int:
        """Send a pong of at most 125 bytes; return the bytes put on the wire."""
        ...

    def send_close(self, code: int | None, reason: bytes) -> int:
        """Send a close frame, empty if ``code`` is None; return the bytes for it."""
        ...

    def unsent_bytes(self) -> int:
        """Return how many bytes the transport still holds, framing included."""
        ...

    def pause_reading(self) -> None:
        """Leave further bytes in the kernel until :meth:`resume_reading`."""
        ...

    def resume_reading(self) -> None:
        """Read again."""
        ...

    def close(self) -> None:
        """Close TCP once all that was sent is written."""
        ...

    def abort(self) -> None:
        """Close TCP at once and forget what was not written."""
        ...


class WireEvents(Protocol):
    """
    What a connection wants to know of its wire. Its methods must not raise.

    ``at_s`` is always the instant at which the bytes were handed to us by the event
    loop, before anything looked at them.
    """

    def text_received(self, text: str, size_bytes: int, at_s: float) -> None:
        """Take one whole, valid text message; ``size_bytes`` is its UTF-8 length."""
        ...

    def binary_received(self, data: bytes, at_s: float) -> None:
        """Take one whole binary message."""
        ...

    def ping_received(self, payload: bytes, at_s: float) -> None:
        """Take a ping; answering it is the connection's business."""
        ...

    def pong_received(self, payload: bytes, at_s: float) -> None:
        """Take a pong."""
        ...

    def close_received(self, code: int | None, reason: str, at_s: float) -> None:
        """Take the peer's close frame, already checked; None where it had no code."""
        ...

    def bytes_received(self, wire_bytes: int) -> None:
        """Count bytes of frames that carry no whole message yet (fragments)."""
        ...

    def violated(self, code: int, problem: str, at_s: float) -> None:
        """
        Take note that the wire is closed for what the peer sent.

        ``code`` is our close code: 1009 for a message larger than we take; any other
        says that the peer broke the protocol.
        """
        ...

    def drained(self) -> None:
        """All that was handed to the transport has been written."""
        ...

    def muted(self) -> None:
        """
        Nothing can be sent any more, since a write failed or the end is near.

        What the peer sent before is still to come, and then `lost`.
        """
        ...

    def lost(self, error: BaseException | None, at_s: float) -> None:
        """Take note that TCP is gone; ``error`` is None after a clean end of file."""
        ...
