import pytest

from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import parse_thresholds
from gharial.metrics.thresholds.unmatched import unmatched


def told(selector: str, condition: str) -> tuple[str, ...]:
    run = Registry()
    for name in ("a", "b"):
        run.series(builtin.WS_PING, TagSet.of({"name": name})).add(1)
        run.series(builtin.ITERATIONS, TagSet.of({"scenario": name})).add(1)
        run.series(builtin.CHECKS, TagSet.of({"check": name})).add(1)
    run.series(builtin.WS_CLOSE, TagSet.of({"code": "1000"})).add(1)
    return unmatched(parse_thresholds({selector: [condition, condition]}), run)


@pytest.mark.parametrize(
    ("selector", "condition", "there"),
    [
        ("ws_ping{name:c}", "avg<1", "there are name 'a', 'b'"),
        ("ws_ping{nmae:a}", "avg<1", "there is no tag 'nmae'"),
        ("iterations{scenario:c}", "count<9", "there are scenario 'a', 'b'"),
        ("checks{check:c}", "rate>0", "there are check 'a', 'b'"),
        (
            "ws_ping{name:a,group:x}",
            "avg<1",
            "these tags; there are name 'a', 'b'; is no tag 'group'",
        ),
    ],
)
def test_a_tag_value_that_never_occurred_is_told_once_with_those_there_are(
    selector: str, condition: str, there: str
) -> None:
    [text] = told(selector, condition)
    assert repr(selector) in text
    assert text.endswith(there)


@pytest.mark.parametrize(
    ("selector", "condition"),
    [
        ("ws_ping{name:a}", "avg<1"),
        ("ws_ping", "avg<1"),
        ("vus{a:b}", "value<1"),
        # That nothing failed in this way is what such a threshold hopes for.
        ("ws_close{code:1006}", "count<1"),
        ("ws_errors{reason:refused}", "count<1"),
    ],
)
def test_nothing_is_told_where_nothing_is_amiss(selector: str, condition: str) -> None:
    assert told(selector, condition) == ()


def test_only_some_of_many_values_are_shown() -> None:
    run = Registry()
    for number in range(9):
        run.series(builtin.WS_PING, TagSet.of({"name": str(number)})).add(1)
    [text] = unmatched(parse_thresholds({"ws_ping{name:x}": ["avg<1"]}), run)
    assert text.endswith("name '0', '1', '2', '3', '4' and 4 more")
