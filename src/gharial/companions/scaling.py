"""Changing the number of virtual users of a run from outside."""

from gharial.executors.catalog import scenarios_of
from gharial.executors.externally_controlled import ExternallyControlledOptions
from gharial.lifecycle.access import RunAccess
from gharial.options.model import Options


def scale_maximum(options: Options) -> int | None:
    """Return to how many virtual users a run can be scaled; None if it cannot."""
    return max(
        (
            scenario.vus_max
            for scenario in scenarios_of(options).values()
            if isinstance(scenario, ExternallyControlledOptions)
        ),
        default=None,
    )


def scale(access: RunAccess, vus: int) -> str:
    """Ask for another number of virtual users; return what is wrong with it, if it is."""
    most = scale_maximum(access.options)
    if most is None:
        return (
            "no scenario has the executor externally-controlled, so the number of virtual "
            "users cannot be changed"
        )
    if not 0 <= vus <= most:
        return f"vus must be between 0 and maxVUs, which is {most}; not {vus}"
    access.control.scale(vus)
    return ""
