"""The executors that there are: a new one is a file of this room and a line here."""

from collections.abc import Mapping
from typing import Final

from gharial.executors.base import Executor, ScenarioPlan
from gharial.executors.constant_arrival_rate import ConstantArrivalRate
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.externally_controlled import ExternallyControlled
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.executors.ramping_arrival_rate import RampingArrivalRate
from gharial.executors.ramping_vus import RampingVus
from gharial.executors.segment import WHOLE, Segment
from gharial.executors.shared_iterations import SharedIterations
from gharial.options.model import Options
from gharial.options.scenarios import ScenarioOptions, ScenarioTypes

_EXECUTORS: Final[tuple[type[Executor], ...]] = (
    PerVuIterations,
    SharedIterations,
    ConstantVus,
    RampingVus,
    ConstantArrivalRate,
    RampingArrivalRate,
    ExternallyControlled,
)

EXECUTORS: Final[Mapping[str, type[Executor]]] = {
    each.kind: each for each in _EXECUTORS
}
"""All executors, by the names that users write."""

SCENARIO_TYPES: Final[ScenarioTypes] = {
    name: executor.options for name, executor in EXECUTORS.items()
}
"""What a scenario says of itself, by its executor's name."""


def scenarios_of(options: Options) -> dict[str, ScenarioOptions]:
    """Return the scenarios to run, the shortcuts turned into one named ``default``."""
    return options.effective_scenarios(SCENARIO_TYPES)


def executors_of(options: Options, segment: Segment = WHOLE) -> list[Executor]:
    """Return what runs a worker's share of all scenarios."""
    return [
        executor_for(name, scenario, segment)
        for name, scenario in scenarios_of(options).items()
    ]


def executor_for(
    name: str, scenario: ScenarioOptions, segment: Segment = WHOLE
) -> Executor:
    """Return what runs a worker's share of a scenario."""
    plan = ScenarioPlan(
        name=name,
        export=scenario.exec,
        start_s=scenario.start_time_s,
        graceful_stop_s=scenario.graceful_stop_s,
        environment=scenario.env,
        tags=scenario.tags,
    )
    return EXECUTORS[scenario.executor].of(plan, scenario, segment)
