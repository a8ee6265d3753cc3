from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gharial.report.status import (
    Phase,
    PlannedScenario,
    RunPlan,
    RunStatus,
    ScenarioState,
    ScenarioStatus,
)

SCENARIO = ScenarioStatus(
    name="chat",
    state=ScenarioState.RUNNING,
    progress=0.5,
    vus=8,
    vus_max=10,
    elapsed_s=5.0,
    duration_s=10.0,
    iterations=3,
    iterations_total=20,
)
STATUS = RunStatus(
    phase=Phase.RUNNING,
    elapsed_s=5.0,
    vus=8,
    vus_max=10,
    iterations_completed=3,
    iterations_interrupted=1,
    open_sockets=32,
    messages_sent=500,
    messages_received=2000,
    errors=0,
    scenarios=(SCENARIO,),
)


@pytest.fixture
def scenario_of() -> Callable[..., ScenarioStatus]:
    def make(**changes: Any) -> ScenarioStatus:
        return replace(SCENARIO, **changes)

    return make


@pytest.fixture
def status_of() -> Callable[..., RunStatus]:
    def make(**changes: Any) -> RunStatus:
        return replace(STATUS, **changes)

    return make


@pytest.fixture
def plan() -> RunPlan:
    scenario = PlannedScenario(
        "chat", "constant-vus", "10 looping VUs for 10s (gracefulStop: 30s)", 10, 40.0
    )
    return RunPlan("dir/script.js", "javascript", (scenario,), 10, 40.0)
