"""``ramping-vus``: the number of virtual users follows a line."""

import asyncio
from typing import ClassVar, Self

from gharial.executors.base import Executor, ScenarioPlan, ScenarioRun
from gharial.executors.handles import Handles
from gharial.executors.overriding import override
from gharial.executors.plan import Steps, ramp, reserved
from gharial.executors.segment import Segment
from gharial.lazy_dataclass import dataclass
from gharial.options.scenarios import ScenarioOptions, Stages
from gharial.options.values import Duration, Natural
from gharial.timing import format_duration

DEFAULT_GRACEFUL_RAMP_DOWN_S = 30.0


class RampingVusOptions(ScenarioOptions):
    """
    The number of VUs follows ``stages``, from ``start_vus``.

    Attributes:
        start_vus: Number of VUs at the start.
        stages: Each ``{ duration, target }`` changes the number linearly to ``target``.
        graceful_ramp_down_s: How long a VU that is removed may go on with its iteration.

    """

    start_vus: Natural = 1
    stages: Stages
    graceful_ramp_down_s: Duration = DEFAULT_GRACEFUL_RAMP_DOWN_S

    @override
    def check(self) -> None:
        if self.vus_max == 0:
            raise ValueError("startVUs or a stage's target must be more than 0")

    @property
    @override
    def vus_max(self) -> int:
        return max(self.start_vus, *(stage.target for stage in self.stages))

    @property
    @override
    def regular_duration_s(self) -> float:
        return sum(stage.duration_s for stage in self.stages)

    @override
    def describe(self) -> str:
        ramp_down = format_duration(self.graceful_ramp_down_s)
        return (
            f"Up to {self.vus_max} looping VUs for "
            f"{format_duration(self.regular_duration_s)} over {len(self.stages)} stages"
            f"{self._facts(f'gracefulRampDown: {ramp_down}')}"
        )


@dataclass(frozen=True, slots=True)
class RampingVus(Executor):
    """
    The number of virtual users changes linearly within each stage.

    Attributes:
        start_vus: How many there are at the start.
        stages: Pairs of duration in seconds and the number at the stage's end.
        graceful_ramp_down_s: How long one that is removed may finish its iteration.

    """

    kind: ClassVar = "ramping-vus"
    options: ClassVar = RampingVusOptions

    start_vus: int
    stages: tuple[tuple[float, int], ...]
    graceful_ramp_down_s: float = DEFAULT_GRACEFUL_RAMP_DOWN_S

    @classmethod
    @override
    def of(
        cls, plan: ScenarioPlan, options: RampingVusOptions, segment: Segment
    ) -> Self:
        stages = tuple((stage.duration_s, stage.target) for stage in options.stages)
        return cls(
            plan,
            options.start_vus,
            stages,
            options.graceful_ramp_down_s,
            segment=segment,
        )

    @property
    @override
    def limit_s(self) -> float:
        return sum(duration_s for duration_s, _ in self.stages)

    @property
    @override
    def vus_max(self) -> int:
        return max(count for _, count in self.steps())

    def steps(self) -> Steps:
        """Return when this worker's number of virtual users changes, and to what."""
        steps: list[tuple[float, int]] = []
        for offset_s, count in ramp(self.start_vus, self.stages):
            share = self.segment.share(count)
            if not steps or steps[-1][1] != share:
                steps.append((offset_s, share))
        return tuple(steps)

    @override
    def planned_vus(self) -> Steps:
        end_s = self.limit_s + self.plan.graceful_stop_s
        return reserved(self.steps(), self.graceful_ramp_down_s, end_s)

    @override
    def wanted_vus(self) -> Steps:
        return (*self.steps(), (self.limit_s, 0))

    @override
    async def run(self, run: ScenarioRun) -> None:
        async with run.timed(self.limit_s), asyncio.TaskGroup() as group:
            handles = Handles(
                run, group, graceful_ramp_down_s=self.graceful_ramp_down_s
            )
            for offset_s, count in self.steps():
                await run.wait_until(offset_s)
                if run.has_ended and offset_s < self.limit_s:
                    break
                handles.set(count)
