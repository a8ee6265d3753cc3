"""
Back-pressure: from a bound on connections are not read, until half of it is left.

What is not read stays in the network, and then with the server, which has to wait.
"""

from collections.abc import Callable
from typing import Protocol


class Readable(Protocol):
    """What can be left unread: a wire."""

    def pause_reading(self) -> None:
        """Leave what comes in the network."""
        ...

    def resume_reading(self) -> None:
        """Read again."""
        ...


class Reading:
    """
    Whether a connection is read: it is, unless somebody has a reason not to.

    A reason is any object: the same one is given to pause and to resume, so that no reason
    can undo another. A reason given before the connection is open counts from then on.
    """

    __slots__ = ("_reasons", "_wire")

    def __init__(self) -> None:
        self._wire: Readable | None = None
        # Shared by all connections that are read.
        self._reasons: frozenset[object] = frozenset()

    def start(self, wire: Readable) -> None:
        """Hold for this wire from now on."""
        self._wire = wire
        if self._reasons:
            wire.pause_reading()

    def pause(self, reason: object) -> None:
        """Read no more until this reason is gone."""
        if not self._reasons and self._wire is not None:
            self._wire.pause_reading()
        self._reasons |= {reason}

    def resume(self, reason: object) -> None:
        """Read again, if this was the last reason not to."""
        if reason in self._reasons:
            self._reasons -= {reason}
            if not self._reasons and self._wire is not None:
                self._wire.resume_reading()

    def read_all(self) -> None:
        """Read whatever the reasons: the peer's close comes behind what it sent."""
        wire, was_paused = self._wire, bool(self._reasons)
        self.end()
        if was_paused and wire is not None:
            wire.resume_reading()

    def end(self) -> None:
        """Let go of the wire, and leave it as it is."""
        self._reasons = frozenset()
        self._wire = None


class BackPressure:
    """
    Counts what waits for somebody, and leaves connections unread while that is too much.

    Attributes:
        limit_bytes: The bound.
        size_bytes: What waits now.
        paused: The connections that are not read because of it.

    """

    __slots__ = ("_on_relief", "limit_bytes", "paused", "size_bytes")

    def __init__(self, limit_bytes: int, on_relief: Callable[[], object]) -> None:
        """
        Begin with nothing that waits.

        Args:
            limit_bytes: The bound.
            on_relief: Called when no connection is unread because of it any more.

        """
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self.paused: dict[Reading, None] = {}
        self._on_relief = on_relief

    @property
    def is_full(self) -> bool:
        """Whether the bound is reached."""
        return self.size_bytes >= self.limit_bytes

    def pause(self, reading: Reading) -> None:
        """Leave a connection unread until there is room."""
        self.paused[reading] = None
        reading.pause(self)

    def relieve(self) -> None:
        """Read on if there is room: at half of the bound, so as not to stop at once."""
        if self.paused and self.size_bytes * 2 <= self.limit_bytes:
            self.read_on()

    def read_on(self) -> None:
        """Read on whatever waits."""
        if not self.paused:
            return
        paused, self.paused = self.paused, {}
        self._on_relief()
        for reading in paused:
            reading.resume(self)

    def forget(self, reading: Reading) -> None:
        """Let go of a connection that is closed, or is to be read whatever waits."""
        if reading in self.paused:
            del self.paused[reading]
            if not self.paused:
                self._on_relief()
