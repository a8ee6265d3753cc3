"""``per-vu-iterations``: each virtual user runs the same number of iterations."""

from dataclasses import dataclass

from gharial.executors.base import ScenarioRun
from gharial.executors.iterations import IterationsExecutor
from gharial.executors.looping import run_looping


@dataclass(frozen=True, slots=True)
class PerVuIterations(IterationsExecutor):
    """Each of ``vus`` virtual users runs ``iterations``, within ``max_duration_s``."""

    kind: str = "per-vu-iterations"

    @property
    def iterations_total(self) -> int:
        """Iterations that are to be done by this worker."""
        return self.vus_max * self.iterations

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end."""
        left = [self.iterations] * self.vus_max

        def takes(index: int) -> bool:
            has_more = left[index] > 0
            left[index] -= has_more
            return has_more

        await run_looping(
            run, vus=self.vus_max, limit_s=self.max_duration_s, takes=takes
        )
        run.drop(sum(left))
