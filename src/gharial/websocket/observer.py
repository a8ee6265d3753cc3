"""The port through which a connection reports facts to be measured."""

from collections.abc import Callable
from typing import Protocol

from gharial.lazy_dataclass import dataclass
from gharial.lenses.lens import Facts
from gharial.net.failures import Failure


@dataclass(frozen=True, slots=True)
class OpeningFacts:
    """
    One attempt to connect, after it ended in either way.

    Attributes:
        started_at_s: When the attempt began, on the monotonic clock.
        ended_at_s: When the upgrade was answered or the attempt failed.
        dns_s: Time for name resolution; None where that phase was not reached or needed.
        tcp_s: Time for TCP's connect (through a proxy: to the proxy, and its answer).
        tls_s: Time for TLS's handshake.
        upgrade_s: Time from the request's first byte to the answer's last header.
        status: HTTP status of the answer, if there was one.
        protocol: The negotiated subprotocol, empty for none.
        ip: The peer's address, empty if no connection was made.
        sent_bytes: Bytes of the request.
        received_bytes: Bytes of the answer.
        failure: What went wrong; None if the socket is open.
        server: The answer's ``Server`` header, empty for none.

    """

    started_at_s: float
    ended_at_s: float
    dns_s: float | None
    tcp_s: float | None
    tls_s: float | None
    upgrade_s: float | None
    status: int | None
    protocol: str
    ip: str
    sent_bytes: int
    received_bytes: int
    failure: Failure | None
    server: str = ""


def given_up(started_at_s: float, ended_at_s: float, failure: Failure) -> OpeningFacts:
    """Return the facts of an attempt that its owner gave up."""
    return OpeningFacts(
        started_at_s=started_at_s,
        ended_at_s=ended_at_s,
        dns_s=None,
        tcp_s=None,
        tls_s=None,
        upgrade_s=None,
        status=None,
        protocol="",
        ip="",
        sent_bytes=0,
        received_bytes=0,
        failure=failure,
    )


class ConnectionObserver(Protocol):
    """
    Hears what happens on one connection, in order, as it happens.

    Attributes:
        count_sent: Called with the payload's size in bytes when a data message was
            handed to the transport. This and ``count_received`` are on the path of every
            message, so they should be a `SizeList` each, which is not called but added
            to; both are asked for once, when ``opening_ended`` has told that it is open.
        count_received: Called with the payload's size and the instant at which it came
            when a whole data message did.

    The bytes that frames take on the wire follow from the sizes (see ``wire_size``); of
    compressed messages the difference is told to ``bytes_sent`` and ``bytes_received``.

    """

    @property
    def count_sent(self) -> Callable[[int], object]:
        """What counts data messages sent."""
        ...

    @property
    def count_received(self) -> Callable[[int, float], object]:
        """What counts data messages received."""
        ...

    def opening_ended(self, facts: OpeningFacts) -> None:
        """The attempt to connect is over."""
        ...

    def bytes_sent(self, wire_bytes: int) -> None:
        """Bytes were sent besides data messages; below zero for what compression saved."""
        ...

    def bytes_received(self, wire_bytes: int) -> None:
        """Bytes arrived besides data messages; below zero for what compression saved."""
        ...

    def pong_matched(self, round_trip_s: float, at_s: float) -> None:
        """A pong answered one of our pings, wire to wire."""
        ...

    def pings_lost(self, count: int, at_s: float) -> None:
        """The socket has ended, and this many of our pings were not answered."""
        ...

    def request_ended(self, duration_s: float | None, name: str) -> None:
        """A request of the script's was answered, wire to wire; None: it was not."""
        ...

    def lens_facts(self, protocol: str) -> Facts | None:
        """Return what hears what a lens reads on the open socket; None if nobody does."""
        ...

    def failed(self, failure: Failure, at_s: float) -> None:
        """Something went wrong after the socket had opened."""
        ...

    def closed(self, code: int, at_s: float) -> None:
        """
        The socket is gone; told once for every socket that had opened.

        ``code`` is the close event's: 1005 for none, 1006 for an abnormal end.
        """
        ...
