import pytest

from gharial.metrics.tags import TagSet
from gharial.virtual_user.checks import Groups
from gharial.virtual_user.context import ScenarioContext
from gharial.virtual_user.own_tags import OwnTags

SYSTEM = frozenset({"group", "scenario", "vu", "iter"})


@pytest.fixture
def groups() -> Groups:
    return Groups()


def own_tags(groups: Groups, system: frozenset[str] = SYSTEM) -> OwnTags:
    return OwnTags(groups, TagSet.of({"run": "r"}), system, keeps_metadata=True)


def scenario(**tags: str) -> ScenarioContext:
    return ScenarioContext("chat", "constant-vus", 0.0, tags=TagSet.of(tags))


def test_before_a_scenario_there_are_the_runs_tags(groups: Groups) -> None:
    groups.path = "::setup"
    assert dict(own_tags(groups).present) == {"group": "::setup", "run": "r"}


def test_a_script_may_set_and_remove_any_tag(groups: Groups) -> None:
    tags = own_tags(groups)
    tags.enter(scenario(run="s"))
    assert dict(tags.present) == {"group": "", "run": "s", "scenario": "chat"}
    tags.set("scenario", "mine")
    tags.set("run", None)
    tags.set("absent", None)
    assert dict(tags.present) == {"group": "", "scenario": "mine"}


def test_a_group_that_the_script_set_is_where_groups_begin(groups: Groups) -> None:
    tags = own_tags(groups)
    tags.set("group", "g")
    groups.enter("inner")
    assert tags.present.get("group") == "g::inner"
    tags.leave_groups()
    assert tags.present.get("group") == "g"
    tags.enter(scenario())
    assert tags.present.get("group") == ""


def test_without_system_tags_a_group_is_a_tag_as_any_other(groups: Groups) -> None:
    tags = own_tags(groups, frozenset())
    groups.enter("inner")
    tags.set("group", "g")
    assert dict(tags.present) == {"group": "g", "run": "r"}


def test_metadata_says_which_iteration_it_is_if_that_is_asked_for(
    groups: Groups,
) -> None:
    tags = own_tags(groups)
    tags.enter(scenario())
    tags.begin({"vu": 3, "iter": 0})
    tags.set_metadata("trace", "7")
    tags.begin({"vu": 3, "iter": 1})
    assert dict(tags.present.metadata) == {"vu": "3", "iter": "1", "trace": "7"}
    tags.enter(scenario())
    assert not tags.metadata


def test_nothing_is_made_of_metadata_that_nobody_will_be_told_of(
    groups: Groups,
) -> None:
    tags = OwnTags(groups, TagSet.of({}), SYSTEM, keeps_metadata=False)
    tags.set_metadata("trace", "7")
    assert (dict(tags.metadata), tags.present.metadata) == ({"trace": "7"}, ())
