"""``constant-vus``: virtual users iterate for a time."""

from dataclasses import dataclass
from typing import Self

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.looping import run_looping
from gharial.executors.planned import PlannedExecutor
from gharial.executors.segment import Segment
from gharial.options.scenarios import ConstantVus as ConstantVusOptions


@dataclass(frozen=True, slots=True)
class ConstantVus(PlannedExecutor):
    """``vus`` virtual users iterate for ``duration_s``."""

    vus: int
    duration_s: float
    kind: str = "constant-vus"

    @classmethod
    def of(
        cls, plan: ScenarioPlan, options: ConstantVusOptions, segment: Segment
    ) -> Self:
        """Return what runs a worker's share of such a scenario."""
        return cls(plan, options.vus, options.duration_s, segment=segment)

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start."""
        return self.duration_s

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        return self.segment.share(self.vus)

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end."""
        await run_looping(run, vus=self.vus_max, limit_s=self.duration_s)
