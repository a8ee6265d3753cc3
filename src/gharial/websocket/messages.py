"""
The ports on the hot path: what takes a message from the wire, and what receives it.

Where a C compiler was there when Gharial was installed, this file is compiled
(``messages.pxd`` says how it looks in C), and those that implement the ports call each
other without a look-up. In plain Python it does the same.
"""

from typing import Any

# As a number, since it is compared in C.
_BINARY = 2


def content(frame: Any) -> Any:
    """
    Return the text or the bytes of a whole plain frame.

    Raises:
        UnicodeDecodeError: If the text is not UTF-8.

    """
    if frame.msg_type == _BINARY:
        return frame.get_payload_as_bytes()
    return frame.get_payload_as_utf8_text()


class MessageTaker:
    """Takes the messages of one socket from its wire."""

    __slots__ = ()

    def take(self, data: Any, at_s: float) -> None:
        """Take a text or bytes that came at this instant of the monotonic clock."""
        raise NotImplementedError

    def take_frame(self, frame: Any, at_s: float) -> bool:
        """
        Take a message that is still in the frame engine's buffer, in one whole frame.

        The frame is gone when this returns.

        Returns:
            Whether it was taken; if not, it is a text that is not UTF-8.

        """
        try:
            data = content(frame)
        except UnicodeDecodeError:
            return False
        self.take(data, at_s)
        return True

    def __call__(self, data: Any, at_s: float) -> None:
        """Take a text or bytes."""
        self.take(data, at_s)


class MessageReceiver:
    """Hands the messages of one socket to its script, each within a task."""

    __slots__ = ()

    def receive(self, data: Any, at_ms: float) -> None:
        """Hand on a text or bytes, with its milliseconds since the Unix epoch."""
        raise NotImplementedError

    def receive_frame(self, frame: Any, at_ms: float) -> bool:
        """Hand on a message that is still in the buffer; see `MessageTaker`."""
        try:
            data = content(frame)
        except UnicodeDecodeError:
            return False
        self.receive(data, at_ms)
        return True

    def has_jobs(self) -> bool:
        """Return whether jobs of the script's (promises) may be pending now."""
        return True
