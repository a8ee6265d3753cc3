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

    """

    __slots__ = ("_began_at_s", "loop", "now_s")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, now_s: Callable[[], float]
    ) -> None:
        self.loop = loop
        self.now_s = now_s
        self._began_at_s: float | None = None

    def began_at_s(self) -> float:
        """Return when the first read of this turn of the loop was dated."""
        began_at_s = self._began_at_s
        if began_at_s is None:
            began_at_s = self._began_at_s = self.now_s()
            # Called before the loop asks again what there is to read.
            self.loop.call_soon(self._end)
        return began_at_s

    def _end(self) -> None:
        self._began_at_s = None
