"""``externally-controlled``: somebody outside says how many virtual users there are."""

import asyncio
import math
from dataclasses import dataclass
from typing import Self

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.handles import Handles
from gharial.executors.plan import Steps
from gharial.executors.segment import WHOLE, Segment
from gharial.options.scenarios import ExternallyControlled as ExternalOptions


@dataclass(frozen=True, slots=True)
class ExternallyControlled:
    """
    So many virtual users iterate as the run's control says.

    Attributes:
        plan: What all scenarios have.
        vus: How many there are at the start.
        vus_limit: How many there may be.
        duration_s: How long; infinite for no end.
        segment: The worker's share.

    Source:
        k6 v0.41, ``lib/executor/externally_controlled.go``.

    """

    plan: ScenarioPlan
    vus: int
    vus_limit: int
    duration_s: float
    segment: Segment = WHOLE
    kind: str = "externally-controlled"

    @classmethod
    def of(cls, plan: ScenarioPlan, options: ExternalOptions, segment: Segment) -> Self:
        """Return what runs a worker's share of such a scenario."""
        duration_s = options.duration_s or math.inf
        return cls(plan, options.vus, options.vus_max, duration_s, segment)

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start; infinite for no end."""
        return self.duration_s

    @property
    def iterations_total(self) -> None:
        """Iterations that are to be done; None if time decides."""
        return None

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        return self.segment.share(self.vus_limit)

    def iteration_number(self, own: int) -> int:
        """Return an iteration's number in the whole run, from its own worker's."""
        return self.segment.nth(own)

    def planned_vus(self) -> Steps:
        """Return how many VUs are made before the run: all that there may be."""
        return ((0.0, self.vus_max), (self.duration_s + self.plan.graceful_stop_s, 0))

    def possible_vus(self) -> Steps:
        """Return how many VUs there can be, and when."""
        return self.planned_vus()

    def wanted_vus(self) -> Steps:
        """Return how many VUs may begin iterations, and when."""
        return ((0.0, self.vus_max), (self.limit_s, 0))

    def progress(self, run: ScenarioRun) -> float:
        """Return the share of the time that is over; 0 without an end."""
        if math.isinf(self.duration_s):
            return 0.0
        return min(1.0, run.elapsed_s / self.duration_s)

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
