"""
What may come of a server's bytes: each function takes bytes and asserts all of it.

Shared by the properties of Hypothesis and by the harnesses that are guided by coverage.
What is not asserted here is that nothing else is raised: whoever calls finds that out.
"""

import asyncio
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from default_settings import limits_with, network_with
from frame_model import Broken, CutOff, Inflater, Model, Told
from memory_wire import CLOSE, PONG, MemoryTransport
from virtual_time import LIMIT_S, VirtualLoop

from gharial.net.answer import AnswerError, ResponseParser
from gharial.net.failures import Failure, FailureReason, HandshakeResponse, PhaseError
from gharial.net.network import Network
from gharial.net.url import target_of
from gharial.websocket import connection as connection_module
from gharial.websocket.connection import Connection
from gharial.websocket.deflate import Deflate, InflateError
from gharial.websocket.errors import WebSocketError
from gharial.websocket.extensions import DeflateOffer, DeflateParameters
from gharial.websocket.handshake import check_response
from gharial.websocket.observer import OpeningFacts
from gharial.websocket.opening import Opened
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.state import ReadyState
from gharial.websocket.url import redirected_url, socket_url, subprotocols
from gharial.websocket.wire.frame_sizes import wire_size

# Of the sample in RFC 6455, section 1.3.
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n"
    b"Set-Cookie: a=b; Max-Age=5\r\n\r\n"
)


def cut(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Return the pieces of data that is cut at these places, none of them empty."""
    places = sorted({0, len(data), *(place for place in cuts if place < len(data))})
    return [data[a:b] for a, b in pairwise(places)]


# -- Frames -------------------------------------------------------------------------------


class _Listener:
    """Keeps what a script would hear."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    def on_open(self, at_s: float) -> None:
        self.seen.append(("open",))

    def on_message(self, data: str | bytes, at_s: float) -> None:
        self.seen.append(("message", data))

    def on_ping(self, at_s: float) -> None:
        self.seen.append(("ping",))

    def on_pong(self, at_s: float) -> None:
        self.seen.append(("pong",))

    def on_closing(self, at_s: float) -> None:
        self.seen.append(("closing",))

    def on_error(self, failure: Failure, at_s: float) -> None:
        self.seen.append(("error", failure.reason))

    def on_close(self, code: int, reason: str, was_clean: bool, at_s: float) -> None:
        self.seen.append(("close", code, reason, was_clean))


class _Observer:
    """Counts what came, and ignores the rest."""

    def __init__(self) -> None:
        self.received_bytes = 0

    def count_received(self, size_bytes: int, at_s: float) -> None:
        self.received_bytes += wire_size(size_bytes)

    def bytes_received(self, wire_bytes: int) -> None:
        self.received_bytes += wire_bytes

    def ignore(self, *arguments: Any) -> None: ...

    opening_ended = count_sent = bytes_sent = pong_matched = ignore
    pings_lost = failed = closed = ignore


class _Complaints(logging.Handler):
    """Keeps what was logged: errors of ours that were caught on their way up."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(logging.Formatter().format(record))


class Player:
    """Plays a server's bytes to real connections, in memory and in virtual time."""

    def __init__(self) -> None:
        self._complaints = _Complaints()
        self._begin()

    def _begin(self) -> None:
        # One loop for many streams: making one takes longer than a stream. But no loop
        # for all: virtual time has a limit, beyond which floats cannot tell instants apart.
        self._runner = asyncio.Runner(loop_factory=VirtualLoop)
        self._loop = self._runner.get_loop()
        self._loop.set_exception_handler(
            lambda loop, context: self._complaints.seen.append(repr(context))
        )

    def close(self) -> None:
        """Close the loop."""
        self._runner.close()

    def play(
        self,
        pieces: list[bytes],
        *,
        deflate: DeflateParameters | None,
        limit_bytes: int,
        is_one_round: bool = False,
        has_leftover: bool = False,
    ) -> tuple[list[tuple[Any, ...]], list[tuple[int, bytes]], int]:
        """
        Return what a script heard, the frames that we sent, and the bytes counted.

        Args:
            pieces: What the server sends; then it ends TCP.
            deflate: What was agreed on for compression.
            limit_bytes: The largest message.
            is_one_round: Whether all comes within one round of the loop.
            has_leftover: Whether the first piece comes with the answer to the handshake.

        """
        if self._loop.time() > LIMIT_S / 2:
            self.close()
            self._begin()
        listener, observer, transport = _Listener(), _Observer(), MemoryTransport()
        leftover = b""
        if has_leftover and pieces:
            leftover, *pieces = pieces
        opened = Opened(
            transport, leftover, HandshakeResponse(101, "", ()), "", "", deflate,
            OpeningFacts(0.0, 0.0, None, 0.0, None, 0.0, 101, "", "::1", 1, 1, None),
        )  # fmt: skip

        async def open_transport(*arguments: Any, **options: Any) -> Opened:
            return opened

        async def main() -> None:
            connection = Connection(
                OpeningRequest(
                    "ws://h/", limits=limits_with(max_message_size_bytes=limit_bytes)
                ),
                network=Network(network_with()),
                listener=listener,
                observer=observer,  # type: ignore[arg-type]
                clock=self._loop.clock(),  # type: ignore[attr-defined]
            )
            connection.open()
            await asyncio.sleep(0.001)
            assert connection.ready_state is not ReadyState.CONNECTING
            for piece in pieces:
                transport.deliver(piece)
                if not is_one_round:
                    await asyncio.sleep(0)
            # What picows' own parser finds is told of in the loop's next round.
            await asyncio.sleep(0)
            transport.lose(None)
            await asyncio.sleep(60)
            assert connection.ready_state is ReadyState.CLOSED

        logger = logging.getLogger("gharial")
        logger.addHandler(self._complaints)
        try:
            with patch.object(connection_module, "open_transport", open_transport):
                self._runner.run(main())
        finally:
            logger.removeHandler(self._complaints)
        complaints, self._complaints.seen = self._complaints.seen, []
        assert complaints == []
        sent = [(frame.opcode, frame.payload) for frame in transport.frames]
        return listener.seen, sent, observer.received_bytes


@contextmanager
def player() -> Iterator[Player]:
    """Give a player; one will do for any number of streams."""
    one = Player()
    try:
        yield one
    finally:
        one.close()


def check_frames(
    player: Player,
    stream: bytes,
    cuts: Iterable[int] = (),
    *,
    deflate: DeflateParameters | None = None,
    limit_bytes: int = 70_000,
) -> None:
    """Assert that a stream of frames becomes what the RFCs say, wherever it is cut."""
    options: Any = {"deflate": deflate, "limit_bytes": limit_bytes}
    told = Model(limit_bytes, deflate).read(stream)
    heard, sent, counted = player.play([stream], **options)
    _check_heard(told, heard)
    _check_sent(told, sent)
    if told.end == "waiting":
        assert counted == told.whole_bytes
    if told.end == "ambiguous":
        return
    pieces = cut(stream, cuts)
    for way in ({}, {"is_one_round": True}, {"has_leftover": True}):
        again = player.play(pieces, **way, **options)  # type: ignore[arg-type]
        assert again[0] == heard
        # What comes after a close frame may be counted, or be discarded before.
        assert again[2] == counted or told.end == "closed"
        _check_sent(told, again[1])


def _check_heard(told: Told, heard: list[tuple[Any, ...]]) -> None:
    expected: list[tuple[Any, ...]] = [("open",)]
    for kind, content in told.events:
        expected.append((kind, content) if kind == "message" else (kind,))
    if told.end in ("unsure", "ambiguous"):
        assert heard[: len(expected)] == expected
        return
    if told.close is not None:
        expected += [("closing",), ("close", *told.close, True)]
    else:
        reasons = {FailureReason.EOF}
        if told.end == "broken":
            reasons = {
                FailureReason.TOO_BIG if code == 1009 else FailureReason.PROTOCOL
                for code in told.codes
            }
        assert heard[-2] in [("error", reason) for reason in reasons]
        expected += [heard[-2], ("close", 1006, "", False)]
    assert heard == expected


def _check_sent(told: Told, sent: list[tuple[int, bytes]]) -> None:
    if told.end in ("unsure", "ambiguous"):
        return
    pings = [content for kind, content in told.events if kind == "ping"]
    pongs = [payload for opcode, payload in sent if opcode == PONG]
    closes = [payload for opcode, payload in sent if opcode == CLOSE]
    assert len(sent) == len(pongs) + len(closes)
    # A ping right before what is refused may stay without an answer: picows parses one
    # frame ahead, and nothing follows a close frame.
    assert pongs == pings or (told.end == "broken" and pongs == pings[:-1])
    codes = {int.from_bytes(payload[:2], "big") for payload in closes}
    if told.end == "waiting":
        assert closes == []
    elif told.close is not None:
        code = told.close[0]
        if code == 1005:
            # picows does not know of an empty close frame, and may send another after it.
            assert closes[0] == b"" or codes <= told.codes_ahead
            assert len(closes) <= 2
            assert codes <= {0, 1002, 1007, 1009}
        else:
            answer = code.to_bytes(2, "big")
            assert closes == [answer] or (
                len(closes) == 1 and codes <= told.codes_ahead
            )
    else:
        assert len(closes) == 1
        # picows parses one frame ahead, and says at once what is wrong with that one.
        assert codes <= told.codes | told.codes_ahead


# -- Answers to the handshake --------------------------------------------------------------


def answered(pieces: list[bytes]) -> object:
    """Return what comes of an answer that arrives in these pieces, and then ends."""
    parser = ResponseParser()
    rest = list(pieces)
    try:
        while rest and not parser.is_finished:
            parser.feed(rest.pop(0))
        if not parser.is_finished:
            parser.end()
        assert parser.response is not None
        request = OpeningRequest("ws://x/", deflate=DeflateOffer())
        agreed = check_response(parser.response, request, KEY)
        return agreed, parser.response, parser.leftover + b"".join(rest)
    except AnswerError as error:
        return Failure(FailureReason.HANDSHAKE, f"websocket: bad handshake: {error}")
    except PhaseError as error:
        return error.failure


def check_answer(data: bytes, cuts: Iterable[int] = ()) -> None:
    """Assert that an answer is accepted or refused, the same wherever it is cut."""
    outcome = answered([data])
    if isinstance(outcome, Failure):
        assert outcome.reason in (
            FailureReason.HANDSHAKE,
            FailureReason.HANDSHAKE_STATUS,
        )
        assert outcome.message.startswith("websocket: bad handshake: ")
    else:
        (protocol, _, deflate), response, leftover = outcome  # type: ignore[misc]
        assert protocol == ""  # type: ignore[has-type]
        assert response.status == 101  # type: ignore[has-type]
        assert re.search(rb"\n\r?\n\Z", data[: len(data) - len(leftover)])  # type: ignore[has-type]
        assert data.endswith(leftover)  # type: ignore[has-type]
        assert ACCEPT in data
        if deflate is not None:  # type: ignore[has-type]
            assert 8 <= deflate.server_max_window_bits <= 15  # type: ignore[has-type]
            assert 8 <= deflate.client_max_window_bits <= 15  # type: ignore[has-type]
    assert answered(cut(data, cuts)) == outcome


# -- Compression ---------------------------------------------------------------------------


def check_inflating(
    messages: list[bytes],
    cuts: Iterable[int],
    parameters: DeflateParameters,
    limit_bytes: int,
) -> None:
    """Assert that payloads are inflated or refused, as a whole as in parts."""
    whole = Deflate(parameters, limit_bytes)
    parted = Deflate(parameters, limit_bytes)
    model = Inflater(parameters, limit_bytes)
    cuts = list(cuts)
    for message in messages:
        try:
            expected = model.inflate(message, is_last=True)
        except Broken as broken:
            for inflate in (_inflated, _inflated_in_parts):
                ours = whole if inflate is _inflated else parted
                error = inflate(ours, message, cuts)
                if inflate is _inflated and isinstance(broken, CutOff):
                    # It may pass for a shorter one.
                    assert isinstance(error, InflateError) or len(error) <= limit_bytes
                    continue
                assert isinstance(error, InflateError)
                assert (1009 if error.is_too_big else 1007) in broken.codes
            return
        assert _inflated(whole, message, cuts) == expected
        assert _inflated_in_parts(parted, message, cuts) == expected


def _inflated(ours: Deflate, message: bytes, cuts: list[int]) -> bytes | InflateError:
    try:
        return ours.inflate(message)
    except InflateError as error:
        return error


def _inflated_in_parts(
    ours: Deflate, message: bytes, cuts: list[int]
) -> bytes | InflateError:
    *firsts, last = cut(message, cuts) or [b""]
    try:
        content = b"".join(ours.inflate_part(part, is_last=False) for part in firsts)
        return content + ours.inflate_part(last, is_last=True)
    except InflateError as error:
        return error


def check_deflating(messages: list[bytes], parameters: DeflateParameters) -> None:
    """Assert that a peer which keeps to the agreement reads what we compress."""
    ours = Deflate(parameters, 0)
    theirs = Inflater(
        DeflateParameters(
            server_no_context_takeover=parameters.client_no_context_takeover,
            server_max_window_bits=parameters.client_max_window_bits,
        ),
        sum(map(len, messages)),
    )
    for message in messages:
        assert theirs.inflate(ours.compress(message), is_last=True) == message


# -- URLs ----------------------------------------------------------------------------------


def check_url(text: str) -> None:
    """Assert that a URL is normalised or refused, and can be dialled if normalised."""
    try:
        url = socket_url(text)
    except WebSocketError as error:
        assert error.name == "SyntaxError"
        return
    assert socket_url(url) == url
    target = target_of(url)
    assert target.resource.startswith("/")
    assert 0 <= target.port <= 65_535
    assert target.host
    # They are put into the request as they are.
    for part in (target.resource, target.authority):
        assert part.isascii()
        assert part.isprintable()
        assert " " not in part


def check_redirect(location: str) -> None:
    """Assert that a redirect leads to a socket's URL, or is refused."""
    try:
        url = redirected_url("ws://host.test/a", location)
    except WebSocketError as error:
        assert error.name == "SyntaxError"
    else:
        assert socket_url(url) == url


def check_subprotocol(name: str) -> None:
    """Assert that a subprotocol is a token, or refused."""
    try:
        assert subprotocols(name) == (name,)
    except WebSocketError as error:
        assert error.name == "SyntaxError"
    else:
        assert name.isascii()
        assert name.isprintable()
