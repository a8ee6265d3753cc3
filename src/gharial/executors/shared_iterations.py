"""``shared-iterations``: virtual users take iterations from one shared count."""

from dataclasses import dataclass

from gharial.executors.base import ScenarioRun
from gharial.executors.iterations import IterationsExecutor
from gharial.executors.looping import run_looping


@dataclass(frozen=True, slots=True)
class SharedIterations(IterationsExecutor):
    """``vus`` virtual users share ``iterations``, within ``max_duration_s``."""

    kind: str = "shared-iterations"

    @property
    def iterations_total(self) -> int:
        """Iterations that are to be done by this worker."""
        return self.deal.among(self.iterations)

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end."""
        left = self.iterations_total

        def takes(index: int) -> bool:
            nonlocal left
            has_more = left > 0
            left -= has_more
            return has_more

        await run_looping(
            run, vus=self.vus_max, limit_s=self.max_duration_s, takes=takes
        )
        run.drop(left)
