"""
Messages that wait for a busy script, bounded over all sockets of one virtual user.

As long as there is room, sockets are read whatever the script does, so that pings are
answered, closes heard and messages dated. At the bound the kernel and the server keep the
rest.
"""

from collections.abc import Callable
from sys import getsizeof

from gharial.timing import format_duration
from gharial.websocket.back_pressure import BackPressure, Reading

# A task with its arguments, in addition to the message itself (measured).
_TASK_BYTES = 224


def waiting_bytes(data: str | bytes) -> int:
    """Return the memory that a waiting message takes, as it came from the wire."""
    return getsizeof(data) + _TASK_BYTES


class Waiting(BackPressure):
    """Counts what waits for one script; its sockets are not read past the bound."""

    __slots__ = ("_began_at_s", "_now_s", "_paused_at_s", "_report")

    def __init__(
        self,
        limit_bytes: int,
        now_s: Callable[[], float],
        report: Callable[[str], object],
    ) -> None:
        """
        Take what it goes by.

        Args:
            limit_bytes: The bound.
            now_s: The monotonic clock.
            report: Called with a message whenever sockets had not been read for a while.

        """
        super().__init__(limit_bytes, self._say)
        self._now_s = now_s
        self._report = report
        self._began_at_s = 0.0
        self._paused_at_s = 0.0

    def add(self, reading: Reading, size_bytes: int) -> None:
        """Count what came by a socket; the socket is not read any more past the bound."""
        if not self.size_bytes:
            self._began_at_s = self._now_s()
        self.size_bytes += size_bytes
        if self.is_full and reading not in self.paused:
            if not self.paused:
                self._paused_at_s = self._now_s()
            self.pause(reading)

    def remove(self, size_bytes: int) -> None:
        """Count what waits no longer; sockets are read again below half of the bound."""
        # Of what was given up by `clear`, some may be taken yet.
        self.size_bytes = max(0, self.size_bytes - size_bytes)
        self.relieve()

    def clear(self) -> None:
        """Take note that nothing waits any more."""
        self.size_bytes = 0
        self.read_on()

    def _say(self) -> None:
        now_s = self._now_s()
        unread = format_duration(round(now_s - self._paused_at_s, 3))
        busy = format_duration(round(now_s - self._began_at_s, 3))
        self._report(
            f"sockets of a virtual user were not read for {unread}, and pings not "
            f"answered: its script was busy or asleep for {busy}, and "
            f"{self.limit_bytes:,} bytes of messages waited for it. Servers may close "
            "such sockets (1011). --message-queue-size allows more"
        )
