"""The port to the owner of a connection."""

from typing import Protocol

from gharial.net.failures import Failure


class ConnectionListener(Protocol):
    """
    Hears what happens on a connection, for the script that owns it.

    Methods are called when it happens on the wire and must not raise; whoever listens
    queues what its script is to see. ``at_s`` is on the monotonic clock. ``on_close``
    comes last and exactly once, also for sockets that never opened.
    """

    def on_open(self, at_s: float) -> None:
        """The upgrade is answered; protocol and extensions are known."""
        ...

    def on_message(self, data: str | bytes, at_s: float) -> None:
        """A whole message came while the connection was open."""
        ...

    def on_ping(self, at_s: float) -> None:
        """A ping came and was answered."""
        ...

    def on_pong(self, at_s: float) -> None:
        """A pong came."""
        ...

    def on_closing(self, at_s: float) -> None:
        """The peer began the closing handshake."""
        ...

    def on_error(self, failure: Failure, at_s: float) -> None:
        """The connection failed; ``on_close`` follows."""
        ...

    def on_close(self, code: int, reason: str, was_clean: bool, at_s: float) -> None:  # noqa: FBT001 - a fact of the event
        """The connection is gone."""
        ...
