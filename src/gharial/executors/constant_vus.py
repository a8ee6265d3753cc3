"""``constant-vus``: virtual users iterate for a time."""

from dataclasses import dataclass

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.looping import run_looping


@dataclass(frozen=True, slots=True)
class ConstantVus:
    """``vus`` virtual users iterate for ``duration_s``."""

    plan: ScenarioPlan
    vus: int
    duration_s: float
    kind: str = "constant-vus"

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start."""
        return self.duration_s

    @property
    def iterations_total(self) -> None:
        """Iterations that are to be done; None if time decides."""
        return None

    def planned_vus(self) -> tuple[tuple[float, int], ...]:
        """Return steps of VUs needed."""
        return ((0.0, self.vus), (self.duration_s + self.plan.graceful_stop_s, 0))

    def progress(self, run: ScenarioRun) -> float:
        """Return the share of the time that is over."""
        return min(1.0, run.elapsed_s / self.duration_s)

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end."""
        await run_looping(
            run,
            vus=self.vus,
            limit_s=self.duration_s,
            graceful_stop_s=self.plan.graceful_stop_s,
            takes=lambda index: True,
        )
