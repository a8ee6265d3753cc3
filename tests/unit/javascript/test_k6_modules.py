import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from default_settings import users_with

from gharial.javascript.k6_modules import k6_functions
from gharial.metrics.registry import Registry
from gharial.metrics.tags import EMPTY
from gharial.options.run_options import DEFAULT_SYSTEM_TAGS
from gharial.timing import Clock
from gharial.virtual_user.checks import Checks, Groups
from gharial.virtual_user.context import (
    RunContext,
    ScenarioContext,
)
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.own_tags import OwnTags


class Stage:
    """A virtual user and its instance, as small as can be; and what they call."""

    def __init__(self) -> None:
        self.registry = Registry()
        measurements = Measurements(self.registry)
        self.failures: list[str] = []
        self.aborts: list[str] = []
        self.slept_s: list[float] = []
        self.logged: list[tuple[int, str, str]] = []
        self.groups_left: list[tuple[str, float]] = []
        self.files: dict[str, bytes] = {}
        self.user = SimpleNamespace(
            id=7,
            numbers=SimpleNamespace(of_user=3, of_user_in_scenario=2, in_test=9),
            now_s=100.0,
            tags=EMPTY.with_({"group": ""}),
            own_tags=OwnTags(Groups(), EMPTY, DEFAULT_SYSTEM_TAGS, keeps_metadata=True),
            scenario=None,
            groups=Groups(),
            checks=Checks(measurements, DEFAULT_SYSTEM_TAGS),
            block=self.slept_s.append,
            log=lambda *record: self.logged.append(record),
            measure_group=lambda *left: self.groups_left.append(left),
            services=SimpleNamespace(
                measurements=measurements,
                settings=users_with(throw=True),
                clock=Clock(lambda: 100.0, 1_000.0),
                run=RunContext(mark_failed=self.failures.append),
            ),
        )
        self.instance = SimpleNamespace(
            may_block=True,
            has_started=True,
            abort_test=self.aborts.append,
            user=self.user,
        )
        self.functions: dict[str, Callable[..., Any]] = k6_functions(
            self.instance,  # type: ignore[arg-type]
            self.read_file,
        )

    def read_file(self, path: str, stack: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(2, "No such file or directory", f"/test/{path}")
        return self.files[path]

    def call(self, name: str, *arguments: Any) -> Any:
        return self.functions[name](*arguments)

    def values(self, name: str) -> list[tuple[dict[str, str], Any]]:
        return [
            (dict(tags.items), sink)
            for metric, tags, sink in self.registry.all_series()
            if metric.name == name
        ]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_check_is_recorded_with_its_tags(stage: Stage) -> None:
    assert stage.call("check", "is up", True, '{"mine": "1"}') is None
    assert stage.call("check", "is up", False, None) is None
    tags = [tags for tags, _ in stage.values("checks")]
    assert tags == [
        {"group": "", "mine": "1", "check": "is up"},
        {"group": "", "check": "is up"},
    ]


def test_names_with_the_separator_are_refused_with_a_text(stage: Stage) -> None:
    assert "'::'" in stage.call("check", "a::b", True, None)
    assert "'::'" in stage.call("enterGroup", "a::b")
    assert stage.user.groups.path == ""


def test_a_group_is_entered_and_measured_from_its_beginning(stage: Stage) -> None:
    outer, started_at_s = stage.call("enterGroup", "inner")
    assert stage.user.groups.path == "::inner"
    stage.call("leaveGroup", outer, started_at_s)
    assert stage.groups_left == [("", 100.0)]


def test_sleep_suspends_the_user(stage: Stage) -> None:
    assert stage.call("sleep", 1.5) is None
    assert stage.slept_s == [1.5]


def test_sleep_is_refused_where_the_user_cannot_be_suspended(stage: Stage) -> None:
    stage.instance.may_block = False
    assert "import { sleep } from 'k6'" in stage.call("sleep", 1)
    assert stage.slept_s == []


def test_a_custom_metric_takes_values_under_the_present_tags(stage: Stage) -> None:
    assert stage.call("defineMetric", "trend", "took", True) is None
    stage.call("addToMetric", "took", 5, None)
    stage.call("addToMetric", "took", 7, '{"mine": "1"}')
    assert [(tags, sink.sum) for tags, sink in stage.values("took")] == [
        ({"group": ""}, pytest.approx(5)),
        ({"group": "", "mine": "1"}, pytest.approx(7)),
    ]


def test_a_metric_cannot_be_defined_as_another_one(stage: Stage) -> None:
    stage.call("defineMetric", "counter", "mine", False)
    assert "mine" in stage.call("defineMetric", "trend", "mine", False)
    assert stage.call("defineMetric", "counter", "no good name!", False)


def test_a_file_is_read_at_the_top_level_only(stage: Stage) -> None:
    stage.files = {"text": b"\xc3\xa9", "binary": b"\xff"}
    problem, data = stage.call("readFile", "text", False, "")
    assert "init context" in problem
    assert data is None
    stage.user.numbers.of_user = -1
    stage.instance.has_started = False
    assert stage.call("readFile", "text", False, "") == [None, "é"]
    assert stage.call("readFile", "binary", True, "") == [None, b"\xff"]
    problem, data = stage.call("readFile", "binary", False, "")
    assert "not UTF-8" in problem
    problem, data = stage.call("readFile", "absent", False, "")
    assert problem == "open('absent'): there is no file /test/absent"


@pytest.mark.parametrize(
    ("iteration", "has_started", "is_init"),
    [(-1, False, True), (-1, True, False), (0, True, False)],
)
def test_the_init_context_is_the_top_level_alone(
    stage: Stage, iteration: int, has_started: bool, is_init: bool
) -> None:
    stage.user.numbers.of_user = iteration
    stage.instance.has_started = has_started
    assert stage.call("isInit") is is_init


def test_the_run_is_told_of_its_end(stage: Stage) -> None:
    stage.call("failTest", "bad")
    stage.call("abortTest", "worse")
    assert (stage.failures, stage.aborts) == (["bad"], ["worse"])
    assert stage.call("throws") is True


def test_a_warning_is_logged_as_the_scripts(stage: Stage) -> None:
    stage.call("warn", "careful")
    assert [record[1:] for record in stage.logged] == [("careful", "script")]


def test_options_cross_as_json_whatever_they_hold(stage: Stage) -> None:
    stage.user.services.run.options = {"vus": 2, "odd": frozenset({1})}
    assert json.loads(stage.call("options")) == {"vus": 2, "odd": "frozenset({1})"}


def test_tags_are_set_and_removed(stage: Stage) -> None:
    stage.call("setTag", "a", "1")
    stage.call("setTag", "b", "2")
    stage.call("setTag", "a", None)
    stage.call("setTag", "absent", None)
    assert dict(stage.user.own_tags.present.items) == {"b": "2", "group": ""}
    assert json.loads(stage.call("tags")) == {"group": ""}


def test_metadata_is_set_and_removed(stage: Stage) -> None:
    stage.call("setMetadata", "a", "1")
    stage.call("setMetadata", "b", "2")
    stage.call("setMetadata", "a", None)
    stage.call("setMetadata", "absent", None)
    assert json.loads(stage.call("metadata")) == {"b": "2"}
    assert dict(stage.user.own_tags.present.metadata) == {"b": "2"}


def test_facts_outside_of_a_scenario_are_empty(stage: Stage) -> None:
    fact = stage.functions["execution"]
    assert fact("currentTestRunDuration") == 0.0
    assert (fact("scenarioName"), fact("scenarioExecutor")) == (None, None)
    assert fact("scenarioProgress") == 0.0
    assert (fact("vuId"), fact("vuIteration")) == (7, 3)
    assert (fact("vuScenarioIteration"), fact("iterationInTest")) == (2, 9)


def test_facts_of_a_scenario_and_of_the_run(stage: Stage) -> None:
    run = stage.user.services.run
    run.started_at_s, run.iterations_completed, run.vus_active = 40.0, 5, 2
    run.iterations_interrupted, run.vus_initialized = 1, 3
    stage.user.scenario = ScenarioContext(
        "mine", "constant-vus", 60.0, progress=lambda: 0.25
    )
    fact = stage.functions["execution"]
    assert fact("currentTestRunDuration") == 60_000
    assert (fact("scenarioName"), fact("scenarioExecutor")) == ("mine", "constant-vus")
    assert fact("scenarioStartTime") == pytest.approx(1_060_000)
    assert fact("scenarioProgress") == 0.25
    assert (fact("iterationsCompleted"), fact("iterationsInterrupted")) == (5, 1)
    assert (fact("vusActive"), fact("vusInitialized")) == (2, 3)
