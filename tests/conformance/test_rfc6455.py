"""RFC 6455, section by section, as a client: what a server may send, and what not."""

import pytest
from conversation import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    close,
    converse,
    frame,
)

BYE = "close 1000  true"
GREETING = frame(TEXT, b"hello")

GOOD = {
    "5.2 a length of 125 in 7 bits": (
        [frame(TEXT, b"x" * 125)],
        ["message text of 125"],
    ),
    "5.2 a length of 126 in 16 bits": (
        [frame(TEXT, b"x" * 126)],
        ["message text of 126"],
    ),
    "5.2 a length of 65,535": (
        [frame(BINARY, bytes(65_535))],
        ["message bytes of 65535"],
    ),
    "5.2 a length of 65,536 in 64 bits": (
        [frame(BINARY, bytes(65_536))],
        ["message bytes of 65536"],
    ),
    "5.2 sixteen MiB": (
        [frame(BINARY, bytes(16 * 2**20))],
        ["message bytes of 16777216"],
    ),
    "5.2 empty messages": (
        [frame(TEXT), frame(BINARY)],
        ["message ", "message bytes "],
    ),
    "5.4 a message in fragments": (
        [frame(TEXT, b"a", fin=False), frame(0, b"b", fin=False), frame(0, b"c")],
        ["message abc"],
    ),
    "5.4 empty fragments": (
        [frame(BINARY, b"", fin=False), frame(0, b"", fin=False), frame(0, b"\1")],
        ["message bytes 1"],
    ),
    "5.4 a control frame between fragments": (
        [frame(TEXT, b"a", fin=False), frame(PING, b"p"), frame(0, b"b")],
        ["ping", "message ab"],
    ),
    "5.4 a hundred thousand fragments": (
        [
            frame(BINARY, b"", fin=False)
            + frame(CONTINUATION, b"x", fin=False) * 99_998
            + frame(CONTINUATION, b"y")
        ],
        ["message bytes of 99999"],
    ),
    "5.5.2 a ping, answered with its payload": ([frame(PING, b"data")], ["ping"]),
    "5.5.2 a ping of 125 bytes": ([frame(PING, b"x" * 125)], ["ping"]),
    "5.5.3 a pong that nobody asked for": ([frame(PONG, b"unasked")], ["pong"]),
    "5.6 text and binary keep their kinds": (
        [frame(TEXT, "é".encode()), frame(BINARY, b"\xff\xfe")],
        ["message é", "message bytes 255 254"],
    ),
    "8.1 a character cut in two by a fragment": (
        [frame(TEXT, b"\xf0\x9f", fin=False), frame(0, b"\x98\x80")],
        ["message 😀"],
    ),
    "8.1 the limits of UTF-8": (
        [frame(TEXT, "\u0000\u007f\u0080\u07ff\u0800\uffff\U0010ffff".encode())],
        ["message \u0000\u007f\u0080\u07ff\u0800\uffff\U0010ffff"],
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_a_server_may_send(tmp_path, language, case):
    sends, events = GOOD[case]
    heard = converse(tmp_path, language, [*sends, close()])
    assert heard.events == ["open", *events, BYE]
    assert heard.close_code == 1000


def test_5_5_2_pings_are_answered_with_their_payload(tmp_path, language):
    pings = [frame(PING, text) for text in (b"", b"one", b"x" * 125)]
    heard = converse(tmp_path, language, [*pings, close()])
    answers = [payload for opcode, payload in heard.received if opcode == PONG]
    # The last one tells that all before it came; earlier ones may be left out.
    assert answers[-1] == b"x" * 125


BAD = {
    "5.1 a masked frame": (frame(TEXT, b"a", masked=True), 1002),
    "5.2 the first reserved bit": (frame(TEXT, b"a", reserved=4), 1002),
    "5.2 the second reserved bit": (frame(TEXT, b"a", reserved=2), 1002),
    "5.2 the third reserved bit": (frame(BINARY, b"a", reserved=1), 1002),
    "5.2 a reserved bit of a ping": (frame(PING, b"a", reserved=4), 1002),
    "5.2 a reserved opcode of data": (frame(3, b"a"), 1002),
    "5.2 the last reserved opcode of data": (frame(7), 1002),
    "5.2 a reserved opcode of control": (frame(11, b"a"), 1002),
    "5.2 the last reserved opcode of control": (frame(15), 1002),
    "5.2 a length with its highest bit": (
        frame(BINARY, b"", length=2**63, length_bytes=8),
        1002,
    ),
    "5.4 a continuation of nothing": (frame(CONTINUATION, b"a"), 1002),
    "5.4 a continuation after the end": (
        frame(TEXT, b"a") + frame(CONTINUATION, b"b"),
        1002,
    ),
    "5.4 a new message within another": (
        frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"),
        1002,
    ),
    "5.5 a ping in fragments": (frame(PING, b"a", fin=False), 1002),
    "5.5 a close in fragments": (frame(8, b"\x03\xe8", fin=False), 1002),
    "5.5 a ping of 126 bytes": (frame(PING, b"x" * 126), 1002),
    "5.5.1 a close frame of one byte": (frame(8, b"\x03"), 1002),
    "5.5.1 a reason that is no UTF-8": (close(1000, b"\xff"), 1007),
    "7.4.1 the code 1004": (close(1004), 1002),
    "7.4.1 the code 1005": (close(1005), 1002),
    "7.4.1 the code 1006": (close(1006), 1002),
    "7.4.1 the code 1015": (close(1015), 1002),
    "7.4.1 a code of nobody": (close(1100), 1002),
    "7.4.2 the code 0": (close(0), 1002),
    "7.4.2 the code 999": (close(999), 1002),
    "7.4.2 the code 2999": (close(2999), 1002),
    "7.4.2 the code 5000": (close(5000), 1002),
    "8.1 a byte that is never UTF-8": (frame(TEXT, b"ab\xffcd"), 1007),
    "8.1 a character that is cut off": (frame(TEXT, b"\xf0\x9f\x98"), 1007),
    "8.1 a surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "8.1 a longer form than needed": (frame(TEXT, b"\xc0\xaf"), 1007),
    "8.1 beyond the last character": (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
}


@pytest.mark.parametrize("case", BAD)
def test_what_a_server_may_not_send(tmp_path, language, case):
    piece, code = BAD[case]
    heard = converse(tmp_path, language, [GREETING, piece, frame(TEXT, b"late")])
    said = [event for event in heard.events if event != "ping"]
    assert said[:2] == ["open", "message hello"]
    assert said[-2:] == ["error", "close 1006  false"]
    assert "message late" not in said
    assert heard.close_code == code


def test_8_1_text_is_refused_at_its_first_bad_byte(tmp_path, language):
    # The message never ends: whoever waits for its end would wait for ever.
    pieces = [frame(TEXT, b"good", fin=False), frame(0, b"b\xff", fin=False)]
    heard = converse(tmp_path, language, pieces)
    assert heard.events == ["open", "error", "close 1006  false"]
    assert heard.close_code == 1007


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_where_the_stream_is_cut_changes_nothing(tmp_path, language, size):
    whole = b"".join(
        piece for pieces, _ in list(GOOD.values())[6:9] for piece in pieces
    )
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    heard = converse(tmp_path, language, [*pieces, close()])
    assert heard.events == [
        "open",
        "message abc",
        "message bytes 1",
        "ping",
        "message ab",
        BYE,
    ]


@pytest.mark.parametrize(
    ("code", "reason", "event"),
    [
        (1000, b"", "close 1000  true"),
        (1001, b"later", "close 1001 later true"),
        (1011, "é".encode(), "close 1011 é true"),
        (3000, b"", "close 3000  true"),
        (4999, b"x" * 123, f"close 4999 {'x' * 123} true"),
        (None, b"", "close 1005  true"),
    ],
)
def test_7_1_the_servers_close_is_answered_and_told(
    tmp_path, language, code, reason, event
):
    heard = converse(tmp_path, language, [close(code, reason)])
    assert heard.events == ["open", event]
    assert heard.close_code == (1005 if code is None else code)


def test_5_5_1_what_comes_after_a_close_frame_is_ignored(tmp_path, language):
    heard = converse(tmp_path, language, [close(), GREETING, frame(PING)])
    assert heard.events == ["open", BYE]


@pytest.mark.parametrize("is_one_piece", [True, False], ids=["at once", "later"])
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(close(1002), id="another close frame"),
        pytest.param(frame(3), id="a reserved opcode"),
        pytest.param(frame(TEXT, b"x", masked=True), id="a masked frame"),
        pytest.param(frame(TEXT, b"\xff"), id="a text that is not UTF-8"),
        pytest.param(frame(CONTINUATION, b"x"), id="a continuation of nothing"),
        pytest.param(frame(TEXT, b"x", reserved=1), id="a reserved bit"),
    ],
)
@pytest.mark.parametrize("code", [1001, 4001, None])
def test_1_4_what_is_wrong_after_a_close_frame_is_discarded(
    tmp_path, language, code, wrong, is_one_piece
):
    said = close(code, b"off" if code else b"")
    pieces = [GREETING + said + wrong] if is_one_piece else [GREETING, said, wrong]
    heard = converse(tmp_path, language, pieces)
    end = f"close {code} off true" if code else "close 1005  true"
    assert heard.events == ["open", "message hello", end]
    assert heard.close_code == (code or 1005)


def test_7_1_5_tcp_that_just_ends_is_no_clean_close(tmp_path, language):
    heard = converse(tmp_path, language, [GREETING], ends=True)
    assert heard.events == ["open", "message hello", "error", "close 1006  false"]


def test_4_1_the_opening_request(tmp_path, language):
    heard = converse(tmp_path, language, [close()])
    headers = heard.headers
    assert headers["upgrade"].lower() == "websocket"
    assert headers["connection"].lower() == "upgrade"
    assert headers["sec-websocket-version"] == "13"
    assert len(headers["sec-websocket-key"]) == 24
    assert "origin" not in headers
    assert "sec-websocket-extensions" not in headers


def answer(*lines: str, status: str = "101 Switching Protocols") -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *lines, "", "")).encode()


UPGRADE, CONNECTION = "Upgrade: websocket", "Connection: Upgrade"
ACCEPT = "Sec-WebSocket-Accept: %s"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(answer(CONNECTION, ACCEPT), id="no Upgrade"),
        pytest.param(answer("Upgrade: h2c", CONNECTION, ACCEPT), id="another Upgrade"),
        pytest.param(answer(UPGRADE, ACCEPT), id="no Connection"),
        pytest.param(answer(UPGRADE, "Connection: close", ACCEPT), id="close"),
        pytest.param(answer(UPGRADE, CONNECTION), id="no Accept"),
        pytest.param(
            answer(UPGRADE, CONNECTION, "Sec-WebSocket-Accept: nonsense"),
            id="bad Accept",
        ),
        pytest.param(
            answer(UPGRADE, CONNECTION, ACCEPT, "Sec-WebSocket-Protocol: chat"),
            id="a subprotocol that was not offered",
        ),
        pytest.param(
            answer(UPGRADE, CONNECTION, ACCEPT, "Sec-WebSocket-Extensions: x"),
            id="an extension that was not offered",
        ),
        pytest.param(
            answer(UPGRADE, CONNECTION, ACCEPT, status="200 OK"), id="another status"
        ),
    ],
)
def test_4_1_an_answer_that_opens_nothing(tmp_path, language, given):
    heard = converse(tmp_path, language, [GREETING], answer=given)
    assert heard.events == ["error", "close 1006  false"]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(
            answer("upgrade: WebSocket", "CONNECTION: keep-alive, uPgRaDe", ACCEPT),
            id="case does not matter",
        ),
        pytest.param(
            answer("Upgrade:websocket", "Connection:\tUpgrade ", ACCEPT),
            id="space does not matter",
        ),
        pytest.param(
            answer(UPGRADE, CONNECTION, ACCEPT, status="101 "), id="no reason phrase"
        ),
    ],
)
def test_4_1_an_answer_in_another_dress(tmp_path, language, given):
    heard = converse(tmp_path, language, [GREETING, close()], answer=given)
    assert heard.events == ["open", "message hello", BYE]
