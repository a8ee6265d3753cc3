"""A message that comes in several frames."""

import codecs
from typing import Any

from picows import WSMsgType

from gharial.websocket.deflate import Deflate
from gharial.websocket.wire.frame_sizes import wire_size


class PartialMessage:
    """
    Puts a message together out of its fragments.

    They are inflated and checked as they come, so that a bad byte or a bomb is found at
    once, not at the end of the message.

    Attributes:
        kind: Whether it is a text.
        payload: What has come so far, inflated.

    """

    __slots__ = ("_decoder", "_deflate", "_wire_payload_bytes", "kind", "payload")

    def __init__(self, kind: Any, deflate: Deflate | None) -> None:
        """
        Begin with nothing.

        Args:
            kind: Text or binary, as its first frame says.
            deflate: What inflates it; None if it is not compressed.

        """
        self.kind = kind
        self._deflate = deflate
        # In one piece: a list would take 8 bytes for each fragment without content.
        self.payload = bytearray()
        self._wire_payload_bytes = 0
        self._decoder = (
            codecs.getincrementaldecoder("utf-8")() if kind is WSMsgType.TEXT else None
        )

    def grow(self, size_bytes: int) -> int:
        """Count a fragment's payload as it came; return the size of all so far."""
        self._wire_payload_bytes += size_bytes
        return self._wire_payload_bytes

    def add(self, part: bytes, *, is_last: bool) -> int:
        """
        Add a fragment.

        Returns:
            Its bytes on the wire that are not counted otherwise: those of the whole
            message as one frame are, once it is there.

        Raises:
            InflateError: If it cannot be inflated, or not within the limit.
            UnicodeDecodeError: If a text message is not UTF-8.

        """
        wire_bytes = wire_size(len(part))
        if self._deflate is not None:
            part = self._deflate.inflate_part(part, is_last=is_last)
        if self._decoder is not None:
            self._decoder.decode(part, final=is_last)
        self.payload += part
        if is_last:
            wire_bytes -= wire_size(len(self.payload))
        return wire_bytes
