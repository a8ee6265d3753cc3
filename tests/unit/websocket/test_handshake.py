import asyncio
import base64
import errno

import pytest
from virtual_time import VirtualLoop

from gharial.net.failures import FailureReason, HandshakeResponse, PhaseError
from gharial.net.url import target_of
from gharial.timing import Clock
from gharial.websocket import handshake as handshake_module
from gharial.websocket.extensions import DeflateOffer, DeflateParameters
from gharial.websocket.handshake import (
    HandshakeProtocol,
    accept_of,
    build_request,
    check_response,
    new_key,
)
from gharial.websocket.opening_request import OpeningRequest

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
GOOD_HEAD = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
    f"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n"
).encode()


def request(**fields: object) -> OpeningRequest:
    return OpeningRequest("ws://example.com:8080/a?b", **fields)  # type: ignore[arg-type]


def build(asked: OpeningRequest, cookie: str = "") -> list[str]:
    head = build_request(
        target_of(asked.url), asked, key=KEY, user_agent="Gharial", cookie=cookie
    )
    assert head.endswith(b"\r\n\r\n")
    return head.decode()[:-4].split("\r\n")


def test_the_accept_is_the_one_of_the_rfc() -> None:
    assert accept_of(KEY) == ACCEPT


def test_keys_are_fresh() -> None:
    assert new_key() != new_key()
    # RFC 6455 section 4.1: 16 bytes.
    assert len(base64.b64decode(new_key())) == 16


def test_a_plain_request_has_what_the_rfc_wants() -> None:
    assert build(request()) == [
        "GET /a?b HTTP/1.1",
        "Host: example.com:8080",
        "User-Agent: Gharial",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
    ]


def test_offers_and_cookies_are_in_the_request() -> None:
    lines = build(request(protocols=("a", "b"), deflate=DeflateOffer()), cookie="c=1")
    assert "Sec-WebSocket-Protocol: a, b" in lines
    assert (
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits" in lines
    )
    assert "Cookie: c=1" in lines


def test_given_headers_replace_ours_where_they_may() -> None:
    headers = (("host", "h"), ("user-agent", "u"), ("Cookie", "k=2"), ("X", "é"))
    lines = build(request(headers=headers), cookie="c=1")
    assert lines[1] == "Host: h"
    assert lines[-3:] == ["user-agent: u", "Cookie: k=2", "X: é"]
    assert not any("Gharial" in line or "c=1" in line for line in lines)


def test_a_users_name_in_the_url_becomes_basic_authorization() -> None:
    asked = OpeningRequest("ws://user:pass@example.com/")
    assert "Authorization: Basic dXNlcjpwYXNz" in build(asked)
    for url, credentials in (
        ("ws://user@example.com/", "dXNlcjo="),
        ("ws://:pass@example.com/", "OnBhc3M="),
    ):
        assert f"Authorization: Basic {credentials}" in build(OpeningRequest(url))


@pytest.mark.parametrize(
    "name", ["Upgrade", "connection", "Sec-WebSocket-Key", "sec-websocket-version"]
)
def test_headers_that_are_ours_are_refused(name: str) -> None:
    with pytest.raises(PhaseError, match="duplicate header not allowed"):
        build(request(headers=((name, "x"),)))


def test_protocols_are_given_by_argument_or_by_header() -> None:
    headers = (("Sec-WebSocket-Protocol", "a, b"),)
    assert "Sec-WebSocket-Protocol: a, b" in build(request(headers=headers))
    with pytest.raises(PhaseError, match="duplicate header not allowed"):
        build(request(headers=headers, protocols=("a",)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("X", "a\r\nY: b"), ("X", "\0"), ("X\n", ""), ("", ""), ("é", "")],
)
def test_a_header_cannot_break_the_request(name: str, value: str) -> None:
    with pytest.raises(PhaseError):
        build(request(headers=((name, value),)))


def response(status: int = 101, **replaced: str | None) -> HandshakeResponse:
    headers: dict[str, str | None] = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Accept": ACCEPT,
    }
    headers |= {name.replace("_", "-"): value for name, value in replaced.items()}
    pairs = tuple((n, v) for n, v in headers.items() if v is not None)
    return HandshakeResponse(status, "Words", pairs)


def test_a_good_answer_opens_the_socket() -> None:
    answer = response(
        Sec_WebSocket_Protocol="b",
        Sec_WebSocket_Extensions="permessage-deflate; server_max_window_bits=10",
    )
    asked = request(protocols=("a", "b"), deflate=DeflateOffer())
    assert check_response(answer, asked, KEY) == (
        "b",
        "permessage-deflate; server_max_window_bits=10",
        DeflateParameters(server_max_window_bits=10),
    )


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (response(Upgrade=None), "Upgrade header"),
        (response(Upgrade="h2c"), "Upgrade header"),
        (response(Connection="close"), "Connection header"),
        (response(Sec_WebSocket_Accept="x"), "bad Sec-WebSocket-Accept"),
        (response(Sec_WebSocket_Accept=None), "bad Sec-WebSocket-Accept"),
        (
            response(Sec_WebSocket_Accept=ACCEPT, sec_websocket_accept=ACCEPT),
            "more than one Sec-WebSocket-Accept",
        ),
        (
            response(Sec_WebSocket_Protocol="a", sec_websocket_protocol="a"),
            "more than one Sec-WebSocket-Protocol",
        ),
        (response(Sec_WebSocket_Protocol="a"), "subprotocol 'a' was not offered"),
        (response(Sec_WebSocket_Extensions="permessage-deflate"), "not offered"),
    ],
)
def test_an_answer_against_the_rules_names_the_rule(
    answer: HandshakeResponse, cause: str
) -> None:
    with pytest.raises(PhaseError, match=cause) as caught:
        check_response(answer, request(), KEY)
    assert caught.value.reason is FailureReason.HANDSHAKE
    assert caught.value.response is answer


def test_a_refusal_names_its_status() -> None:
    with pytest.raises(PhaseError, match="bad handshake: status 503 Words") as caught:
        check_response(response(503), request(), KEY)
    assert caught.value.reason is FailureReason.HANDSHAKE_STATUS


def test_a_refusal_says_when_and_where_it_would_work() -> None:
    answer = response(503, Retry_After="5", location="/there", Location="/other")
    with pytest.raises(PhaseError) as caught:
        check_response(answer, request(), KEY)
    assert str(caught.value).endswith("503 Words, Retry-After: 5, Location: /there")


def test_a_server_must_choose_a_subprotocol_that_was_asked_for() -> None:
    with pytest.raises(PhaseError, match="chose none"):
        check_response(response(), request(protocols=("a",)), KEY)


def test_subprotocols_of_the_argument_count_whatever_the_headers() -> None:
    asked = request(protocols=("a",), headers=(("X-Name", "b"),))
    assert check_response(response(Sec_WebSocket_Protocol="a"), asked, KEY)[0] == "a"


def test_a_subprotocol_of_a_header_may_be_ignored() -> None:
    asked = request(headers=(("Sec-WebSocket-Protocol", "a"),))
    assert check_response(response(), asked, KEY)[0] == ""
    assert check_response(response(Sec_WebSocket_Protocol="a"), asked, KEY)[0] == "a"


REFUSAL = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n"


class FakeTransport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.is_closed = False
        self.written = b""
        self.is_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        self.is_paused = True


def run_protocol(*pieces: bytes, lost: Exception | None = None) -> HandshakeProtocol:
    async def main() -> HandshakeProtocol:
        times = iter(range(100))
        clock = Clock(lambda: float(next(times)), 0.0)
        protocol = HandshakeProtocol(b"request", clock, asyncio.get_running_loop())
        transport = FakeTransport()
        protocol.connection_made(transport)
        assert transport.written == b"request"
        for piece in pieces:
            protocol.data_received(piece)
        if not protocol.answered.done():
            protocol.connection_lost(lost)
        assert protocol.answered.done()
        assert transport.is_paused
        return protocol

    return asyncio.run(main())


def test_the_protocol_stops_reading_once_answered() -> None:
    protocol = run_protocol(GOOD_HEAD[:9], GOOD_HEAD[9:] + b"\x81", b"\x00")
    protocol.answered.result()
    assert protocol.parser.leftover == b"\x81\x00"
    assert (protocol.connected_at_s, protocol.answered_at_s) == (0.0, 2.0)
    assert protocol.received_bytes == len(GOOD_HEAD) + 2
    assert not protocol.may_be_tls


@pytest.mark.parametrize(
    ("lost", "reason", "cause"),
    [
        (None, FailureReason.HANDSHAKE, "without an answer .EOF.$"),
        (
            ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
            FailureReason.RESET,
            "the connection broke before the answer: connection reset by peer$",
        ),
    ],
)
def test_a_lost_connection_is_named(
    lost: Exception | None, reason: FailureReason, cause: str
) -> None:
    with pytest.raises(PhaseError, match=cause) as caught:
        run_protocol(lost=lost).answered.result()
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("pieces", "may_be_tls"),
    [((), True), ((b"\x15\x03\x01",), True), ((b"HTTP/1.1 1",), False)],
)
def test_a_server_that_waits_for_tls_is_suspected(
    pieces: tuple[bytes, ...], may_be_tls: bool
) -> None:
    protocol = run_protocol(*pieces)
    assert protocol.answered.exception() is not None
    assert protocol.may_be_tls is may_be_tls


def test_what_comes_before_a_failed_write_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[object] = []
    monkeypatch.setattr(handshake_module, "read_to_the_end", read.append)
    protocol = run_protocol(GOOD_HEAD)
    assert read == [protocol.transport]


def test_an_upgrade_is_answered_with_the_last_byte_of_its_header() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        protocol = HandshakeProtocol(b"", Clock(loop.time, 0.0), loop)
        protocol.connection_made(FakeTransport())
        protocol.data_received(GOOD_HEAD[:-1])
        assert not protocol.answered.done()
        protocol.data_received(GOOD_HEAD[-1:])
        assert protocol.answered.done()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_the_end_of_the_stream_ends_the_connection() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        protocol = HandshakeProtocol(b"", Clock(loop.time, 0.0), loop)
        transport = FakeTransport()
        protocol.connection_made(transport)
        transport.is_closed = True
        # asyncio would keep the transport half open.
        assert protocol.eof_received() is False
        assert not transport.is_paused, "there is nothing left to read"
        assert isinstance(protocol.answered.exception(), PhaseError)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_a_refusal_cut_short_by_the_end_keeps_its_body() -> None:
    protocol = run_protocol(REFUSAL + b"\r\nbusy")
    assert protocol.parser.response is not None
    assert protocol.parser.response.body == b"busy"


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def main(loop: VirtualLoop) -> HandshakeProtocol:
        protocol = HandshakeProtocol(b"request", Clock(loop.time, 0.0), loop)
        protocol.connection_made(FakeTransport())
        protocol.data_received(REFUSAL + b"Content-Length: 9\r\n\r\nbusy")
        assert not protocol.answered.done()
        await protocol.answered
        return protocol

    loop = VirtualLoop()
    try:
        protocol = loop.run_until_complete(main(loop))
    finally:
        loop.close()
    assert protocol.parser.response is not None
    assert protocol.parser.response.body == b"busy"
