"""The executors that there are, by the names that users write."""

from collections.abc import Mapping
from typing import Any

from gharial.executors.base import Executor, ScenarioPlan
from gharial.executors.constant_arrival_rate import ConstantArrivalRate
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.externally_controlled import ExternallyControlled
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.executors.ramping_arrival_rate import RampingArrivalRate
from gharial.executors.ramping_vus import RampingVus
from gharial.executors.segment import WHOLE, Segment
from gharial.executors.shared_iterations import SharedIterations
from gharial.options.scenarios import Scenario

EXECUTORS: Mapping[str, Any] = {
    "per-vu-iterations": PerVuIterations,
    "shared-iterations": SharedIterations,
    "constant-vus": ConstantVus,
    "ramping-vus": RampingVus,
    "constant-arrival-rate": ConstantArrivalRate,
    "ramping-arrival-rate": RampingArrivalRate,
    "externally-controlled": ExternallyControlled,
}


def executor_for(name: str, scenario: Scenario, segment: Segment = WHOLE) -> Executor:
    """Return what runs a worker's share of a scenario."""
    plan = ScenarioPlan(
        name=name,
        export=scenario.exec,
        start_s=scenario.start_time_s,
        graceful_stop_s=scenario.graceful_stop_s,
        environment=scenario.env,
        tags=scenario.tags,
    )
    executor: Executor = EXECUTORS[scenario.executor].of(plan, scenario, segment)
    return executor
