"""
The pings of one connection, and which of them were answered.

Source:
    RFC 6455 section 5.5.3: a pong may answer the pings before its own as well. k6 v2.2,
    ``websockets.go``, for the payload: a counter.
"""

# Pings whose pongs may still come; older ones are forgotten.
PINGS_MAXIMUM = 1_024


class Pings:
    """Numbers pings, and matches pongs with them."""

    __slots__ = ("_answered", "_sent", "_sent_at_s")

    def __init__(self) -> None:
        self._sent_at_s: dict[bytes, float] = {}
        self._answered = 0
        self._sent = 0

    @property
    def lost(self) -> int:
        """How many were sent and not answered, by a later pong neither."""
        return self._sent - self._answered

    @property
    def answered_count(self) -> int:
        """How many were answered, by their own pong or a later one."""
        return self._answered

    def next_payload(self, at_s: float) -> bytes:
        """Return the payload of a ping that is sent now, to recognize its pong by."""
        payload = b"%d" % self._sent
        self._sent += 1
        if len(self._sent_at_s) >= PINGS_MAXIMUM:
            del self._sent_at_s[next(iter(self._sent_at_s))]
        self._sent_at_s[payload] = at_s
        return payload

    def answered(self, payload: bytes) -> float | None:
        """Take a pong; return when its ping was sent, None if it answers none of ours."""
        sent_at_s = self._sent_at_s.pop(payload, None)
        if sent_at_s is not None:
            self._answered = max(self._answered, int(payload) + 1)
        return sent_at_s
