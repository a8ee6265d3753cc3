"""``externally-controlled``: commands from outside change how many virtual users run."""

import asyncio
import math
from typing import ClassVar, Self

from gharial.executors.base import Executor, ScenarioPlan, ScenarioRun
from gharial.executors.handles import Handles
from gharial.executors.overriding import override
from gharial.executors.segment import Segment
from gharial.lazy_dataclass import dataclass
from gharial.options.scenarios import ScenarioOptions
from gharial.options.values import Duration, Natural, Positive
from gharial.timing import format_duration


class ExternallyControlledOptions(ScenarioOptions):
    """
    Commands from outside change the number of VUs; a duration of 0 has no end.

    Attributes:
        vus: Number of VUs at the start.
        max_vus: Maximum of VUs; by default ``vus``.
        duration_s: Time after which no iteration begins; 0 for no limit.

    """

    vus: Natural = 1
    max_vus: Positive | None = None
    duration_s: Duration = 0.0
    graceful_stop_s: Duration = 0.0

    @override
    def check(self) -> None:
        if self.vus_max < self.vus:
            raise ValueError(
                f"maxVUs ({self.max_vus}) must be at least vus ({self.vus})"
            )

    @property
    @override
    def vus_max(self) -> int:
        return max(self.vus, 1) if self.max_vus is None else self.max_vus

    @property
    @override
    def regular_duration_s(self) -> float:
        """How long it begins iterations; 0 if it has no end."""
        return self.duration_s

    @override
    def describe(self) -> str:
        duration = f" for {format_duration(self.duration_s)}" if self.duration_s else ""
        return (
            f"Externally controlled execution with {self.vus} VUs, "
            f"{self.vus_max} max VUs{duration}{self._facts()}"
        )


@dataclass(frozen=True, slots=True)
class ExternallyControlled(Executor):
    """
    As many virtual users iterate as the run's control says.

    Attributes:
        vus: How many there are at the start.
        vus_limit: How many there may be.
        duration_s: How long; infinite for no end.

    Source:
        k6 v0.41, ``lib/executor/externally_controlled.go``.

    """

    kind: ClassVar = "externally-controlled"
    options: ClassVar = ExternallyControlledOptions

    vus: int
    vus_limit: int
    duration_s: float

    @classmethod
    @override
    def of(
        cls, plan: ScenarioPlan, options: ExternallyControlledOptions, segment: Segment
    ) -> Self:
        duration_s = options.duration_s or math.inf
        return cls(plan, options.vus, options.vus_max, duration_s, segment=segment)

    @property
    @override
    def limit_s(self) -> float:
        return self.duration_s

    @property
    @override
    def vus_max(self) -> int:
        """The most VUs that it can use at once: all are made before the run."""
        return self.segment.share(self.vus_limit)

    @override
    async def run(self, run: ScenarioRun) -> None:
        if run.vus_scaled is None:
            run.vus_scaled = self.vus
        async with run.timed(self.duration_s), asyncio.TaskGroup() as group:
            handles = Handles(run, group, graceful_ramp_down_s=0.0)
            ended = asyncio.ensure_future(run.ended())
            try:
                while not run.has_ended:
                    run.scaled.clear()
                    handles.set(self.segment.share(min(run.vus_scaled, self.vus_limit)))
                    scaled = asyncio.ensure_future(run.scaled.wait())
                    await asyncio.wait(
                        {scaled, ended}, return_when=asyncio.FIRST_COMPLETED
                    )
                    scaled.cancel()
            finally:
                ended.cancel()
