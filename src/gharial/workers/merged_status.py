"""Merges the status of each worker's share into the status of the load."""

from collections.abc import Sequence

from gharial.lifecycle.load import LoadStatus
from gharial.report.status import ScenarioState, ScenarioStatus

# The state of the whole is the first of these that any worker's share has.
_FIRST = (
    ScenarioState.RUNNING,
    ScenarioState.STOPPING,
    ScenarioState.WAITING,
    ScenarioState.INTERRUPTED,
    ScenarioState.DONE,
)


def merged_status(shares: Sequence[LoadStatus]) -> LoadStatus:
    """Return the status of a load that workers share."""
    by_name: dict[str, list[ScenarioStatus]] = {}
    for share in shares:
        for scenario in share.scenarios:
            by_name.setdefault(scenario.name, []).append(scenario)
    return LoadStatus(
        vus=sum(share.vus for share in shares),
        vus_max=sum(share.vus_max for share in shares),
        iterations_completed=sum(share.iterations_completed for share in shares),
        iterations_failed=sum(share.iterations_failed for share in shares),
        iterations_interrupted=sum(share.iterations_interrupted for share in shares),
        open_sockets=sum(share.open_sockets for share in shares),
        errors=sum(share.errors for share in shares),
        scenarios=tuple(_merged(each) for each in by_name.values()),
        workers=sum(share.workers for share in shares),
        overloads=tuple(each for share in shares for each in share.overloads),
        crew=tuple(each for share in shares for each in share.crew),
        ran_s=max((share.ran_s for share in shares), default=0.0),
    )


def _merged(shares: Sequence[ScenarioStatus]) -> ScenarioStatus:
    totals = [share.iterations_total for share in shares]
    known = [total for total in totals if total is not None]
    total = sum(known) if len(known) == len(totals) else None
    return ScenarioStatus(
        name=shares[0].name,
        state=min((share.state for share in shares), key=_FIRST.index),
        progress=sum(share.progress for share in shares) / len(shares),
        vus=sum(share.vus for share in shares),
        vus_max=sum(share.vus_max for share in shares),
        elapsed_s=max(share.elapsed_s for share in shares),
        duration_s=max(share.duration_s for share in shares),
        iterations=sum(share.iterations for share in shares),
        iterations_total=total,
    )
