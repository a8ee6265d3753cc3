from typing import Any

import pytest
from heard_facts import HeardFacts

from gharial.lenses.jsonrpc import JsonRpcLens
from gharial.lenses.lens import BINARY, TEXT, Facts, Lens
from gharial.websocket.messages import MessageTaker
from gharial.websocket.watch import MessageWatch


class Taker(MessageTaker):
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def take(self, data: Any, at_s: float) -> None:
        self.taken.append((data, at_s))


class BrokenLens(Lens):
    """Fails in its own way, not in ours."""

    name = "broken"

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        raise ZeroDivisionError("oh")


def watch_of(
    lens: Lens, now_s: float = 0.0
) -> tuple[MessageWatch, list[tuple[Any, float]], list[str]]:
    taker, unreadable = Taker(), list[str]()
    watch = MessageWatch(lens, taker, lambda: now_s, unreadable.append)
    return watch, taker.taken, unreadable


def test_messages_are_shown_and_handed_on_as_they_are() -> None:
    facts = HeardFacts()
    watch, taken, _ = watch_of(JsonRpcLens(facts))
    watch.sent(b'{"method":"a","id":1}', TEXT, 1.0)
    watch.take('{"id":1,"result":"é"}', 1.5)
    watch.take(b'{"method":"b"}', 1.6)
    assert taken == [('{"id":1,"result":"é"}', 1.5), (b'{"method":"b"}', 1.6)]
    assert facts.seen == [("ended", "a", 500), ("pushed", "b")]


def test_what_takes_messages_may_be_a_function() -> None:
    taken = []
    watch = MessageWatch(
        JsonRpcLens(HeardFacts()), lambda data, at_s: taken.append(data), float, print
    )
    watch.take('{"method":"b"}', 1.0)
    watch("{}", 1.0)
    assert taken == ['{"method":"b"}', "{}"]


def test_a_lens_that_cannot_read_is_not_shown_any_more() -> None:
    facts = HeardFacts()
    watch, taken, unreadable = watch_of(JsonRpcLens(facts))
    watch.sent(b'{"method":"a","id":1}', TEXT, 1.0)
    watch.take("hello", 2.0)
    watch.take("hello", 3.0)
    watch.sent(b"hello", TEXT, 4.0)
    watch.closed(1000, 5.0)
    assert [data for data, _ in taken] == ["hello", "hello"]
    assert facts.seen == [("error", "unreadable")]
    assert unreadable == ["a message is not of JSON-RPC 2.0"]


def test_a_lens_that_fails_does_no_harm() -> None:
    facts = HeardFacts()
    watch, _, unreadable = watch_of(BrokenLens(facts))
    watch.sent(b"x", BINARY, 1.0)
    assert facts.seen == [("error", "unreadable")]
    assert unreadable == ["it failed: ZeroDivisionError('oh')"]


def test_an_answer_is_never_dated_before_its_request() -> None:
    facts = HeardFacts()
    watch, taken, _ = watch_of(JsonRpcLens(facts), now_s=2.25)
    watch.sent(b'{"method":"a","id":1}', TEXT, 2.0)
    watch.take('{"id":1,"result":1}', 1.9)
    assert facts.seen == [("ended", "a", 250)]
    assert taken[0][1] == pytest.approx(1.9)


def test_what_a_script_measures_itself_is_not_measured_twice() -> None:
    facts = HeardFacts()
    watch, _, _ = watch_of(JsonRpcLens(facts))
    watch.begins_request = True
    watch.sent(b'{"method":"a","id":1}', TEXT, 1.0)
    watch.sent(b'{"method":"b","id":2}', TEXT, 1.0)
    watch.take('{"id":1,"result":1}', 2.0)
    watch.take('{"id":2,"result":1}', 2.0)
    assert facts.seen == [("ended", "b", 1000)]


def test_what_waits_at_the_end_has_failed_unless_it_is_forgotten() -> None:
    for forgets, seen in ((False, [("failed", "a", None)]), (True, [])):
        facts = HeardFacts()
        watch, _, _ = watch_of(JsonRpcLens(facts))
        watch.sent(b'{"method":"a","id":1}', TEXT, 1.0)
        if forgets:
            watch.forget()
        watch.closed(1001, 2.0)
        watch.closed(1001, 2.0)
        assert facts.seen == seen


def test_facts_are_nothing_by_themselves() -> None:
    with pytest.raises(NotImplementedError):
        Facts().pushed("a", 0.0)
