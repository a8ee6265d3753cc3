import pytest
from heard_facts import heard

from gharial.lenses import stomp
from gharial.lenses.lens import UnreadableError
from gharial.lenses.stomp import StompLens


def test_a_session() -> None:
    assert heard(
        StompLens,
        [
            (">", "CONNECT\naccept-version:1.2\n\n\0"),
            ("<", "CONNECTED\nversion:1.2\n\n\0"),
            (">", "SUBSCRIBE\nid:0\ndestination:/topic/room.7\nreceipt:r1\n\n\0"),
            ("<", "RECEIPT\nreceipt-id:r1\n\n\0"),
            (">", "\n"),
            ("<", "\n"),
            (">", "SEND\ndestination:/topic/room.7\n\nhi\0"),
            ("<", "MESSAGE\ndestination:/topic/room.7\nmessage-id:1\n\nhi\0\n"),
        ],
    ) == [
        ("ended", "CONNECT", 10),
        ("ready", 10),
        ("ended", "SUBSCRIBE /topic/room.*", 10),
        ("pushed", "/topic/room.*"),
    ]


def test_an_error_fails_what_it_answers() -> None:
    assert heard(
        StompLens,
        [
            (">", "STOMP\r\naccept-version:1.2\r\n\r\n\0"),
            ("<", "ERROR\r\nmessage:bad login\r\n\r\nno\0"),
            (">", "SEND\ndestination:/q\nreceipt:9\n\n\0"),
            ("<", "ERROR\nreceipt-id:9\nmessage:no\n\n\0"),
            (">", "SEND\ndestination:/q\nreceipt:10\n\n\0"),
            ("x", "1002"),
        ],
    ) == [
        ("failed", "STOMP", 10),
        ("error", "ERROR"),
        ("failed", "SEND /q", 10),
        ("error", "ERROR"),
        ("failed", "SEND /q", None),
    ]


def test_frames_may_come_together_and_in_parts() -> None:
    stream = (
        b"MESSAGE\ndestination:/a\ncontent-length:3\n\nx\0y\0\n\n"
        b"MESSAGE\ndestination:/b\n\n\0RECEIPT\nreceipt-id:1\n\n\0"
    )
    for cut in range(len(stream)):
        assert heard(StompLens, [("<", stream[:cut]), ("<", stream[cut:])]) == [
            ("pushed", "/a"),
            ("pushed", "/b"),
        ]


def test_what_is_kept_of_a_frame_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stomp, "FRAME_MAXIMUM_BYTES", 1_000)
    parts = [("<", "MESSAGE\ndestination:/a\n\n"), *[("<", "x" * 600)] * 2]
    with pytest.raises(UnreadableError, match="too large"):
        heard(StompLens, parts)


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        '{"a":1}',
        "SEND\n\n\0",
        "MESSAGE\ncontent-length:1\n\nxyz\0",
        b"\xff\x00",
    ],
)
def test_what_is_something_else_is_unreadable(message: str | bytes) -> None:
    with pytest.raises(UnreadableError):
        heard(StompLens, [("<", message)])
