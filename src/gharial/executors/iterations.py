"""What the two executors share that have a number of iterations to do."""

from typing import Self

from gharial.executors.base import Executor, ScenarioPlan, ScenarioRun
from gharial.executors.overriding import override
from gharial.executors.segment import Deal, Segment
from gharial.lazy_dataclass import dataclass
from gharial.options.scenarios import ScenarioOptions
from gharial.options.values import Positive, RunDuration
from gharial.timing import format_duration

DEFAULT_MAX_DURATION_S = 600.0


class IterationsOptions(ScenarioOptions):
    """
    A number of iterations, and how many ``vus`` run them.

    Attributes:
        vus: Number of VUs.
        max_duration_s: Time after which no iteration begins.

    """

    vus: Positive = 1
    iterations: Positive = 1
    max_duration_s: RunDuration = DEFAULT_MAX_DURATION_S

    @property
    @override
    def vus_max(self) -> int:
        return self.vus

    @property
    @override
    def regular_duration_s(self) -> float:
        return self.max_duration_s

    def _limit_facts(self) -> str:
        return self._facts(f"maxDuration: {format_duration(self.max_duration_s)}")


@dataclass(frozen=True, slots=True)
class IterationsExecutor(Executor):
    """
    ``vus`` virtual users do a number of iterations, within ``max_duration_s``.

    Iterations are dealt to workers through their virtual users, so that a worker without
    any gets none.
    """

    vus: int = 1
    iterations: int = 1
    max_duration_s: float = DEFAULT_MAX_DURATION_S

    @classmethod
    @override
    def of(
        cls, plan: ScenarioPlan, options: IterationsOptions, segment: Segment
    ) -> Self:
        return cls(
            plan,
            options.vus,
            options.iterations,
            options.max_duration_s,
            segment=segment,
        )

    @property
    @override
    def limit_s(self) -> float:
        return self.max_duration_s

    @property
    @override
    def vus_max(self) -> int:
        return self.segment.share(self.vus)

    @property
    def deal(self) -> Deal:
        """How iterations are dealt to workers."""
        return self.segment.dealt(self.vus)

    @override
    def iteration_number(self, own: int) -> int:
        return self.deal.nth(own)

    @override
    def progress(self, run: ScenarioRun) -> float:
        """Return the share of iterations that began."""
        total = self.iterations_total
        return min(1.0, run.context.iterations_started / total) if total else 1.0
