"""``externally-controlled``: somebody outside says how many virtual users there are."""

import asyncio
import math
from dataclasses import dataclass
from typing import Self

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.handles import Handles
from gharial.executors.planned import PlannedExecutor
from gharial.executors.segment import Segment
from gharial.options.scenarios import ExternallyControlled as ExternalOptions


@dataclass(frozen=True, slots=True)
class ExternallyControlled(PlannedExecutor):
    """
    So many virtual users iterate as the run's control says.

    Attributes:
        vus: How many there are at the start.
        vus_limit: How many there may be.
        duration_s: How long; infinite for no end.

    Source:
        k6 v0.41, ``lib/executor/externally_controlled.go``.

    """

    vus: int
    vus_limit: int
    duration_s: float
    kind: str = "externally-controlled"

    @classmethod
    def of(cls, plan: ScenarioPlan, options: ExternalOptions, segment: Segment) -> Self:
        """Return what runs a worker's share of such a scenario."""
        duration_s = options.duration_s or math.inf
        return cls(plan, options.vus, options.vus_max, duration_s, segment=segment)

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start; infinite for no end."""
        return self.duration_s

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once: all are made before the run."""
        return self.segment.share(self.vus_limit)

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end."""
        if run.vus_scaled is None:
            run.vus_scaled = self.vus
        async with run.timed(self.duration_s), asyncio.TaskGroup() as group:
            handles = Handles(run, group, graceful_ramp_down_s=0.0)
            ended = asyncio.ensure_future(run.ended())
            try:
                while not run.has_ended:
                    run.scaled.clear()
                    handles.set(self.segment.share(min(run.vus_scaled, self.vus_limit)))
                    scaled = asyncio.ensure_future(run.scaled.wait())
                    await asyncio.wait(
                        {scaled, ended}, return_when=asyncio.FIRST_COMPLETED
                    )
                    scaled.cancel()
            finally:
                ended.cancel()
