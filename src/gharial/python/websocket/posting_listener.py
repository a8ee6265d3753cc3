"""Between a connection and the script of a ``WebSocket`` in Python: events are posted."""

from typing import TYPE_CHECKING

from gharial.net.failures import Failure
from gharial.virtual_user.waiting import waiting_bytes

if TYPE_CHECKING:
    from gharial.python.websocket.dispatching import DispatchingSocket


class PostingListener:
    """
    Hears a connection and posts what its socket's script is to see.

    Attributes:
        queued: Messages that wait for the script to have time.

    """

    __slots__ = (
        "_inbox",
        "_offset_ms",
        "_post",
        "_socket",
        "_waiting",
        "on_message",
        "queued",
    )

    def __init__(self, socket: "DispatchingSocket") -> None:
        environment = socket._environment
        self._socket = socket
        self._post = environment.post
        self._inbox = socket._inbox
        # Hands a message on: at once if the script is idle, else in turn.
        self.on_message = environment.message_path(self._inbox, self._queue)
        self._offset_ms = environment.clock.epoch_ms(0.0)
        self.queued = 0
        self._waiting = environment.waiting

    def _queue(self, data: str | bytes, at_ms: float) -> None:
        self.queued += 1
        self._waiting.add(self._socket._connection.reading, waiting_bytes(data))
        self._post(self._deliver, data, at_ms)

    def on_open(self, at_s: float) -> None:
        """Hand it on."""
        self._post(self._socket._dispatch_open, self._ms(at_s))

    def on_ping(self, at_s: float) -> None:
        """Hand it on."""
        self._post_control("ping", at_s)

    def on_pong(self, at_s: float) -> None:
        """Hand it on."""
        self._post_control("pong", at_s)

    def on_closing(self, at_s: float) -> None:
        """Hand it on."""
        self._post(self._socket._dispatch_closing)

    def on_error(self, failure: Failure, at_s: float) -> None:
        """Hand it on."""
        self._post(self._socket._dispatch_error, failure, self._ms(at_s))

    def on_close(self, code: int, reason: str, was_clean: bool, at_s: float) -> None:  # noqa: FBT001 - the listener's signature
        """Hand it on."""
        self._waiting.forget(self._socket._connection.reading)
        self._post(
            self._socket._dispatch_close, code, reason, was_clean, self._ms(at_s)
        )

    def _deliver(self, data: str | bytes, at_ms: float) -> None:
        self.queued -= 1
        self._waiting.remove(waiting_bytes(data))
        self._inbox.receive(data, at_ms)

    def _post_control(self, kind: str, at_s: float) -> None:
        # They wait as messages do, and a server may send as many as it likes.
        self._waiting.add(self._socket._connection.reading, waiting_bytes(kind))
        self._post(self._deliver_control, kind, self._ms(at_s))

    def _deliver_control(self, kind: str, at_ms: float) -> None:
        self._waiting.remove(waiting_bytes(kind))
        self._socket._dispatch_control(kind, at_ms)

    def _ms(self, at_s: float) -> float:
        return at_s * 1e3 + self._offset_ms
