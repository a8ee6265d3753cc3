from typing import Any

import pytest
from picows.picows import _make_test_ws_frame

from gharial.python.websocket.events import MessageEvent
from gharial.python.websocket.inbox import Inbox


class Socket:
    """What an inbox asks of its socket."""

    _origin = "ws://host:1"

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def dispatch_special(self, data: Any, at_ms: float) -> None:
        self.told.append(("special", data))

    def _report(self, error: BaseException) -> None:
        self.told.append(("report", error))

    def _returned(self, result: object) -> None:
        self.told.append(("returned", result))


def inbox_of(socket: Socket, only: Any) -> Inbox:
    inbox = Inbox(socket, socket.dispatch_special)  # type: ignore[arg-type]
    inbox.is_open = True
    inbox.only = only
    return inbox


def test_the_one_listener_gets_an_event_with_all_its_attributes() -> None:
    socket = Socket()
    events: list[MessageEvent] = []
    current: list[object] = []

    def listen(event: MessageEvent) -> None:
        events.append(event)
        current.append(event.current_target)

    inbox_of(socket, listen).receive("data", 1500.0)
    [event] = events
    assert (event.type, event.data, event.timestamp) == ("message", "data", 1500.0)
    assert event.target is socket
    assert current == [socket]
    assert event.current_target is None
    assert event.origin == "ws://host:1"
    assert event.last_event_id == ""
    assert event.is_trusted
    assert not event.cancelable
    assert socket.told == []


def test_nobody_hears_of_it_while_the_socket_is_not_open() -> None:
    socket = Socket()
    inbox = inbox_of(socket, socket.told.append)
    inbox.is_open = False
    inbox.receive("data", 1.0)
    assert inbox.receive_frame(_make_test_ws_frame(1, b"data", True, False), 1.0)  # type: ignore[arg-type]
    assert socket.told == []


def test_nothing_happens_where_nobody_listens() -> None:
    socket = Socket()
    inbox = inbox_of(socket, None)
    inbox.receive("data", 1.0)
    assert inbox.receive_frame(_make_test_ws_frame(2, b"data", True, False), 1.0)  # type: ignore[arg-type]
    assert socket.told == []


def test_a_text_that_is_not_utf8_is_refused_also_where_nobody_listens() -> None:
    inbox = inbox_of(Socket(), None)
    assert not inbox.receive_frame(_make_test_ws_frame(1, b"\xff", True, False), 1.0)  # type: ignore[arg-type]


def test_what_is_more_than_to_call_one_function_is_the_sockets() -> None:
    socket = Socket()
    inbox = inbox_of(socket, None)
    inbox.is_special = True
    inbox.receive_frame(_make_test_ws_frame(1, b"data", True, False), 1.0)  # type: ignore[arg-type]
    assert socket.told == [("special", "data")]


def test_what_the_listener_raises_is_reported_and_its_event_is_over() -> None:
    socket = Socket()
    error = ValueError("bad")
    events: list[MessageEvent] = []

    def listen(event: MessageEvent) -> None:
        events.append(event)
        raise error

    inbox_of(socket, listen).receive("data", 1.0)
    assert socket.told == [("report", error)]
    assert events[0].current_target is None


@pytest.mark.parametrize("result", [None, "text", b"bytes", 1, 1.0, False, {}, []])
def test_what_is_surely_no_coroutine_is_dropped(result: object) -> None:
    socket = Socket()
    inbox_of(socket, lambda event: result).receive("data", 1.0)
    assert socket.told == []


def test_anything_else_that_it_returns_is_handed_on() -> None:
    socket = Socket()
    result = object()
    inbox_of(socket, lambda event: result).receive("data", 1.0)
    assert socket.told == [("returned", result)]
