import pytest
from heard_facts import heard

from gharial.lenses.lens import UnreadableError
from gharial.lenses.socketio import SocketIoLens


def test_a_session_from_connecting_to_a_push() -> None:
    assert heard(
        SocketIoLens,
        [
            ("<", '0{"sid":"a","pingInterval":25000}'),
            (">", '40{"token":"t"}'),
            ("<", '40{"sid":"b"}'),
            (">", '42["chat","hi"]'),
            ("<", '42["chat","hi"]'),
            ("<", "2"),
            (">", "3"),
            ("<", '42["chat","again"]'),
        ],
    ) == [
        ("ended", "connect", 10),
        ("ready", 20),
        ("pushed", "chat"),
        ("pushed", "chat"),
    ]


def test_acknowledged_events_are_paired_by_their_ids() -> None:
    assert heard(
        SocketIoLens,
        [
            (">", '420["slow",1]'),
            (">", '4212["quick"]'),
            ("<", "4312[]"),
            ("<", '430["done"]'),
            ("<", "430[]"),
        ],
    ) == [("ended", "quick", 10), ("ended", "slow", 30)]


def test_an_acknowledgement_counts_once_its_attachments_are_there() -> None:
    assert heard(
        SocketIoLens,
        [
            (">", '451-7["upload",{"_placeholder":true,"num":0}]'),
            (">", b"\x01\x02"),
            ("<", '462-7[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'),
            ("<", b"\x01"),
            ("<", b"\x02"),
            ("<", '451-["image",{"_placeholder":true,"num":0}]'),
            ("<", b"\x03"),
        ],
    ) == [("ended", "upload", 40), ("pushed", "image")]


def test_namespaces_are_told_apart() -> None:
    assert heard(
        SocketIoLens,
        [
            (">", "40/admin?token=x,"),
            (">", "40"),
            ("<", '40{"sid":"a"}'),
            ("<", '44/admin,{"message":"no"}'),
            (">", '42/room-7,3["join"]'),
            (">", '423["join"]'),
            ("<", "43/room-7,3[]"),
            ("<", '42/room-8,["news"]'),
            ("<", "41/room-8,"),
            ("x", "1000"),
        ],
    ) == [
        ("ended", "connect", 10),
        ("ready", 20),
        ("failed", "/admin connect", 30),
        ("error", "connect_error"),
        ("ended", "/room-* join", 20),
        ("pushed", "/room-* news"),
        ("pushed", "/room-* disconnect"),
        ("failed", "join", None),
    ]


def test_an_upgrade_from_polling_is_a_request_of_its_own() -> None:
    assert heard(SocketIoLens, [(">", "2probe"), ("<", "3probe"), (">", "5")]) == [
        ("ended", "probe", 10)
    ]


def test_an_escaped_name_is_read_as_json() -> None:
    assert heard(
        SocketIoLens, [("<", '42["a\\"b\\u00e9"]'), ("<", '42["a\\"b",1]')]
    ) == [
        ("pushed", 'a"bé'),
        ("pushed", 'a"b'),
    ]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "hello",
        '{"a":1}',
        "4",
        "49",
        "42",
        "42{}",
        "45[]",
        b"\x01",
        '42["a',
        '42["\n"]',
    ],
)
def test_what_is_something_else_is_unreadable(message: str | bytes) -> None:
    with pytest.raises(UnreadableError):
        heard(SocketIoLens, [("<", message)])
