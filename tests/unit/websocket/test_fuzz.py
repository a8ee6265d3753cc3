"""Whatever comes from a server: it is accepted, or refused with an error of ours."""

import itertools
import os

from hypothesis import given, settings
from hypothesis import strategies as st

from gharial.websocket.deflate import Deflate, InflateError
from gharial.websocket.errors import PhaseError, WebSocketError
from gharial.websocket.handshake import ResponseParser, check_response
from gharial.websocket.model import DeflateOffer, DeflateParameters, OpeningRequest
from gharial.websocket.url import redirected_url, socket_url, target_of

# A longer hunt: FUZZ_EXAMPLES=1000000 pytest tests/unit/websocket/test_fuzz.py
MANY = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")), deadline=None)

ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n"
    b"Set-Cookie: a=b; Max-Age=5\r\n\r\n"
)
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@st.composite
def mutated(draw, whole: bytes = ANSWER) -> bytes:
    """Bytes like an answer, with some cut out, repeated, or changed."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        how = draw(st.sampled_from(["cut", "put", "change", "repeat"]))
        if how == "cut":
            del data[at : at + draw(st.integers(1, 20))]
        elif how == "put":
            data[at:at] = draw(st.binary(max_size=20))
        elif how == "repeat":
            data[at:at] = data[at : at + 30]
        elif data:
            data[at] = draw(st.integers(0, 255))
    return bytes(data)


def answered(pieces: list[bytes]) -> object:
    """Return what comes of an answer that arrives in these pieces."""
    parser = ResponseParser()
    try:
        for piece in pieces:
            parser.feed(piece)
            if parser.is_finished:
                break
        if not parser.is_finished or parser.response is None:
            return "waiting"
        request = OpeningRequest("ws://x/", deflate=DeflateOffer())
        return check_response(parser.response, request, KEY)
    except PhaseError as error:
        return error.failure.reason, error.failure.message


@MANY
@given(st.one_of(mutated(), st.binary(max_size=200)))
def test_an_answer_is_accepted_or_refused(data: bytes) -> None:
    answered([data])


@MANY
@given(mutated(), st.lists(st.integers(1, 300), max_size=5))
def test_where_an_answer_is_cut_changes_nothing(data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[a:b] for a, b in itertools.pairwise(places)]
    assert answered(pieces) == answered([data])


@MANY
@given(
    st.binary(max_size=300),
    st.booleans(),
    st.integers(8, 15),
    st.integers(1, 100_000),
)
def test_a_deflated_message_is_inflated_or_refused(
    data: bytes, has_no_context: bool, bits: int, limit: int
) -> None:
    deflate = Deflate(DeflateParameters(has_no_context, False, bits), limit)
    for _ in range(3):
        try:
            assert len(deflate.inflate(data)) <= limit
        except InflateError:
            return


@MANY
@given(st.lists(st.binary(max_size=500), max_size=5), st.integers(9, 15), st.booleans())
def test_what_is_deflated_comes_back(
    messages: list[bytes], bits: int, has_no_context: bool
) -> None:
    ours = Deflate(DeflateParameters(False, has_no_context, 15, bits), 10_000)
    theirs = Deflate(DeflateParameters(has_no_context, False, bits, 15), 10_000)
    for message in messages:
        assert theirs.inflate(ours.compress(message)) == message


@MANY
@given(
    st.one_of(st.text(max_size=60), st.from_regex(r"(wss?|https?)(\+unix)?:.{0,40}"))
)
def test_a_url_is_normalised_or_refused(text: str) -> None:
    try:
        url = socket_url(text)
    except WebSocketError as error:
        assert error.name == "SyntaxError"
        return
    assert socket_url(url) == url
    target = target_of(url)
    assert target.resource.startswith("/")
    assert 0 <= target.port <= 65_535


@MANY
@given(st.text(max_size=60))
def test_a_redirect_leads_somewhere_or_nowhere(location: str) -> None:
    url = redirected_url("ws://host.test/a", location)
    assert url == "" or socket_url(url) == url
