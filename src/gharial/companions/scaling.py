"""Changing the number of virtual users of a run from outside."""

from gharial.executors.catalog import scenarios_of
from gharial.executors.externally_controlled import ExternallyControlledOptions
from gharial.lifecycle.access import RunAccess
from gharial.options.model import Options


def scale_maximum(options: Options) -> int | None:
    """Return the most virtual users that a run can be scaled to, None if it cannot."""
    return max(
        (
            scenario.vus_max
            for scenario in scenarios_of(options).values()
            if isinstance(scenario, ExternallyControlledOptions)
        ),
        default=None,
    )


def scale(access: RunAccess, vus: int) -> str:
    """Request another number of virtual users; return the problem with it, if any."""
    most = scale_maximum(access.options)
    if most is None:
        return (
            "no scenario has the executor externally-controlled, so the number of virtual "
            "users cannot be changed"
        )
    if not 0 <= vus <= most:
        return f"vus must be from 0 to {most} (maxVUs), not {vus}"
    access.control.scale(vus)
    return ""
