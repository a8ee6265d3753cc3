"""The opening handshake: builds the request, reads and checks the response."""

import asyncio
import base64
import hashlib
import os
from typing import cast

from gharial.header_fields import HANDSHAKE_OWN, has_control, is_token
from gharial.net.answer import (
    AnswerError,
    ResponseParser,
    header_items,
    header_values,
    list_items,
)
from gharial.net.failures import FailureReason, HandshakeResponse, PhaseError
from gharial.net.last_reads import read_to_the_end
from gharial.net.url import Target
from gharial.timing import Clock
from gharial.websocket.extensions import (
    DeflateParameters,
    agreed_deflate,
    deflate_offer,
)
from gharial.websocket.opening_request import OpeningRequest

# How long a refused upgrade's body is waited for: it only helps to explain.
_BODY_PATIENCE_S = 1.0
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def new_key() -> str:
    """Return a fresh ``Sec-WebSocket-Key``."""
    return base64.b64encode(os.urandom(16)).decode("ascii")


def accept_of(key: str) -> str:
    """Return the ``Sec-WebSocket-Accept`` that answers a key."""
    digest = hashlib.sha1(key.encode("ascii") + _MAGIC, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode("ascii")


def build_request(
    target: Target, request: OpeningRequest, *, key: str, user_agent: str, cookie: str
) -> bytes:
    """
    Return the whole upgrade request.

    Args:
        target: The URL, taken apart.
        request: What to ask for; its headers go before ours where they may be set.
        key: A fresh key.
        user_agent: The ``User-Agent``, unless a header says otherwise.
        cookie: The value for ``Cookie``, unless a header says otherwise.

    Raises:
        PhaseError: ``HANDSHAKE``, if a header is not to be set, or would break the
            request.

    """
    given = {name.lower() for name, _ in request.headers}
    for name, value in request.headers:
        _check_header(name, value, protocols_given=bool(request.protocols))
    lines = [f"GET {target.resource or '/'} HTTP/1.1"]
    if "host" not in given:
        lines.append(f"Host: {target.authority}")
    else:
        lines.extend(f"Host: {v}" for n, v in request.headers if n.lower() == "host")
    if "user-agent" not in given and user_agent:
        lines.append(f"User-Agent: {user_agent}")
    lines += [
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    if request.protocols:
        lines.append(f"Sec-WebSocket-Protocol: {', '.join(request.protocols)}")
    if request.deflate is not None:
        offer = deflate_offer(request.deflate)
        lines.append(f"Sec-WebSocket-Extensions: {offer}")
    if "authorization" not in given and (target.username or target.password):
        credentials = f"{target.username}:{target.password}".encode()
        lines.append(f"Authorization: Basic {base64.b64encode(credentials).decode()}")
    if "cookie" not in given and cookie:
        lines.append(f"Cookie: {cookie}")
    lines += [f"{n}: {v}" for n, v in request.headers if n.lower() != "host"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def offered_protocols(request: OpeningRequest) -> tuple[str, ...]:
    """Return the subprotocols that the request offers, by argument or by header."""
    if request.protocols or not request.headers:
        return request.protocols
    values = [v for n, v in request.headers if n.lower() == "sec-websocket-protocol"]
    return tuple(list_items(values))


def check_response(
    response: HandshakeResponse, request: OpeningRequest, key: str
) -> tuple[str, str, DeflateParameters | None]:
    """
    Return what was agreed on: subprotocol, extensions as sent, and compression.

    Raises:
        PhaseError: If the answer does not open the socket.

    Source:
        RFC 6455 section 4.1; WebSockets standard, "establish a WebSocket connection".

    """
    if response.status != 101:
        status = f"{response.status} {response.status_text}".strip()
        # What the server says of when, or where, it would work.
        hints = [
            f", {name}: {values[0]}"
            for name in ("Retry-After", "Location")
            if (values := header_values(response, name.lower()))
        ]
        raise PhaseError(
            FailureReason.HANDSHAKE_STATUS,
            f"websocket: bad handshake: status {status}{''.join(hints)}",
            response,
        )
    if "websocket" not in map(str.lower, header_items(response, "upgrade")):
        raise _bad("the Upgrade header is not 'websocket'", response)
    if "upgrade" not in map(str.lower, header_items(response, "connection")):
        raise _bad("the Connection header has no 'Upgrade'", response)
    accepts = header_values(response, "sec-websocket-accept")
    if len(accepts) > 1:
        raise _bad("more than one Sec-WebSocket-Accept header", response)
    if accepts != [accept_of(key)]:
        raise _bad("bad Sec-WebSocket-Accept", response)
    protocol = _agreed_protocol(response, request)
    extensions = ", ".join(header_values(response, "sec-websocket-extensions"))
    try:
        deflate = agreed_deflate(extensions, offered=request.deflate)
    except ValueError as error:
        raise _bad(str(error), response) from error
    return protocol, extensions, deflate


class HandshakeProtocol(asyncio.Protocol):
    """
    Sends the request as soon as the transport is there, and reads the answer.

    When the answer is complete it stops reading; another protocol may then be set
    without losing a byte: ``parser.leftover`` has all that came before.

    Attributes:
        answered: Done when the answer is complete; its error is a PhaseError.
        connected_at_s: When the transport (with TLS) was ready.
        answered_at_s: When the last byte of the answer's header came.
        may_be_tls: Whether the server behaved as one that waits for TLS.
        parser: What was read.
        transport: The transport, once there is one.

    """

    __slots__ = (
        "_clock",
        "_request",
        "answered",
        "answered_at_s",
        "connected_at_s",
        "may_be_tls",
        "parser",
        "received_bytes",
        "transport",
    )

    def __init__(
        self, request: bytes, clock: Clock, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._request = request
        self._clock = clock
        self.answered: asyncio.Future[None] = loop.create_future()
        self.connected_at_s: float | None = None
        self.answered_at_s: float | None = None
        self.may_be_tls = False
        self.parser = ResponseParser()
        self.received_bytes = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        # aiofastnet's transports have all of the methods but not the base class.
        self.transport = cast(asyncio.Transport, transport)
        read_to_the_end(transport)
        self.connected_at_s = self._clock.now_s()
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        at_s = self._clock.now_s()
        self.received_bytes += len(data)
        parser = self.parser
        try:
            parser.feed(data)
        except AnswerError as error:
            self._refuse(error)
            return
        if parser.response is not None and self.answered_at_s is None:
            self.answered_at_s = at_s
            if not parser.is_finished:
                self.answered.get_loop().call_later(_BODY_PATIENCE_S, self._make_do)
        if parser.is_finished:
            self._finish(None)

    def eof_received(self) -> bool:
        """Make do with what has come."""
        if not self.answered.done():
            try:
                self.parser.end()
            except AnswerError as error:
                self._refuse(error)
            else:
                self._finish(None)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Make do with what has come."""
        if error is None or self.parser.response is not None:
            self.eof_received()
            return
        words = error.strerror if isinstance(error, OSError) else ""
        self._finish(
            PhaseError(
                FailureReason.RESET,
                "websocket: bad handshake: the connection broke before the answer: "
                f"{(words or str(error)).lower()}",
            )
        )

    def _make_do(self) -> None:
        if not self.answered.done():
            self.parser.take_body()
            self._finish(None)

    def _refuse(self, error: AnswerError) -> None:
        self.may_be_tls = error.may_be_tls
        self._finish(_bad(error.cause))

    def _finish(self, error: PhaseError | None) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()
        if self.answered.done():
            return
        if error is None:
            self.answered.set_result(None)
        else:
            self.answered.set_exception(error)


def _bad(cause: str, response: HandshakeResponse | None = None) -> PhaseError:
    return PhaseError(
        FailureReason.HANDSHAKE, f"websocket: bad handshake: {cause}", response
    )


def _check_header(name: str, value: str, *, protocols_given: bool) -> None:
    lower = name.lower()
    if lower in HANDSHAKE_OWN or (
        lower == "sec-websocket-protocol" and protocols_given
    ):
        raise PhaseError(
            FailureReason.HANDSHAKE, f"websocket: duplicate header not allowed: {name}"
        )
    if not is_token(name):
        raise PhaseError(
            FailureReason.HANDSHAKE, f"websocket: {name!r} is not a valid header name"
        )
    if has_control(value):
        raise PhaseError(
            FailureReason.HANDSHAKE,
            f"websocket: the value of the header {name} has a line break or another "
            "control character",
        )


def _agreed_protocol(response: HandshakeResponse, request: OpeningRequest) -> str:
    values = header_values(response, "sec-websocket-protocol")
    offered = offered_protocols(request)
    if len(values) > 1:
        raise _bad("more than one Sec-WebSocket-Protocol header", response)
    if values and values[0] not in offered:
        raise _bad(f"the subprotocol {values[0]!r} was not offered", response)
    # The standard (unlike RFC 6455 and k6) fails a socket whose server ignores the
    # subprotocols that the script asked for.
    if request.protocols and not values:
        raise _bad(
            f"the server chose none of the subprotocols {', '.join(request.protocols)}",
            response,
        )
    return values[0] if values else ""
