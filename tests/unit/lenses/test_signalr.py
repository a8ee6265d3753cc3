from typing import Any

import msgspec
import pytest
from heard_facts import heard

from gharial.lenses.lens import UnreadableError
from gharial.lenses.signalr import SignalRLens

END = "\x1e"
OPENING = [(">", '{"protocol":"json","version":1}' + END), ("<", "{}" + END)]
BINARY_OPENING = [(">", '{"protocol":"messagepack","version":1}' + END), OPENING[1]]
OPENED = [("ended", "handshake", 10), ("ready", 10)]


def packed(*items: Any) -> bytes:
    body = msgspec.msgpack.encode(items)
    size, length = len(body), b""
    while True:
        size, digit = divmod(size, 128)
        length += bytes([digit | (0x80 if size else 0)])
        if not size:
            return length + body


def test_invocations_and_what_the_server_calls() -> None:
    assert heard(
        SignalRLens,
        [
            *OPENING,
            (
                ">",
                '{"type":1,"target":"Send","arguments":["a"],"invocationId":"0"}' + END,
            ),
            (
                "<",
                '{"type":1,"target":"Received","arguments":["a"]}'
                + END
                + '{"type":6}'
                + END,
            ),
            ("<", '{"type":3,"invocationId":"0","result":null}' + END),
            (">", '{"type":1,"target":"Notify","arguments":[]}' + END),
            (">", '{"type":1,"target":"Fail","arguments":[],"invocationId":"1"}' + END),
            ("<", '{"type":3,"invocationId":"1","error":"no"}' + END),
            ("<", '{"type":7,"error":"over"}' + END),
        ],
    ) == [
        *OPENED,
        ("pushed", "Received"),
        ("ended", "Send", 20),
        ("failed", "Fail", 10),
        ("error", "completion"),
        ("error", "close"),
    ]


def test_a_stream_is_answered_by_its_first_item() -> None:
    item = '{"type":2,"invocationId":"0","item":1}' + END
    assert heard(
        SignalRLens,
        [
            *OPENING,
            (
                ">",
                '{"type":4,"target":"Count","arguments":[],"invocationId":"0"}' + END,
            ),
            ("<", item),
            ("<", item),
            ("<", '{"type":3,"invocationId":"0"}' + END),
            (
                ">",
                '{"type":4,"target":"Count","arguments":[],"invocationId":"1"}' + END,
            ),
            (">", '{"type":5,"invocationId":"1"}' + END),
            ("x", "1000"),
        ],
    ) == [
        *OPENED,
        ("ended", "Count", 10),
        ("interval", "Count", 10),
        ("pushed", "Count"),
    ]


def test_message_pack_says_the_same() -> None:
    assert heard(
        SignalRLens,
        [
            *BINARY_OPENING,
            (">", packed(1, {}, "0", "Send", ["a" * 200]) + packed(6)),
            ("<", packed(1, {}, None, "Received", [1])),
            ("<", packed(3, {}, "0", 2)),
            (">", packed(1, {}, "1", "Fail", [])),
            ("<", packed(3, {}, "1", 1, "no")),
            (">", packed(4, {}, "2", "Count", [])),
            ("<", packed(2, {}, "2", 5) + packed(2, {}, "2", 6)),
            ("<", packed(3, {}, "2", 3, None)),
            ("<", packed(7, "over")),
        ],
    ) == [
        *OPENED,
        ("pushed", "Received"),
        ("ended", "Send", 20),
        ("failed", "Fail", 10),
        ("error", "completion"),
        ("ended", "Count", 10),
        ("interval", "Count", 0),
        ("pushed", "Count"),
        ("error", "close"),
    ]


def test_a_refused_handshake_is_an_error() -> None:
    assert heard(SignalRLens, [OPENING[0], ("<", '{"error":"no"}' + END)]) == [
        ("failed", "handshake", 10),
        ("error", "handshake"),
    ]


@pytest.mark.parametrize(
    "dialogue",
    [
        [("<", "hello")],
        [(">", "{}" + END)],
        [(">", '{"type":1}')],
        [*OPENING, ("<", '{"type":6}')],
        [*OPENING, ("<", '{"type":99}' + END)],
        [*BINARY_OPENING, ("<", b"\x09\x90")],
        [*BINARY_OPENING, ("<", b"\xff" * 9)],
        [*BINARY_OPENING, ("<", packed("x"))],
        [*BINARY_OPENING, ("<", packed(3, {}))],
    ],
)
def test_what_is_something_else_is_unreadable(dialogue: Any) -> None:
    with pytest.raises(UnreadableError):
        heard(SignalRLens, dialogue)
