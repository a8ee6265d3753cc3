"""``constant-vus``: virtual users iterate for a time."""

from typing import ClassVar, Self

from gharial.executors.base import Executor, ScenarioPlan, ScenarioRun
from gharial.executors.looping import run_looping
from gharial.executors.overriding import override
from gharial.executors.segment import Segment
from gharial.lazy_dataclass import dataclass
from gharial.options.scenarios import ScenarioOptions
from gharial.options.values import Positive, RunDuration
from gharial.timing import format_duration


class ConstantVusOptions(ScenarioOptions):
    """
    ``vus`` begin iterations until ``duration_s`` is over.

    Attributes:
        vus: Number of VUs.
        duration_s: Time after which no iteration begins.

    """

    vus: Positive = 1
    duration_s: RunDuration

    @property
    @override
    def vus_max(self) -> int:
        return self.vus

    @property
    @override
    def regular_duration_s(self) -> float:
        return self.duration_s

    @override
    def describe(self) -> str:
        duration = format_duration(self.duration_s)
        return f"{self.vus} looping VUs for {duration}{self._facts()}"


@dataclass(frozen=True, slots=True)
class ConstantVus(Executor):
    """``vus`` virtual users iterate for ``duration_s``."""

    kind: ClassVar = "constant-vus"
    options: ClassVar = ConstantVusOptions

    vus: int
    duration_s: float

    @classmethod
    @override
    def of(
        cls, plan: ScenarioPlan, options: ConstantVusOptions, segment: Segment
    ) -> Self:
        return cls(plan, options.vus, options.duration_s, segment=segment)

    @property
    @override
    def limit_s(self) -> float:
        return self.duration_s

    @property
    @override
    def vus_max(self) -> int:
        return self.segment.share(self.vus)

    @override
    async def run(self, run: ScenarioRun) -> None:
        await run_looping(run, vus=self.vus_max, limit_s=self.duration_s)
