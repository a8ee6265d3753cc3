import math
from typing import Any

import pytest

from gharial.executors.catalog import EXECUTORS, SCENARIO_TYPES, executor_for

STAGES = [{"duration": "20s", "target": 50}, {"duration": "40s", "target": 0}]
RATE = {"timeUnit": "2s", "preAllocatedVUs": 5}


def scenario_of(data: dict[str, Any]) -> Any:
    return SCENARIO_TYPES[data["executor"]].read(data)


@pytest.mark.parametrize(
    ("executor", "fields", "description", "vus_max", "duration_s", "iterations"),
    [
        (
            "per-vu-iterations",
            {"vus": 5, "iterations": 20},
            "20 iterations for each of 5 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
            5,
            600.0,
            100,
        ),
        (
            "shared-iterations",
            {"vus": 5, "iterations": 20},
            "20 iterations shared among 5 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
            5,
            600.0,
            20,
        ),
        (
            "constant-vus",
            {"vus": 10, "duration": "30s"},
            "10 looping VUs for 30s (gracefulStop: 30s)",
            10,
            30.0,
            None,
        ),
        (
            "constant-vus",
            {"duration": "30s", "gracefulStop": 0},
            "1 looping VUs for 30s",
            1,
            30.0,
            None,
        ),
        (
            "constant-vus",
            {"duration": "30s", "exec": "chat", "startTime": "5s"},
            "1 looping VUs for 30s (exec: chat, startTime: 5s, gracefulStop: 30s)",
            1,
            30.0,
            None,
        ),
        (
            "ramping-vus",
            {"stages": STAGES},
            "Up to 50 looping VUs for 1m0s over 2 stages (gracefulRampDown: 30s, "
            "gracefulStop: 30s)",
            50,
            60.0,
            None,
        ),
        (
            "constant-arrival-rate",
            {**RATE, "rate": 20, "duration": "30s", "maxVUs": 20},
            "10.00 iterations/s for 30s (maxVUs: 5-20, gracefulStop: 30s)",
            20,
            30.0,
            300,
        ),
        (
            "ramping-arrival-rate",
            {**RATE, "stages": STAGES},
            "Up to 25.00 iterations/s for 1m0s over 2 stages (maxVUs: 5, "
            "gracefulStop: 30s)",
            5,
            60.0,
            750,
        ),
        (
            "externally-controlled",
            {"vus": 5, "maxVUs": 10},
            "Externally controlled execution with 5 VUs, 10 max VUs",
            10,
            0.0,
            None,
        ),
        (
            "externally-controlled",
            {"vus": 0, "duration": "30s"},
            "Externally controlled execution with 0 VUs, 1 max VUs for 30s",
            1,
            30.0,
            None,
        ),
    ],
)
def test_scenarios_say_what_they_do(
    executor: str,
    fields: dict[str, Any],
    description: str,
    vus_max: int,
    duration_s: float,
    iterations: int | None,
) -> None:
    scenario = scenario_of({"executor": executor, **fields})
    assert type(scenario) is SCENARIO_TYPES[executor]
    assert scenario.describe() == description
    assert scenario.vus_max == vus_max
    assert scenario.regular_duration_s == duration_s
    made = executor_for("chat", scenario)
    assert type(made) is EXECUTORS[scenario.executor]
    assert made.plan.name == "chat"
    assert made.vus_max == vus_max
    assert made.limit_s == (duration_s or math.inf)
    assert made.iterations_total == iterations


def test_what_all_scenarios_have_and_its_defaults() -> None:
    scenario = scenario_of({"executor": "per-vu-iterations"})
    assert scenario.start_time_s == 0.0
    assert scenario.graceful_stop_s == 30.0
    assert scenario.exec == "default"
    assert scenario.env == scenario.tags == {}
    assert (scenario.vus, scenario.iterations) == (1, 1)


def test_settings_of_other_modules_are_accepted() -> None:
    options = {"browser": {"type": "chromium"}}
    scenario_of({"executor": "per-vu-iterations", "options": options})
