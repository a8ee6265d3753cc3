"""
Whatever comes from a server: it is accepted, or refused with an error of ours.

The same is asserted by the harnesses in ``tests/fuzz``, which coverage guides.
"""

import os
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_wire import BINARY, CLOSE, TEXT, server_frame
from oracles import (
    ANSWER,
    Player,
    check_answer,
    check_deflating,
    check_frames,
    check_inflating,
    check_redirect,
    check_subprotocol,
    check_url,
    player,
)

from gharial.websocket.extensions import DeflateParameters

# A longer hunt: FUZZ_EXAMPLES=1000000 pytest tests/unit/websocket/test_fuzz.py
MANY = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")), deadline=None)

CUTS = st.lists(st.integers(1, 300), max_size=5)
PARAMETERS = st.builds(
    DeflateParameters,
    server_no_context_takeover=st.booleans(),
    client_no_context_takeover=st.booleans(),
    server_max_window_bits=st.integers(8, 15),
    client_max_window_bits=st.integers(8, 15),
)


@st.composite
def mutated(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes like these, with some cut out, repeated, or changed."""
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


def deflated(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-9)
    return (deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


# -- Frames -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stage() -> Iterator[Player]:
    with player() as one:
        yield one


PAYLOADS = st.one_of(
    st.binary(max_size=130),
    st.text(max_size=40).map(str.encode),
    st.text(max_size=60).map(str.encode).map(deflated),
    st.sampled_from([b"\x00", bytes(126), bytes(65_536), deflated(bytes(90_000))]),
)
CLOSES = st.builds(
    lambda code, reason: server_frame(CLOSE, code.to_bytes(2, "big") + reason),
    st.one_of(st.sampled_from([1000, 1005, 3000]), st.integers(0, 65_535)),
    st.one_of(st.binary(max_size=5), st.text(max_size=5).map(str.encode)),
)
# Most are as they should be: a stream ends at the first that is not.
FRAMES = st.one_of(
    st.builds(
        server_frame,
        st.sampled_from([0, 0, 0, TEXT, BINARY, 9, 10]),
        PAYLOADS,
        is_final=st.booleans(),
        reserved=st.sampled_from([0, 0, 4]),
    ),
    st.builds(server_frame, st.sampled_from([TEXT, BINARY, 9, 10]), PAYLOADS),
    st.builds(
        server_frame,
        st.integers(0, 15),
        PAYLOADS,
        is_final=st.booleans(),
        reserved=st.integers(0, 7),
        mask=st.sampled_from([b"", b"", b"abcd"]),
    ),
    CLOSES,
)


@st.composite
def fragmented(draw: st.DrawFn) -> bytes:
    """A message in fragments, with control frames between them."""
    content = draw(st.text(max_size=60)).encode()
    is_compressed = draw(st.booleans())
    data = deflated(content) if is_compressed else content
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    edges = [0, *places, len(data)]
    stream, last = b"", len(edges) - 2
    for number in range(last + 1):
        stream += server_frame(
            draw(st.sampled_from([TEXT, BINARY])) if number == 0 else 0,
            data[edges[number] : edges[number + 1]],
            is_final=number == last,
            reserved=4 if is_compressed and number == 0 else 0,
        )
        if draw(st.booleans()):
            stream += server_frame(9, b"between")
    return stream


STREAMS = st.lists(st.one_of(FRAMES, fragmented()), max_size=6).map(b"".join)


@MANY
@given(
    stream=st.one_of(STREAMS, STREAMS.flatmap(mutated), st.binary(max_size=200)),
    cuts=CUTS,
    deflate=st.one_of(st.none(), PARAMETERS),
    limit_bytes=st.sampled_from([10, 200, 70_000]),
)
def test_frames_are_taken_or_refused_as_the_rfcs_say(
    stage: Player,
    stream: bytes,
    cuts: list[int],
    deflate: DeflateParameters | None,
    limit_bytes: int,
) -> None:
    check_frames(stage, stream, cuts, deflate=deflate, limit_bytes=limit_bytes)


# -- Answers to the handshake --------------------------------------------------------------


@MANY
@given(st.one_of(mutated(ANSWER), st.binary(max_size=200)), CUTS)
def test_an_answer_is_accepted_or_refused_wherever_it_is_cut(
    data: bytes, cuts: list[int]
) -> None:
    check_answer(data, cuts)


# -- Compression ---------------------------------------------------------------------------


@MANY
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.binary(max_size=300).map(deflated),
            st.text(min_size=50, max_size=300)
            .map(lambda text: deflated(text.encode()))
            .flatmap(mutated),
        ),
        max_size=4,
    ),
    CUTS,
    PARAMETERS,
    st.integers(1, 100_000),
)
def test_a_deflated_message_is_inflated_or_refused(
    messages: list[bytes], cuts: list[int], parameters: DeflateParameters, limit: int
) -> None:
    check_inflating(messages, cuts, parameters, limit)


@MANY
@given(st.lists(st.binary(max_size=500), max_size=5), PARAMETERS)
def test_what_is_deflated_comes_back(
    messages: list[bytes], parameters: DeflateParameters
) -> None:
    check_deflating(messages, parameters)


# -- URLs ----------------------------------------------------------------------------------


@MANY
@given(
    st.one_of(st.text(max_size=60), st.from_regex(r"(wss?|https?)(\+unix)?:.{0,40}"))
)
def test_a_url_is_normalised_or_refused(text: str) -> None:
    check_url(text)


@MANY
@given(st.text(max_size=60))
def test_a_redirect_leads_somewhere_or_nowhere(location: str) -> None:
    check_redirect(location)


@MANY
@given(st.one_of(st.text(max_size=10), st.from_regex(r"[!-~]{1,10}")))
def test_a_subprotocol_is_a_token_or_refused(name: str) -> None:
    check_subprotocol(name)
