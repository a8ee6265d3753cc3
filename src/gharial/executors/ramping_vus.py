"""``ramping-vus``: the number of virtual users follows a line."""

import asyncio
from dataclasses import dataclass
from typing import Self

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.handles import Handles
from gharial.executors.plan import Steps, ramp, reserved
from gharial.executors.planned import PlannedExecutor
from gharial.executors.segment import Segment
from gharial.options.scenarios import RampingVus as RampingVusOptions


@dataclass(frozen=True, slots=True)
class RampingVus(PlannedExecutor):
    """
    The number of virtual users changes linearly within each stage.

    Attributes:
        start_vus: How many there are at the start.
        stages: Pairs of duration in seconds and the number at the stage's end.
        graceful_ramp_down_s: How long one that is removed may finish its iteration.

    """

    start_vus: int
    stages: tuple[tuple[float, int], ...]
    graceful_ramp_down_s: float = 30.0
    kind: str = "ramping-vus"

    @classmethod
    def of(
        cls, plan: ScenarioPlan, options: RampingVusOptions, segment: Segment
    ) -> Self:
        """Return what runs a worker's share of such a scenario."""
        stages = tuple((stage.duration_s, stage.target) for stage in options.stages)
        return cls(
            plan,
            options.start_vus,
            stages,
            options.graceful_ramp_down_s,
            segment=segment,
        )

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start."""
        return sum(duration_s for duration_s, _ in self.stages)

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        return max(count for _, count in self.steps())

    def steps(self) -> Steps:
        """Return when this worker's number of virtual users changes, and to what."""
        steps: list[tuple[float, int]] = []
        for offset_s, count in ramp(self.start_vus, self.stages):
            share = self.segment.share(count)
            if not steps or steps[-1][1] != share:
                steps.append((offset_s, share))
        return tuple(steps)

    def planned_vus(self) -> Steps:
        """Return how many VUs are made before the run, and when they are needed."""
        end_s = self.limit_s + self.plan.graceful_stop_s
        return reserved(self.steps(), self.graceful_ramp_down_s, end_s)

    def wanted_vus(self) -> Steps:
        """Return how many VUs may begin iterations, and when."""
        return (*self.steps(), (self.limit_s, 0))

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end."""
        async with run.timed(self.limit_s), asyncio.TaskGroup() as group:
            handles = Handles(
                run, group, graceful_ramp_down_s=self.graceful_ramp_down_s
            )
            for offset_s, count in self.steps():
                await run.wait_until(offset_s)
                if run.has_ended and offset_s < self.limit_s:
                    break
                handles.set(count)
