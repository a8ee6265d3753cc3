"""Between a connection and the script of a ``WebSocket`` in Python: events are posted."""

from typing import TYPE_CHECKING

from gharial.websocket.observer import Failure

if TYPE_CHECKING:
    from gharial.websocket.api import WebSocket


class PostingListener:
    """
    Hears a connection and posts what its socket's script is to see.

    Attributes:
        queued: Messages that wait for the script to have time.

    """

    __slots__ = (
        "_inbox",
        "_is_held",
        "_is_paused",
        "_offset_ms",
        "_post",
        "_queued_maximum",
        "_socket",
        "on_message",
        "queued",
    )

    def __init__(self, socket: "WebSocket") -> None:
        environment = socket._environment
        self._socket = socket
        self._post = environment.post
        self._inbox = socket._inbox
        # Hands a message on: at once if the script is idle, else in turn.
        self.on_message = environment.message_path(self._inbox, self._queue)
        self._offset_ms = socket._offset_ms
        self.queued = 0
        self._queued_maximum = socket._queued_maximum
        self._is_paused = False
        self._is_held = False

    def hold(self, *, is_held: bool) -> None:
        """Stop reading, or go on, because of what waits to be taken."""
        self._is_held = is_held
        if is_held:
            self._socket._connection.pause_reading()
        elif not self._is_paused:
            self._socket._connection.resume_reading()

    def _queue(self, data: str | bytes, at_ms: float) -> None:
        # Past the bound we stop reading, so that a server that floods a slow script
        # fills the network and not our memory.
        self.queued += 1
        if self.queued >= self._queued_maximum and not self._is_paused:
            self._is_paused = True
            self._socket._connection.pause_reading()
        self._post(self._deliver, data, at_ms)

    def on_open(self, at_s: float) -> None:
        """Hand it on."""
        self._post(self._socket._dispatch_open, self._ms(at_s))

    def on_ping(self, at_s: float) -> None:
        """Hand it on."""
        self._post(self._socket._dispatch_control, "ping", self._ms(at_s))

    def on_pong(self, at_s: float) -> None:
        """Hand it on."""
        self._post(self._socket._dispatch_control, "pong", self._ms(at_s))

    def on_closing(self, at_s: float) -> None:
        """Hand it on."""
        self._post(self._socket._dispatch_closing)

    def on_error(self, failure: Failure, at_s: float) -> None:
        """Hand it on."""
        self._post(self._socket._dispatch_error, failure, self._ms(at_s))

    def on_close(self, code: int, reason: str, was_clean: bool, at_s: float) -> None:  # noqa: FBT001 - the listener's signature
        """Hand it on."""
        self._post(
            self._socket._dispatch_close, code, reason, was_clean, self._ms(at_s)
        )

    def _deliver(self, data: str | bytes, at_ms: float) -> None:
        self.queued -= 1
        if self._is_paused and self.queued * 2 <= self._queued_maximum:
            self._is_paused = False
            if not self._is_held:
                self._socket._connection.resume_reading()
        self._inbox.receive(data, at_ms)

    def _ms(self, at_s: float) -> float:
        return at_s * 1e3 + self._offset_ms
