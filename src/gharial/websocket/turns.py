"""The instant at which the event loop last learnt what there is to read."""

import asyncio
from collections.abc import Callable


class Turns:
    """
    Instants of the event loop's turns, the same for all that is read in one turn.

    What the loop reads in one turn was there when the turn began, since that is how the
    loop knew. Without this, the last socket of a turn would have its bytes dated after all
    the handlers of the sockets before it: at 10,000 messages a second, one process, that
    is most of a millisecond, and it would count as the server's.

    Attributes:
        loop: The loop.
        now_s: The monotonic clock.
        instant_s: Holds when the first read of this turn was dated; empty before that. The
            path of a message looks here first, which costs no call.

    """

    __slots__ = ("instant_s", "loop", "now_s")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, now_s: Callable[[], float]
    ) -> None:
        self.loop = loop
        self.now_s = now_s
        self.instant_s: list[float] = []

    def began_at_s(self) -> float:
        """Return when the first read of this turn of the loop was dated."""
        if not self.instant_s:
            self.instant_s.append(self.now_s())
            # Called before the loop asks again what there is to read.
            self.loop.call_soon(self.instant_s.clear)
        return self.instant_s[0]
