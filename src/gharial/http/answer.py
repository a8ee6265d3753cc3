"""An answer over HTTP while its body arrives: who takes it, and what it measures."""

from typing import Protocol

import aiohttp

from gharial.http.connector import Attempt
from gharial.http.exchange import HttpExchange, Pairs, Timings
from gharial.http.hops import Hop
from gharial.timing import Clock


class BodySink(Protocol):
    """Takes the body of an answer piece by piece."""

    def begin(self, exchange: HttpExchange) -> None:
        """Hear that the headers are there; the exchange has no body and no end yet."""
        ...

    async def write(self, chunk: bytes) -> None:
        """Take a piece; returns once there is room for the next."""
        ...


class Answer:
    """
    The answer to one request, from its headers on.

    Args:
        hop: What was asked for.
        attempt: The connection, and what was sent.
        response: The answer.
        clock: The clock.
        began_at_s: When the request began.

    """

    def __init__(
        self,
        hop: Hop,
        attempt: Attempt,
        response: aiohttp.ClientResponse,
        *,
        clock: Clock,
        began_at_s: float,
    ) -> None:
        self._hop = hop
        self._attempt = attempt
        self._response = response
        self._clock = clock
        self._began_at_s = began_at_s
        self._answered_at_s = clock.now_s()
        self._receiving_s = 0.0
        self._received_bytes = 0
        self._is_whole = False
        self._body = b""
        self._headers: Pairs = tuple(
            (name.decode("latin-1"), value.decode("utf-8", "replace"))
            for name, value in response.raw_headers
        )

    @property
    def has_arrived(self) -> bool:
        """Whether all of the body is here already."""
        return self._response.content.is_eof()

    @property
    def set_cookies(self) -> tuple[str, ...]:
        """The values of its headers Set-Cookie."""
        return tuple(v for n, v in self._headers if n.lower() == "set-cookie")

    async def read(self) -> None:
        """Read the whole body."""
        try:
            self._body = await self._response.read()
            self._is_whole = True
        finally:
            self._receiving_s = self._clock.now_s() - self._answered_at_s
            self._note(self._response.content.total_bytes)

    async def feed(self, sink: BodySink) -> None:
        """
        Hand the body on as it arrives.

        The time for which the sink had no room is not the server's: it is not measured.
        """
        sink.begin(self.exchange())
        content = self._response.content
        while True:
            began_at_s = self._clock.now_s()
            try:
                chunk = await content.readany()
            finally:
                self._receiving_s += self._clock.now_s() - began_at_s
            if not chunk:
                break
            self._note(self._received_bytes + len(chunk))
            await sink.write(chunk)
        self._is_whole = True

    def exchange(self) -> HttpExchange:
        """Return what was exchanged so far."""
        response, hop, attempt = self._response, self._hop, self._attempt
        version = response.version
        return HttpExchange(
            hop.method,
            hop.url,
            status=response.status,
            reason=response.reason or "",
            headers=self._headers,
            body=self._body,
            version=f"HTTP/{version.major}.{version.minor}" if version else "",
            timings=timings(
                attempt,
                self._began_at_s,
                self._answered_at_s,
                self._answered_at_s + self._receiving_s,
            ),
            received_bytes=_head_bytes(self._headers) + self._wire_bytes(),
            written_url=hop.written_url,
            **attempt.connection(),
        )

    def _note(self, received_bytes: int) -> None:
        self._received_bytes = received_bytes
        # What a failure leaves of the answer.
        self._attempt.received_bytes = _head_bytes(self._headers) + received_bytes

    def _wire_bytes(self) -> int:
        # A compressed body is shorter on the wire than what was read.
        length = self._response.headers.get("Content-Length", "")
        is_told = self._is_whole and length.isdecimal() and self._hop.method != "HEAD"
        return int(length) if is_told else self._received_bytes


def timings(
    attempt: Attempt, began_at_s: float, answered_at_s: float, ended_at_s: float
) -> Timings:
    """Return how long each phase of an exchange took."""
    connected_at_s = attempt.connected_at_s or began_at_s
    # A server may answer before it has the whole request.
    sent_at_s = min(attempt.sent_at_s or connected_at_s, answered_at_s)
    dial_began_at_s = attempt.dial_began_at_s
    return Timings(
        blocked_s=(dial_began_at_s or connected_at_s) - began_at_s,
        connecting_s=attempt.connecting_s,
        tls_s=attempt.tls_s,
        sending_s=max(0.0, sent_at_s - connected_at_s),
        waiting_s=max(0.0, answered_at_s - sent_at_s),
        receiving_s=max(0.0, ended_at_s - answered_at_s),
    )


def fields_bytes(headers: Pairs) -> int:
    """Return how many bytes headers take on the wire, with the empty line."""
    return sum(len(name) + len(value) + 4 for name, value in headers) + 2


def _head_bytes(headers: Pairs) -> int:
    return len("HTTP/1.1 200 OK\r\n") + fields_bytes(headers)
