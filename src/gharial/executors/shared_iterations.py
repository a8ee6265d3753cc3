"""``shared-iterations``: virtual users take iterations from one shared count."""

from dataclasses import dataclass

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.looping import run_looping


@dataclass(frozen=True, slots=True)
class SharedIterations:
    """``vus`` virtual users share ``iterations``, within ``max_duration_s``."""

    plan: ScenarioPlan
    vus: int = 1
    iterations: int = 1
    max_duration_s: float = 600.0
    kind: str = "shared-iterations"

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start."""
        return self.max_duration_s

    @property
    def iterations_total(self) -> int:
        """Iterations that are to be done; None if time decides."""
        return self.iterations

    def planned_vus(self) -> tuple[tuple[float, int], ...]:
        """Return steps of VUs needed."""
        return (
            (0.0, self.vus),
            (self.max_duration_s + self.plan.graceful_stop_s, 0),
        )

    def progress(self, run: ScenarioRun) -> float:
        """Return the share of iterations that began."""
        return min(1.0, run.context.iterations_started / self.iterations)

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end."""
        left = self.iterations

        def takes(index: int) -> bool:
            nonlocal left
            has_more = left > 0
            left -= has_more
            return has_more

        await run_looping(
            run,
            vus=self.vus,
            limit_s=self.max_duration_s,
            graceful_stop_s=self.plan.graceful_stop_s,
            takes=takes,
        )
        run.drop(left)
