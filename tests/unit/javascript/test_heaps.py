from types import SimpleNamespace
from typing import Any, cast

from gharial.engine.port import JsGroup
from gharial.javascript.heaps import SHARED_BYTES_MAXIMUM, Heaps


def group(size_bytes: int = 0) -> JsGroup:
    return cast("JsGroup", SimpleNamespace(memory_bytes=lambda: size_bytes))


def test_the_latest_heap_takes_members_up_to_the_number() -> None:
    heaps = Heaps[str]()
    assert heaps.with_room(2) is None
    heap = heaps.add(group())
    heap.members.append("first")
    assert heaps.with_room(2) is heap
    assert heaps.with_room(1) is None


def test_a_heap_that_is_full_or_large_takes_no_more() -> None:
    heaps = Heaps[str]()
    heap = heaps.add(group())
    heap.is_full = True
    assert heaps.with_room(2) is None
    heaps.add(group(SHARED_BYTES_MAXIMUM + 1))
    assert heaps.with_room(2) is None


def test_a_heap_goes_with_its_last_member() -> None:
    heaps = Heaps[Any]()
    first, second = heaps.add(group()), heaps.add(group())
    first.members.append("a")
    second.members.append("b")
    second.leave("b")
    assert heaps.with_room(2) is first
    first.leave("nobody")
    assert heaps.with_room(2) is first
    heaps.clear()
    first.leave("a")
    assert heaps.with_room(2) is None
