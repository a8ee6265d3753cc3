"""The events that scripts make take the same in C as in plain Python."""

import copy
import pickle
from decimal import Decimal
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from twins import both_builds


class Text(str):
    """A string that is not quite one."""


class Number(int):
    """The same of a number."""


BUILDS = pytest.mark.parametrize("events", both_builds("python.websocket.events"))
KINDS = ["Event", "MessageEvent", "CloseEvent", "ErrorEvent"]


@BUILDS
class TestEvents:
    @pytest.mark.parametrize(
        "code",
        [1000.7, "x", None, True, Number(1000), np.int32(1000), Decimal(1), b"", [1]],
    )
    def test_a_code_is_kept_as_it_is(self, events: ModuleType, code: object) -> None:
        assert events.CloseEvent("close", code=code).code is code

    @pytest.mark.parametrize("value", [0, 1, "", "yes", None, [], np.True_])
    @pytest.mark.parametrize("name", ["was_clean", "is_trusted"])
    def test_what_stands_for_a_truth_is_kept_as_it_is(
        self, events: ModuleType, name: str, value: object
    ) -> None:
        event = events.CloseEvent("close", **{name: value})
        assert getattr(event, name) is value

    @pytest.mark.parametrize("value", ["error", Text("sub"), 5, None, b"x", object()])
    def test_words_are_kept_as_they_are(
        self, events: ModuleType, value: object
    ) -> None:
        assert events.ErrorEvent("error", error=value).error is value
        assert events.Event(value).type is value
        assert events.MessageEvent("message", origin=value or "").origin == (
            value or ""
        )

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(
        "timestamp", [5, 5.5, True, Number(7), np.float64(1.5), np.int64(3), Decimal(2)]
    )
    def test_a_timestamp_is_a_float(
        self, events: ModuleType, kind: str, timestamp: Any
    ) -> None:
        event = getattr(events, kind)("it", timestamp)
        assert (event.timestamp, type(event.timestamp)) == (float(timestamp), float)
        event.timestamp = 8
        assert (event.timestamp, type(event.timestamp)) == (8.0, float)

    @pytest.mark.parametrize(
        ("timestamp", "error"), [("x", ValueError), (None, TypeError), ([], TypeError)]
    )
    def test_a_timestamp_is_a_number(
        self, events: ModuleType, timestamp: Any, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            events.Event("it", timestamp)
        with pytest.raises(error):
            events.Event("it").timestamp = timestamp

    @pytest.mark.parametrize(
        ("kind", "arguments", "named"),
        [
            pytest.param("Event", (), {}, id="no type"),
            pytest.param("Event", ("a", 1.0, True), {}, id="positional"),
            pytest.param("Event", ("a",), {"bubbles": True}, id="unknown"),
            pytest.param("Event", ("a",), {"type": "b"}, id="twice"),
            pytest.param("CloseEvent", ("close", 0.0, 1000), {}, id="code"),
            pytest.param("CloseEvent", ("close",), {"reason": 5}, id="reason"),
            pytest.param("CloseEvent", ("close",), {"reason": None}, id="no reason"),
        ],
    )
    def test_wrong_arguments_are_refused(
        self,
        events: ModuleType,
        kind: str,
        arguments: tuple[Any, ...],
        named: dict[str, Any],
    ) -> None:
        with pytest.raises((TypeError, AttributeError)):
            getattr(events, kind)(*arguments, **named)

    def test_all_may_be_given_by_name(self, events: ModuleType) -> None:
        event = events.CloseEvent(
            type="close", timestamp=2.0, code=3000, reason=Text("a\ud800")
        )
        assert (event.type, event.timestamp, event.code) == ("close", 2.0, 3000)
        assert (event.reason, type(event.reason)) == ("a\ufffd", str)

    @pytest.mark.parametrize("kind", KINDS)
    def test_nothing_can_be_added_but_in_a_class_of_ones_own(
        self, events: ModuleType, kind: str
    ) -> None:
        made: Any = getattr(events, kind)
        with pytest.raises(AttributeError):
            made("it").more = 1

        class Mine(made):
            def __init__(self, more: int) -> None:
                super().__init__("mine")
                self.more = more

        mine = Mine(more=3)
        assert (mine.type, mine.more, isinstance(mine, events.Event)) == (
            "mine",
            3,
            True,
        )

    def test_the_words_for_people_are_the_same(self, events: ModuleType) -> None:
        class Mine(events.Event):  # type: ignore[name-defined]
            pass

        assert [
            repr(events.Event("a")),
            repr(events.MessageEvent("message")),
            repr(events.CloseEvent("close", code=1000.7, reason="r")),
            repr(events.ErrorEvent("error", error=Text("e"))),
            repr(Mine("b")),
        ] == [
            "<Event a>",
            "<MessageEvent message>",
            "<CloseEvent close: 1000.7 'r'>",
            "<ErrorEvent error: 'e'>",
            "<Mine b>",
        ]

    @pytest.mark.parametrize("kind", KINDS)
    def test_they_are_compared_by_identity(self, events: ModuleType, kind: str) -> None:
        made = getattr(events, kind)
        one, other = made("it"), made("it")
        assert one == one
        assert one != other
        assert len({one, other}) == 2
        with pytest.raises(TypeError):
            assert one < other

    @pytest.mark.parametrize(
        "copied",
        [copy.copy, copy.deepcopy, lambda event: pickle.loads(pickle.dumps(event))],
        ids=["copy", "deep", "pickle"],
    )
    def test_a_copy_has_all_that_the_event_has(
        self, events: ModuleType, copied: Any
    ) -> None:
        event = events.CloseEvent("close", 7.0, code=1000.7, reason="r", was_clean=True)
        event.prevent_default()
        event.stop_immediate_propagation()
        other = copied(event)
        assert type(other) is events.CloseEvent
        assert other is not event
        for name in (
            *("type", "timestamp", "code", "reason", "was_clean", "is_trusted"),
            *("target", "current_target", "is_stopped", "default_prevented"),
        ):
            assert getattr(other, name) == getattr(event, name)

    def test_what_it_was_sent_is_the_same(self, events: ModuleType) -> None:
        socket = object()
        event = events.message_event(b"data", 5.0, socket)
        assert type(event) is events.MessageEvent
        assert (event.type, event.data, event.timestamp) == ("message", b"data", 5.0)
        assert event.target is event.current_target is socket
        assert (event.is_trusted, event.cancelable, event.origin) == (True, False, "")
