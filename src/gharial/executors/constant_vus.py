"""``constant-vus``: virtual users iterate for a time."""

from dataclasses import dataclass
from typing import Self

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.looping import run_looping
from gharial.executors.plan import Steps
from gharial.executors.segment import WHOLE, Segment
from gharial.options.scenarios import ConstantVus as ConstantVusOptions


@dataclass(frozen=True, slots=True)
class ConstantVus:
    """``vus`` virtual users iterate for ``duration_s``."""

    plan: ScenarioPlan
    vus: int
    duration_s: float
    segment: Segment = WHOLE
    kind: str = "constant-vus"

    @classmethod
    def of(
        cls, plan: ScenarioPlan, options: ConstantVusOptions, segment: Segment
    ) -> Self:
        """Return what runs a worker's share of such a scenario."""
        return cls(plan, options.vus, options.duration_s, segment)

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start."""
        return self.duration_s

    @property
    def iterations_total(self) -> None:
        """Iterations that are to be done; None if time decides."""
        return None

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        return self.segment.share(self.vus)

    def iteration_number(self, own: int) -> int:
        """Return an iteration's number in the whole run, from its own worker's."""
        return self.segment.nth(own)

    def planned_vus(self) -> Steps:
        """Return how many VUs are made before the run, and when they are needed."""
        return ((0.0, self.vus_max), (self.duration_s + self.plan.graceful_stop_s, 0))

    def possible_vus(self) -> Steps:
        """Return how many VUs there can be, and when."""
        return self.planned_vus()

    def wanted_vus(self) -> Steps:
        """Return how many VUs may begin iterations, and when."""
        return ((0.0, self.vus_max), (self.limit_s, 0))

    def progress(self, run: ScenarioRun) -> float:
        """Return the share of the time that is over."""
        return min(1.0, run.elapsed_s / self.duration_s)

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end."""
        await run_looping(run, vus=self.vus_max, limit_s=self.duration_s)
