"""``shared-iterations``: virtual users take iterations from one shared count."""

from typing import ClassVar

from gharial.executors.base import ScenarioRun
from gharial.executors.iterations import IterationsExecutor, IterationsOptions
from gharial.executors.looping import run_looping
from gharial.executors.overriding import override
from gharial.lazy_dataclass import dataclass


class SharedIterationsOptions(IterationsOptions):
    """
    ``vus`` take ``iterations`` from one counter, within ``max_duration_s``.

    Attributes:
        iterations: Iterations of all VUs together.

    """

    @override
    def check(self) -> None:
        if self.iterations < self.vus:
            raise ValueError(
                f"iterations ({self.iterations}) must be at least vus ({self.vus}), "
                "so that each VU has one"
            )

    @override
    def describe(self) -> str:
        facts = self._limit_facts()
        return f"{self.iterations} iterations shared among {self.vus} VUs{facts}"


@dataclass(frozen=True, slots=True)
class SharedIterations(IterationsExecutor):
    """``vus`` virtual users share ``iterations``, within ``max_duration_s``."""

    kind: ClassVar = "shared-iterations"
    options: ClassVar = SharedIterationsOptions

    @property
    @override
    def iterations_total(self) -> int:
        return self.deal.among(self.iterations)

    @override
    async def run(self, run: ScenarioRun) -> None:
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
