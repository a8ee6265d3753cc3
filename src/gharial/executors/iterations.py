"""What the two executors share that have a number of iterations to do."""

from dataclasses import dataclass
from typing import Self

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.planned import PlannedExecutor
from gharial.executors.segment import Deal, Segment
from gharial.options.scenarios import PerVuIterations, SharedIterations


@dataclass(frozen=True, slots=True)
class IterationsExecutor(PlannedExecutor):
    """
    ``vus`` virtual users do a number of iterations, within ``max_duration_s``.

    Iterations are dealt to workers through their virtual users, so that a worker without
    any gets none.
    """

    vus: int = 1
    iterations: int = 1
    max_duration_s: float = 600.0

    @classmethod
    def of(
        cls,
        plan: ScenarioPlan,
        options: PerVuIterations | SharedIterations,
        segment: Segment,
    ) -> Self:
        """Return what runs a worker's share of such a scenario."""
        return cls(
            plan,
            options.vus,
            options.iterations,
            options.max_duration_s,
            segment=segment,
        )

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start."""
        return self.max_duration_s

    @property
    def iterations_total(self) -> int:
        """Iterations that are to be done; None if time decides."""
        raise NotImplementedError

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        return self.segment.share(self.vus)

    @property
    def deal(self) -> Deal:
        """How iterations are dealt to workers."""
        return self.segment.dealt(self.vus)

    def iteration_number(self, own: int) -> int:
        """Return an iteration's number in the whole run, from its own worker's."""
        return self.deal.nth(own)

    def progress(self, run: ScenarioRun) -> float:
        """Return the share of iterations that began."""
        total = self.iterations_total
        return min(1.0, run.context.iterations_started / total) if total else 1.0
