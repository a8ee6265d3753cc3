"""``per-vu-iterations``: each virtual user runs the same number of iterations."""

from typing import ClassVar

from gharial.executors.base import ScenarioRun
from gharial.executors.iterations import IterationsExecutor, IterationsOptions
from gharial.executors.looping import run_looping
from gharial.executors.overriding import override
from gharial.lazy_dataclass import dataclass


class PerVuIterationsOptions(IterationsOptions):
    """
    Each of ``vus`` runs ``iterations``, within ``max_duration_s``.

    Attributes:
        iterations: Iterations of each VU.

    """

    @override
    def describe(self) -> str:
        facts = self._limit_facts()
        return f"{self.iterations} iterations for each of {self.vus} VUs{facts}"


@dataclass(frozen=True, slots=True)
class PerVuIterations(IterationsExecutor):
    """Each of ``vus`` virtual users runs ``iterations``, within ``max_duration_s``."""

    kind: ClassVar = "per-vu-iterations"
    options: ClassVar = PerVuIterationsOptions

    @property
    @override
    def iterations_total(self) -> int:
        return self.vus_max * self.iterations

    @override
    async def run(self, run: ScenarioRun) -> None:
        left = [self.iterations] * self.vus_max

        def takes(index: int) -> bool:
            has_more = left[index] > 0
            left[index] -= has_more
            return has_more

        await run_looping(
            run, vus=self.vus_max, limit_s=self.max_duration_s, takes=takes
        )
        run.drop(sum(left))
