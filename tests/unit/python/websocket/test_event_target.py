from typing import Any

import pytest

from gharial.python.websocket.event_target import (
    AbortController,
    EventTarget,
    handler_property,
)
from gharial.python.websocket.events import CloseEvent, ErrorEvent, Event
from gharial.websocket.errors import WebSocketError


class Target(EventTarget):
    """Keeps what its listeners raise and return."""

    on_thing = handler_property("thing")

    def __init__(self) -> None:
        super().__init__()
        self.reported: list[BaseException] = []
        self.returned: list[object] = []

    def _report(self, error: BaseException) -> None:
        self.reported.append(error)

    def _returned(self, result: object) -> None:
        self.returned.append(result)


def test_listeners_are_called_in_the_order_in_which_they_were_added() -> None:
    target, seen = Target(), list[str]()
    target.add_event_listener("thing", lambda event: seen.append("a"))
    target.on_thing = lambda event: seen.append("replaced")
    target.add_event_listener("thing", lambda event: seen.append("c"))
    target.on_thing = lambda event: seen.append("b")
    target.dispatch_event(Event("thing"))
    assert seen == ["a", "b", "c"]


def test_a_listener_is_added_once_and_can_be_removed() -> None:
    target, seen = Target(), list[str]()

    def listener(event: Event) -> None:
        seen.append(event.type)

    target.add_event_listener("thing", listener)
    target.add_event_listener("thing", listener)
    target.dispatch_event(Event("thing"))
    target.remove_event_listener("thing", listener)
    target.remove_event_listener("thing", listener)
    target.dispatch_event(Event("thing"))
    assert seen == ["thing"]


def test_once_and_signal_remove_a_listener() -> None:
    target, seen = Target(), list[str]()
    controller = AbortController()
    target.add_event_listener("thing", lambda event: seen.append("once"), once=True)
    target.add_event_listener(
        "thing", lambda event: seen.append("signal"), signal=controller.signal
    )
    target.dispatch_event(Event("thing"))
    controller.abort()
    controller.abort()
    target.dispatch_event(Event("thing"))
    target.add_event_listener(
        "thing", lambda event: seen.append("late"), signal=controller.signal
    )
    target.dispatch_event(Event("thing"))
    assert seen == ["once", "signal"]
    assert controller.signal.aborted


def test_a_listener_removed_by_an_earlier_one_is_not_called() -> None:
    target, seen = Target(), list[str]()

    def second(event: Event) -> None:
        seen.append("second")

    target.add_event_listener(
        "thing", lambda event: target.remove_event_listener("thing", second)
    )
    target.add_event_listener("thing", second)
    target.dispatch_event(Event("thing"))
    assert seen == []


def test_capturing_listeners_come_first_and_are_told_apart() -> None:
    target, seen = Target(), list[str]()

    def both(event: Event) -> None:
        seen.append("both")

    target.add_event_listener("thing", both)
    target.add_event_listener("thing", lambda event: seen.append("a"), capture=True)
    target.add_event_listener("thing", both, capture=True)
    target.dispatch_event(Event("thing"))
    target.remove_event_listener("thing", both, capture=True)
    target.dispatch_event(Event("thing"))
    assert seen == ["a", "both", "both", "a", "both"]


def test_propagation_stopped_while_capturing_stops_the_rest() -> None:
    target, seen = Target(), list[str]()
    target.add_event_listener("thing", Event.stop_propagation, capture=True)
    target.add_event_listener("thing", lambda event: seen.append("a"), capture=True)
    target.add_event_listener("thing", lambda event: seen.append("b"))
    target.dispatch_event(Event("thing"))
    assert seen == ["a"]


def test_an_event_stopped_once_can_be_dispatched_again() -> None:
    target, event = Target(), Event("thing")
    stopped: list[bool] = []
    target.add_event_listener("thing", Event.stop_immediate_propagation, once=True)
    target.add_event_listener("thing", lambda event: stopped.append(event.is_stopped))
    target.dispatch_event(event)
    target.dispatch_event(event)
    assert stopped == [False]


@pytest.mark.parametrize(
    ("cancelable", "passive", "goes_on"),
    [(True, False, False), (True, True, True), (False, False, True)],
)
def test_dispatching_tells_whether_nobody_cancelled(
    *, cancelable: bool, passive: bool, goes_on: bool
) -> None:
    target, event = Target(), Event("thing", cancelable=cancelable)
    target.add_event_listener("thing", Event.prevent_default, passive=passive)
    assert target.dispatch_event(event) is goes_on
    assert event.default_prevented is not goes_on
    assert event.cancelable is cancelable


def test_a_handler_cancels_by_returning_false() -> None:
    target = Target()
    target.on_thing = lambda event: False
    assert not target.dispatch_event(Event("thing", cancelable=True))
    assert target.dispatch_event(Event("thing"))
    assert target.returned == []


def test_what_is_dispatched_already_or_is_no_event_is_refused() -> None:
    target = Target()
    target.add_event_listener("thing", target.dispatch_event)
    target.dispatch_event(Event("thing"))
    [error] = target.reported
    assert isinstance(error, WebSocketError)
    assert error.name == "InvalidStateError"
    with pytest.raises(TypeError, match="takes an Event, not 'thing'"):
        target.dispatch_event("thing")  # type: ignore[arg-type]


def test_a_target_of_ones_own_reports_to_what_surrounds_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    target, seen = EventTarget(), list[str]()
    target.add_event_listener("thing", lambda event: event.no_such_name)
    target.add_event_listener("thing", lambda event: seen.append("called"))
    target.add_event_listener("thing", lambda event: "returned")
    target.dispatch_event(Event("thing"))
    assert seen == ["called"]
    [record] = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is AttributeError


def test_one_added_meanwhile_waits_for_the_next_event() -> None:
    target, seen = Target(), list[str]()
    target.add_event_listener(
        "thing",
        lambda event: target.add_event_listener("thing", lambda e: seen.append("x")),
        once=True,
    )
    target.dispatch_event(Event("thing"))
    assert seen == []
    target.dispatch_event(Event("thing"))
    assert seen == ["x"]


def test_what_a_listener_raises_is_reported_and_the_rest_are_called() -> None:
    target, seen = Target(), list[str]()
    error = ValueError()

    def fails(event: Event) -> None:
        raise error

    target.add_event_listener("thing", fails)
    target.add_event_listener("thing", lambda event: seen.append("called"))
    target.dispatch_event(Event("thing"))
    assert seen == ["called"]
    assert target.reported == [error]


def test_what_a_listener_returns_is_handed_on_unless_it_is_none() -> None:
    target = Target()
    target.add_event_listener("thing", lambda event: 5)
    target.add_event_listener("thing", lambda event: None)
    target.dispatch_event(Event("thing"))
    assert target.returned == [5]


def test_a_listener_can_stop_those_behind_it() -> None:
    target, seen = Target(), list[str]()
    target.add_event_listener("thing", Event.stop_immediate_propagation)
    target.add_event_listener("thing", lambda event: seen.append("x"))
    target.dispatch_event(Event("thing"))
    assert seen == []


def test_events_know_their_target_and_that_a_script_made_them() -> None:
    target, seen = Target(), list[tuple[Any, ...]]()
    event = Event("thing", is_trusted=True)

    class Listens:
        def handle_event(self, event: Event) -> None:
            seen.append((event.target, event.current_target, event.is_trusted))

    target.add_event_listener("thing", Listens())
    target.dispatch_event(event)
    assert seen == [(target, target, False)]
    assert event.current_target is None
    assert repr(event) == "<Event thing>"


@pytest.mark.parametrize("value", [5, "text", object()])
def test_only_functions_and_listening_objects_are_taken(value: Any) -> None:
    target = Target()
    with pytest.raises(TypeError):
        target.add_event_listener("thing", value)
    with pytest.raises(TypeError):
        target.on_thing = value


def test_none_is_no_listener_and_unsets_a_handler() -> None:
    target, seen = Target(), list[str]()
    target.add_event_listener("thing", None)
    target.on_thing = lambda event: seen.append("x")
    assert target.on_thing is not None
    target.on_thing = None
    assert target.on_thing is None
    target.dispatch_event(Event("thing"))
    assert seen == []


def test_the_decorator_adds_and_gives_the_function_back() -> None:
    target, seen = Target(), list[str]()

    @target.on("thing")
    def listener(event: Event) -> None:
        seen.append("x")

    target.dispatch_event(Event("thing"))
    listener(Event("thing"))
    assert seen == ["x", "x"]


def test_a_long_lived_signal_forgets_listeners_that_are_gone() -> None:
    target, controller, seen = Target(), AbortController(), list[str]()
    for _ in range(3):
        target.add_event_listener(
            "thing",
            lambda event: seen.append("once"),
            once=True,
            signal=controller.signal,
        )
        target.dispatch_event(Event("thing"))
    target.add_event_listener(
        "thing", lambda event: seen.append("kept"), signal=controller.signal
    )
    assert len(controller.signal._callbacks) == 1
    controller.abort()
    target.dispatch_event(Event("thing"))
    assert seen == ["once"] * 3


def test_the_text_of_an_event_says_what_the_event_says() -> None:
    error = ErrorEvent("error", error="dial tcp: refused")
    assert repr(error) == str(error) == "<ErrorEvent error: 'dial tcp: refused'>"
    close = CloseEvent("close", code=4001, reason="bye")
    assert repr(close) == str(close) == "<CloseEvent close: 4001 'bye'>"
