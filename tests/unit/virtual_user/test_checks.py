from typing import Any

import pytest

from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.virtual_user.checks import Checks, Groups, NameHasSeparatorError
from gharial.virtual_user.instruments import Measurements

TAGS = TagSet.of({"group": ""})


def outcomes(registry: Registry) -> dict[tuple[tuple[str, str], ...], tuple[Any, Any]]:
    return {
        tags.items: (sink.passes, sink.total) for _, tags, sink in registry.all_series()
    }


def test_outcomes_are_counted_by_name() -> None:
    registry = Registry()
    checks = Checks(Measurements(registry), frozenset({"check"}))
    for passed in (True, False, True):
        checks.record("a", TAGS, passed=passed)
    checks.record("b", TAGS, passed=False)
    assert outcomes(registry) == {
        (("check", "a"), ("group", "")): (2, 3),
        (("check", "b"), ("group", "")): (0, 1),
    }


def test_extra_tags_make_a_series_of_their_own() -> None:
    registry = Registry()
    checks = Checks(Measurements(registry), frozenset({"check"}))
    checks.record("a", TAGS, passed=True, extra_tags={"x": "1"})
    checks.record("a", TAGS, passed=True)
    assert len(outcomes(registry)) == 2


def test_without_the_system_tag_names_are_not_told_apart() -> None:
    registry = Registry()
    checks = Checks(Measurements(registry), frozenset())
    checks.record("a", TAGS, passed=True)
    checks.record("b", TAGS, passed=False)
    assert outcomes(registry) == {(("group", ""),): (1, 2)}


def test_a_separator_in_a_name_is_refused() -> None:
    checks = Checks(Measurements(Registry()), frozenset({"check"}))
    with pytest.raises(NameHasSeparatorError, match="a check's name must not"):
        checks.record("a::b", TAGS, passed=True)
    with pytest.raises(NameHasSeparatorError, match="a group's name must not"):
        Groups().enter("::")


def test_groups_nest() -> None:
    groups = Groups()
    outer = groups.enter("a")
    inner = groups.enter("b")
    assert (outer, inner, groups.path) == ("", "::a", "::a::b")
