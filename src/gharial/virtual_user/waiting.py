"""
What waits for a busy script: bounded, over all sockets of one virtual user.

As long as there is room, sockets are read whatever the script does, so that pings are
answered, closes heard and messages dated. At the bound the kernel and the server keep the
rest.
"""

from collections.abc import Callable
from sys import getsizeof
from typing import Protocol

from gharial.timing import format_duration

# The usual bound: 4 s of 2,000 small messages a second take 3 MB.
QUEUE_BYTES = 8 * 1024 * 1024
# A task with its arguments beside the message itself (measured).
_TASK_BYTES = 224


class Readable(Protocol):
    """A socket that can be left unread."""

    def stop_reading(self) -> None:
        """Leave what comes in the network."""
        ...

    def read_on(self) -> None:
        """Read again, unless something else speaks against it."""
        ...


def waiting_bytes(data: str | bytes) -> int:
    """Return what a message takes while it waits, as it came from the wire."""
    return getsizeof(data) + _TASK_BYTES


class Waiting:
    """
    Counts what waits for one script.

    Attributes:
        limit_bytes: From here on sockets are not read, until half of it is left.
        size_bytes: What waits now.

    """

    __slots__ = (
        "_began_at_s",
        "_now_s",
        "_report",
        "_stopped",
        "_stopped_at_s",
        "limit_bytes",
        "size_bytes",
    )

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
            report: Called with a text whenever sockets had not been read for a while.

        """
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self._now_s = now_s
        self._report = report
        self._began_at_s = 0.0
        self._stopped_at_s = 0.0
        self._stopped: dict[Readable, None] = {}

    def add(self, socket: Readable, size_bytes: int) -> None:
        """Count what came by a socket; the socket is not read any more past the bound."""
        if not self.size_bytes:
            self._began_at_s = self._now_s()
        self.size_bytes += size_bytes
        if self.size_bytes >= self.limit_bytes and socket not in self._stopped:
            if not self._stopped:
                self._stopped_at_s = self._now_s()
            self._stopped[socket] = None
            socket.stop_reading()

    def remove(self, size_bytes: int) -> None:
        """Count what waits no longer; sockets are read again below half of the bound."""
        # Of what was given up by `clear`, some may be taken yet.
        self.size_bytes = max(0, self.size_bytes - size_bytes)
        if self._stopped and self.size_bytes * 2 <= self.limit_bytes:
            self._read_on()

    def forget(self, socket: Readable) -> None:
        """Let go of a socket that is closed, or is to be read whatever waits."""
        if socket in self._stopped:
            del self._stopped[socket]
            if not self._stopped:
                self._say()

    def clear(self) -> None:
        """Take note that nothing waits any more."""
        self.size_bytes = 0
        if self._stopped:
            self._read_on()

    def _read_on(self) -> None:
        stopped, self._stopped = self._stopped, {}
        self._say()
        for socket in stopped:
            socket.read_on()

    def _say(self) -> None:
        now_s = self._now_s()
        unread = format_duration(round(now_s - self._stopped_at_s, 3))
        busy = format_duration(round(now_s - self._began_at_s, 3))
        self._report(
            f"sockets of a virtual user were not read for {unread}, nor pings answered: "
            f"its script was busy or asleep for {busy}, and messages of "
            f"{self.limit_bytes:,} bytes waited for it. Servers may close such sockets "
            "(1011). --message-queue-size allows more"
        )
