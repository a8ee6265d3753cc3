"""What executors have in common whose virtual users are there from the beginning."""

from dataclasses import dataclass, field

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.plan import Steps
from gharial.executors.segment import WHOLE, Segment


@dataclass(frozen=True, slots=True)
class PlannedExecutor:
    """
    One worker's share of a scenario that takes some time.

    Attributes:
        plan: What all scenarios have.
        segment: The worker's share.

    """

    plan: ScenarioPlan
    segment: Segment = field(default=WHOLE, kw_only=True)

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start; infinite for no end."""
        raise NotImplementedError

    @property
    def iterations_total(self) -> int | None:
        """Iterations that are to be done; None if time decides."""
        return None

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        raise NotImplementedError

    def iteration_number(self, own: int) -> int:
        """Return an iteration's number in the whole run, from its own worker's, from 0."""
        return self.segment.nth(own)

    def planned_vus(self) -> Steps:
        """Return how many VUs are made before the run, and when they are needed."""
        return ((0.0, self.vus_max), (self.limit_s + self.plan.graceful_stop_s, 0))

    def possible_vus(self) -> Steps:
        """Return how many VUs there can be, unplanned ones included, and when."""
        return self.planned_vus()

    def wanted_vus(self) -> Steps:
        """Return how many VUs may begin iterations, and when."""
        return ((0.0, self.vus_max), (self.limit_s, 0))

    def progress(self, run: ScenarioRun) -> float:
        """Return the share of the time that is over; 0 without an end."""
        limit_s = self.limit_s
        return min(1.0, run.elapsed_s / limit_s) if limit_s else 1.0
