import pickle

import pytest

from gharial.metrics.selectors import SelectorSyntaxError, parse_selector
from gharial.metrics.tags import TagSet


@pytest.mark.parametrize(
    ("text", "metric", "tags"),
    [
        ("ws_ping", "ws_ping", ()),
        ("ws_ping{a:b}", "ws_ping", (("a", "b"),)),
        ("ws_ping{ a : b , c:d }", "ws_ping", (("a", "b"), ("c", "d"))),
        ("checks{group:::outer::inner}", "checks", (("group", "::outer::inner"),)),
        ("m1{url:ws://h:1/p}", "m1", (("url", "ws://h:1/p"),)),
        ("m1{'a':\"b,c\"}", "m1", (("a", "b,c"),)),
        ("m1{check:it's on,a:b}", "m1", (("check", "it's on"), ("a", "b"))),
        ("m1{a:'tis,b:c}", "m1", (("a", "'tis"), ("b", "c"))),
        ("m1{a:it's,b:it's}", "m1", (("a", "it's"), ("b", "it's"))),
        ("m1{a:b,c:b}", "m1", (("a", "b"), ("c", "b"))),
        ("m1{a:}", "m1", (("a", ""),)),
        ("m1{a:''}", "m1", (("a", ""),)),
    ],
)
def test_a_selector_is_read(
    text: str, metric: str, tags: tuple[tuple[str, str], ...]
) -> None:
    selector = parse_selector(text)
    assert (selector.metric, selector.tags) == (metric, tags)


@pytest.mark.parametrize(
    ("text", "column"),
    [("a1{b:c", 6), ("{b:c}", 0), ("a1}", 2), ("a1{b}", 3), ("a1{}", 3), ("a1{:c}", 3)],
)
def test_an_unreadable_selector_says_where(text: str, column: int) -> None:
    with pytest.raises(SelectorSyntaxError) as caught:
        parse_selector(text)
    assert caught.value.column == column
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("m1", True),
        ("m1{a:1}", True),
        ("m1{a:1,b:2}", True),
        ("m1{a:2}", False),
        ("m1{c:3}", False),
        ("m1{c:}", True),
    ],
)
def test_a_selector_matches_exact_values(text: str, matches: bool) -> None:
    assert parse_selector(text).matches(TagSet.of({"a": "1", "b": "2"})) is matches


def test_the_label_shows_the_tags() -> None:
    assert parse_selector("m1{a:1,b:2}").label == "{ a:1, b:2 }"
    assert parse_selector("m1").label == ""


def test_people_count_columns_from_one() -> None:
    with pytest.raises(SelectorSyntaxError) as caught:
        parse_selector("x{:1}")
    assert str(caught.value) == (
        "metric 'x{:1}', column 3: expected a tag's name before ':'"
    )
