"""The moment at which the event loop last polled its sockets."""

import asyncio
from collections.abc import Callable

# A turn that lasts this long is crowded: the date of its last read would be off by as much.
CROWDED_S = 100e-6
# So many turns are dated after a crowded one, since more of them are likely to come.
DATED_TURNS = 64
# As long as no turn is crowded, one in this many reads is checked for it. A prime
# number, so that it is not always the same read of equal turns.
READS_BETWEEN = 31


class Turns:
    """
    Instants of the event loop's turns, the same for all that is read in one turn.

    What the loop reads in one turn was there when the turn began, since that is how the
    loop knew. Without this, the last socket of a turn would have its bytes dated after all
    the handlers of the sockets before it: at 10,000 messages a second, one process, that
    is most of a millisecond, and it would count as the server's.

    To learn that a turn is over takes a callback, and with uvloop another question to the
    kernel: together 2 microseconds, a fifth of what a round trip costs if each turn has one
    read. So turns are dated as one only while some are crowded; else each read is dated by
    itself, and off by no more than `CROWDED_S`.

    Attributes:
        loop: The loop.
        now_s: The monotonic clock.
        instant_s: Holds when the first read of this turn was dated; empty before that. The
            hot path looks here first, which costs no call.

    """

    __slots__ = ("_dates_left", "_reads_left", "instant_s", "loop", "now_s")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, now_s: Callable[[], float]
    ) -> None:
        self.loop = loop
        self.now_s = now_s
        self.instant_s: list[float] = []
        self._dates_left = DATED_TURNS
        self._reads_left = READS_BETWEEN

    def began_at_s(self) -> float:
        """Return when the first read of this turn of the loop was dated."""
        if self.instant_s:
            return self.instant_s[0]
        now_s = self.now_s()
        if not self._dates_left:
            self._reads_left -= 1
            if self._reads_left:
                return now_s
            self._reads_left = READS_BETWEEN
        self.instant_s.append(now_s)
        # Called before the loop asks again what there is to read.
        self.loop.call_soon(self._ended)
        return now_s

    def _ended(self) -> None:
        lasted_s = self.now_s() - self.instant_s.pop()
        if lasted_s >= CROWDED_S:
            self._dates_left = DATED_TURNS
        elif self._dates_left:
            self._dates_left -= 1
