import pytest
from heard_facts import heard

from gharial.lenses.centrifugo import CentrifugoLens
from gharial.lenses.lens import UnreadableError


def test_a_session() -> None:
    assert heard(
        CentrifugoLens,
        [
            (">", '{"id":1,"connect":{"name":"js"}}'),
            ("<", '{"id":1,"connect":{"client":"x","ping":25,"pong":true}}'),
            (
                ">",
                '{"id":2,"subscribe":{"channel":"room:17"}}\n{"id":3,"rpc":{"method":"sum"}}',
            ),
            ("<", '{"id":3,"rpc":{"data":3}}\n{"id":2,"subscribe":{}}\n'),
            ("<", "{}"),
            (">", "{}"),
            ("<", '{"push":{"channel":"room:17","pub":{"data":1}}}'),
            ("<", '{"push":{"channel":"room:17","join":{}}}'),
            (">", '{"id":4,"publish":{"channel":"room:17","data":{}}}'),
            ("<", '{"id":4,"error":{"code":103,"message":"permission denied"}}'),
        ],
    ) == [
        ("ended", "connect", 10),
        ("ready", 10),
        ("ended", "rpc sum", 10),
        ("ended", "subscribe room:*", 10),
        ("pushed", "pub room:*"),
        ("pushed", "join room:*"),
        ("failed", "publish room:*", 10),
        ("error", "103"),
    ]


@pytest.mark.parametrize("message", ["1", "[]", "hello", b"\x0a\xff"])
def test_what_is_something_else_is_unreadable(message: str | bytes) -> None:
    with pytest.raises(UnreadableError):
        heard(CentrifugoLens, [("<", message)])


def test_an_unknown_command_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        heard(CentrifugoLens, [(">", '{"id":1,"dance":{}}')])
