import pytest
from heard_facts import heard

from gharial.lenses.lens import UnreadableError
from gharial.lenses.phoenix import PhoenixLens

OK = '{"status":"ok","response":{}}'


def binary(kind: int, *parts: str) -> bytes:
    lengths = bytes(map(len, parts))
    return bytes([kind]) + lengths + "".join(parts).encode() + b"payload"


def test_a_session() -> None:
    assert heard(
        PhoenixLens,
        [
            (">", '["1","1","room:17","phx_join",{}]'),
            ("<", f'["1","1","room:17","phx_reply",{OK}]'),
            (">", '["1","2","room:17","shout",{"body":"hi"}]'),
            ("<", '[null,null,"room:17","shout",{"body":"hi"}]'),
            ("<", f'["1","2","room:17","phx_reply",{OK}]'),
            (">", '[null,"3","phoenix","heartbeat",{}]'),
            ("<", f'[null,"3","phoenix","phx_reply",{OK}]'),
        ],
    ) == [
        ("ended", "phx_join room:*", 10),
        ("ready", 10),
        ("pushed", "shout room:*"),
        ("ended", "shout room:*", 20),
        ("ended", "heartbeat", 10),
    ]


def test_replies_that_are_not_ok_have_failed() -> None:
    assert heard(
        PhoenixLens,
        [
            (">", '["1","1","room:x","phx_join",{}]'),
            ("<", '["1","1","room:x","phx_reply",{"status":"error","response":{}}]'),
            ("<", '["1",null,"room:x","phx_error",{}]'),
            (">", '["1","2","room:x","phx_leave",{}]'),
            ("x", "1006"),
        ],
    ) == [
        ("failed", "phx_join room:x", 10),
        ("error", "error"),
        ("error", "phx_error"),
        ("failed", "phx_leave room:x", None),
    ]


def test_binary_messages_say_the_same() -> None:
    assert heard(
        PhoenixLens,
        [
            (">", binary(0, "1", "2", "room:x", "shout")),
            ("<", binary(1, "1", "2", "room:x", "ok")),
            ("<", binary(0, "1", "room:x", "note")),
            ("<", binary(2, "room:x", "shout")),
        ],
    ) == [
        ("ended", "shout room:x", 10),
        ("pushed", "note room:x"),
        ("pushed", "shout room:x"),
    ]


@pytest.mark.parametrize(
    "message", ["", "[]", "{}", '["1","1","t","e"]', b"", b"\x07", b"\x00\x09\x09\x09"]
)
def test_what_is_something_else_is_unreadable(message: str | bytes) -> None:
    with pytest.raises(UnreadableError):
        heard(PhoenixLens, [("<", message)])
