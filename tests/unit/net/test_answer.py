import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.net.answer import AnswerError, ResponseParser, parse_head

GOOD_HEAD = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
    b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
)
HEADERS = (
    ("Upgrade", "WebSocket"),
    ("Connection", "keep-alive, Upgrade"),
    ("Sec-WebSocket-Accept", "x"),
)


def parse(*pieces: bytes, end: bool = False) -> ResponseParser:
    parser = ResponseParser()
    for piece in pieces:
        parser.feed(piece)
    if end:
        parser.end()
    return parser


def chopped(data: bytes, cuts: set[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(places)]


@given(st.sets(st.integers(0, 10_000)), st.binary(max_size=50))
def test_cutting_an_upgrade_anywhere_changes_nothing(
    cuts: set[int], frames: bytes
) -> None:
    parser = parse(*chopped(GOOD_HEAD + frames, cuts))
    assert parser.is_finished
    assert parser.leftover == frames
    assert parser.head_bytes == len(GOOD_HEAD)
    assert parser.response == parse_head(GOOD_HEAD[:-4])


INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nA: b\r\n\r\n"
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n\r\n"
)


@given(st.sets(st.integers(0, 10_000)))
def test_interim_answers_come_before_the_one_that_counts(cuts: set[int]) -> None:
    parser = parse(*chopped(INTERIM + GOOD_HEAD + b"frames", cuts))
    assert parser.response == parse_head(GOOD_HEAD[:-4])
    assert parser.head_bytes == len(INTERIM + GOOD_HEAD)
    assert parser.leftover == b"frames"


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(
            GOOD_HEAD.replace(b": WebSocket", b":\r\n\t WebSocket"), id="folded"
        ),
        pytest.param(
            GOOD_HEAD.replace(b"e, U", b"e,\r\n U"), id="folded in the middle"
        ),
        pytest.param(
            GOOD_HEAD.replace(b"WebSocket\r\n", b"WebSocket\r\n \r\n", 1),
            id="folded without content",
        ),
        pytest.param(GOOD_HEAD.replace(b"\r\n", b"\n"), id="lone line feeds"),
        pytest.param(GOOD_HEAD.replace(b"\r\n\r", b"\n\r"), id="mixed line ends"),
        pytest.param(GOOD_HEAD.replace(b"Upgrade:", b"Upgrade \t:"), id="space"),
        pytest.param(GOOD_HEAD.replace(b": ", b":"), id="no space"),
        pytest.param(GOOD_HEAD.replace(b": ", b": \t ", 1), id="more space"),
        pytest.param(GOOD_HEAD.replace(b"101 S", b"101  \t S"), id="status line"),
        pytest.param(GOOD_HEAD.replace(b"HTTP/1.1", b"HTTP/1.0"), id="HTTP/1.0"),
        pytest.param(GOOD_HEAD.replace(b"HTTP/1.1", b"HTTP/1.2"), id="HTTP/1.2"),
    ],
)
@given(cuts=st.sets(st.integers(0, 10_000), max_size=10))
def test_what_the_rfc_lets_pass_is_read(head: bytes, cuts: set[int]) -> None:
    parser = parse(*chopped(head + b"frames", cuts))
    assert parser.response is not None
    assert parser.response.status == 101
    assert parser.response.status_text == "Switching Protocols"
    assert parser.response.headers == HEADERS
    assert parser.leftover == b"frames"


def test_a_status_line_may_have_no_reason() -> None:
    assert parse_head(b"HTTP/1.1 101").status_text == ""
    assert parse_head(b"HTTP/1.1 101 ").status_text == ""


REFUSAL = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n"
BODIES = [
    (b"Content-Length: 5\r\n\r\nhelloXXX", b"hello", False),
    (
        b"Transfer-Encoding: chunked\r\n\r\n2;x\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        b"hello",
        False,
    ),
    (b"\r\nhello", b"hello", True),
    (b"Content-Length: 9\r\n\r\nhello", b"hello", True),
    (b"Content-Length: 9000\r\n\r\n" + b"x" * 9000, b"x" * 4096, False),
    (b"Content-Length: 0\r\n\r\n", b"", False),
    (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"", False),
    # The coding counts, not the length (RFC 9112 section 6.3).
    (
        b"Content-Length: 2\r\nTransfer-Encoding: Chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
        b"hello",
        False,
    ),
    (
        b"Transfer-Encoding: gzip,\r\n chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"hello",
        False,
    ),
    (b"Transfer-Encoding: chunked, gzip\r\n\r\n5\r\nhello", b"5\r\nhello", True),
    (b"Transfer-Encoding: identity\r\n\r\nhello", b"hello", True),
    (b"Transfer-Encoding: chunked\n\n05\nhello\n0\n\n", b"hello", False),
    (b"Content-Length: 5, 5\r\n\r\nhelloXXX", b"hello", False),
    (b"Content-Length: 5\r\nContent-Length: 05\r\n\r\nhello", b"hello", True),
    (b"Content-Length: 000000000005\r\n\r\nhelloXXX", b"hello", False),
    (b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhello", b"hello", True),
]


@pytest.mark.parametrize(("rest", "body", "end"), BODIES)
@given(cuts=st.sets(st.integers(0, 20_000), max_size=20))
def test_cutting_a_refusal_anywhere_changes_nothing(
    rest: bytes, body: bytes, end: bool, cuts: set[int]
) -> None:
    parser = parse(*chopped(REFUSAL + rest, cuts), end=end)
    assert parser.is_finished
    assert parser.response is not None
    assert (parser.response.status, parser.response.body) == (503, body)
    assert parser.leftover == b""


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "begin with HTTP/1"),
        (b"HTTP/2 101\r\n\r\n", "begin with HTTP/1"),
        (b"HTTP/1.1 99 x\r\n\r\n", "status line"),
        (b"HTTP/1.1 101\rUpgrade: x\r\n\r\n", "status line"),
        (b"HTTP/1.1 101 x\r\n folded: first\r\n\r\n", "header line"),
        (b"HTTP/1.1 101 x\r\nA: b\rc\r\n\r\n", "header line"),
        (b"\x15\x03\x01\x00\x02\x02\x0a", "TLS record"),
        (b"HTTP/1.1 101 x\r\nno colon\r\n\r\n", "header line"),
        (b"HTTP/1.1 101 x\r\nA: b\0\r\n\r\n", "header line"),
        (b"HTTP/1.1 101 x\r\nA: " + b"b" * 70_000, "larger than 64 KiB"),
        (b"HTTP/1.1 100 x\r\n\r\n" * 101, "interim responses"),
        (
            b"HTTP/1.1 100 x\r\nA: "
            + b"b" * 40_000
            + b"\r\n\r\nHTTP/1.1 100 x\r\nA: "
            + b"b" * 40_000,
            "larger than 64 KiB",
        ),
    ],
)
@given(cuts=st.sets(st.integers(0, 80_000), max_size=10))
def test_garbage_is_refused_however_it_is_cut(
    data: bytes, cause: str, cuts: set[int]
) -> None:
    with pytest.raises(AnswerError, match=cause):
        parse(*chopped(data, cuts))


@pytest.mark.parametrize(("data", "cause"), [(b"", "EOF"), (b"HTTP/1.1 1", "middle")])
def test_an_early_end_is_named(data: bytes, cause: str) -> None:
    with pytest.raises(AnswerError, match=cause):
        parse(data, end=True)


def test_an_answer_that_never_has_a_body_is_finished_with_its_head() -> None:
    parser = parse(b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert parser.is_finished


def test_a_body_may_be_cut_short() -> None:
    parser = parse(REFUSAL + b"Transfer-Encoding: chunked\r\n\r\n9\r\nbusy")
    assert not parser.is_finished
    parser.take_body()
    assert parser.response is not None
    assert (parser.is_finished, parser.response.body) == (True, b"busy")
