"""What a run is going to do, and which resources it needs."""

from collections.abc import Sequence

from gharial.executors.base import Executor
from gharial.executors.catalog import executors_of, scenarios_of
from gharial.executors.plan import most_vus
from gharial.lifecycle.network import local_addresses
from gharial.lifecycle.preflight import Demand
from gharial.options.model import Options
from gharial.report.status import PlannedScenario, PlannedStage, RunPlan
from gharial.virtual_user.virtual_user import ScriptHost


def plan_of(host: ScriptHost, options: Options) -> RunPlan:
    """Return a description of the plan for the user."""
    shown = [
        PlannedScenario(
            name=name,
            executor=scenario.executor,
            description=scenario.describe(),
            vus_max=scenario.vus_max,
            longest_s=scenario.start_time_s
            + scenario.regular_duration_s
            + scenario.graceful_stop_s,
            stages=_stages(scenario),
        )
        for name, scenario in scenarios_of(options).items()
    ]
    return RunPlan(
        script=host.path,
        engine=host.language,
        scenarios=tuple(sorted(shown, key=lambda one: one.name)),
        vus_max=most_vus_of(executors_of(options)),
        longest_s=max(one.longest_s for one in shown),
        cluster=options.cluster or "",
    )


def _stages(scenario: object) -> tuple[PlannedStage, ...]:
    begin_s, found = 0.0, []
    for number, stage in enumerate(getattr(scenario, "stages", None) or (), 1):
        found.append(PlannedStage(begin_s, f"stage {number}: to {stage.target:g}"))
        begin_s += stage.duration_s
    return tuple(found)


def demand_of(host: ScriptHost, options: Options, workers: int) -> Demand:
    """Return what a run will need of the machine."""
    return Demand(
        vus=most_vus_of(executors_of(options)),
        workers=workers,
        language=host.language,
        local_addresses=len(local_addresses(options)),
    )


def most_vus_of(executors: Sequence[Executor]) -> int:
    """Return the most VUs that scenarios can use at once, unplanned ones included."""
    return most_vus((each.plan.start_s, each.possible_vus()) for each in executors)
