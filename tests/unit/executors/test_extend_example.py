"""The executor of docs/how-to/extend/add-an-executor.md, from options to iterations."""

import pytest
from tests.unit.examples_of_docs import examples_of, module_of

from gharial.executors import catalog
from gharial.executors.base import Executor, ScenarioPlan
from gharial.executors.catalog import executor_for, scenarios_of
from gharial.executors.segment import Segment
from gharial.options.merge import Consolidated, OptionsError, consolidate

EXAMPLES = examples_of("extend/add-an-executor.md")


@pytest.fixture
def bursts(monkeypatch: pytest.MonkeyPatch) -> type[Executor]:
    module = module_of("gharial.executors.bursts", EXAMPLES["bursts.py"], monkeypatch)
    made: type[Executor] = module.Bursts
    # What the line of the page does.
    assert f"    {made.__name__},\n" in EXAMPLES["catalog"]
    monkeypatch.setitem(catalog.EXECUTORS, made.kind, made)
    monkeypatch.setitem(catalog.SCENARIO_TYPES, made.kind, made.options)
    return made


def consolidated(**fields: object) -> Consolidated:
    return consolidate(
        {"scenarios": {"doors": {"executor": "bursts", **fields}}},
        {},
        {},
        exports=frozenset({"default"}),
        scenario_types=catalog.SCENARIO_TYPES,
    )


def test_a_scenario_says_it_and_the_catalog_makes_it(bursts: type[Executor]) -> None:
    options = consolidated(vus=4, bursts=3, every="20s").options
    [(name, scenario)] = scenarios_of(options).items()
    assert scenario.describe() == "3 bursts of 4 VUs every 20s (gracefulStop: 30s)"
    executor = executor_for(name, scenario, Segment(0, 3))
    assert type(executor) is bursts
    assert executor.vus_max == 2
    assert executor.limit_s == 60.0


def test_its_mistakes_are_reported_like_those_of_any_executor(
    bursts: type[Executor],
) -> None:
    with pytest.raises(OptionsError) as raised:
        consolidated(vus=0)
    assert raised.value.problems == (
        "scenarios.doors.vus (script options): must be at least 1, not 0",
        "scenarios.doors.every (script options): is required",
    )


def test_the_tests_of_the_page_pass(bursts, run) -> None:
    names = {"Bursts": bursts, "ScenarioPlan": ScenarioPlan, "Segment": Segment}
    exec(EXAMPLES["test_bursts.py"], names)
    tests = [made for name, made in names.items() if name.startswith("test_")]
    assert len(tests) == 3
    for test in tests:
        test(run)
