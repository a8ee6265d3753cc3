from typing import Any

import pytest
from picows.picows import _make_test_ws_frame

from gharial.engine.called_receiver import CalledReceiver
from gharial.websocket.messages import MessageReceiver, MessageTaker, content

TEXT, BINARY = 1, 2
FRAMES = [
    pytest.param(TEXT, "\u00e9".encode(), "\u00e9", id="text"),
    pytest.param(TEXT, b"", "", id="empty text"),
    pytest.param(BINARY, b"\xff", b"\xff", id="binary"),
]


class Taker(MessageTaker):
    def __init__(self) -> None:
        self.taken: list[Any] = []

    def take(self, data: Any, at_s: float) -> None:
        self.taken.append((data, at_s))


class Receiver(MessageReceiver):
    def __init__(self) -> None:
        self.received: list[Any] = []

    def receive(self, data: Any, at_ms: float) -> None:
        self.received.append((data, at_ms))


def frame_of(kind: int, payload: bytes) -> Any:
    return _make_test_ws_frame(kind, payload, True, False)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "payload", "data"), FRAMES)
def test_the_content_of_a_frame_is_a_text_or_bytes(
    kind: int, payload: bytes, data: object
) -> None:
    assert content(frame_of(kind, payload)) == data


@pytest.mark.parametrize(("kind", "payload", "data"), FRAMES)
def test_a_taker_takes_frames_and_calls_alike(
    kind: int, payload: bytes, data: object
) -> None:
    taker = Taker()
    assert taker.take_frame(frame_of(kind, payload), 1.5)
    taker(data, 2.5)
    assert taker.taken == [(data, 1.5), (data, 2.5)]


@pytest.mark.parametrize(("kind", "payload", "data"), FRAMES)
def test_a_receiver_receives_frames_as_their_content(
    kind: int, payload: bytes, data: object
) -> None:
    receiver = Receiver()
    assert receiver.receive_frame(frame_of(kind, payload), 1.5)
    assert receiver.received == [(data, 1.5)]


def test_a_text_that_is_not_utf8_is_refused() -> None:
    taker, receiver = Taker(), Receiver()
    frame = frame_of(TEXT, b"\xff")
    assert not taker.take_frame(frame, 1.0)
    assert not receiver.receive_frame(frame, 1.0)
    assert taker.taken == receiver.received == []


def test_those_that_do_not_say_how_cannot_be_used() -> None:
    with pytest.raises(NotImplementedError):
        MessageTaker().take("a", 1.0)
    with pytest.raises(NotImplementedError):
        MessageReceiver().receive("a", 1.0)


def test_a_called_receiver_calls_with_its_first_argument() -> None:
    seen: list[Any] = []
    receiver = CalledReceiver(lambda *message: seen.append(message), "it")
    receiver.receive("a", 1.0)
    assert receiver.receive_frame(frame_of(TEXT, b"b"), 2.0)
    assert receiver.has_jobs()
    assert seen == [("it", "a", 1.0), ("it", "b", 2.0)]
