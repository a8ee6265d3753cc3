from typing import Any

import pytest

from gharial.websocket.event_target import (
    AbortController,
    EventTarget,
    handler_property,
)
from gharial.websocket.events import Event


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
