"""Frames that were read and will be handled later."""

from picows import WSFrame


class HeldFrame:
    """A copy of a frame, with the instant at which it came; as `WSFrame` otherwise."""

    __slots__ = ("_payload", "at_s", "fin", "msg_type", "rsv1", "rsv2", "rsv3")

    def __init__(self, frame: WSFrame, at_s: float) -> None:
        self.at_s = at_s
        self.msg_type = frame.msg_type
        self.fin = frame.fin
        self.rsv1, self.rsv2, self.rsv3 = frame.rsv1, frame.rsv2, frame.rsv3
        self._payload = frame.get_payload_as_bytes()

    @property
    def payload_size(self) -> int:
        """Its size."""
        return len(self._payload)

    def get_payload_as_bytes(self) -> bytes:
        """Return its content."""
        return self._payload
