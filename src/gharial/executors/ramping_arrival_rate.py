"""``ramping-arrival-rate``: the rate at which iterations begin follows a line."""

from typing import ClassVar, Self

from gharial.executors.arrivals import ArrivalRate, ArrivalRateOptions
from gharial.executors.base import ScenarioPlan
from gharial.executors.overriding import override
from gharial.executors.pacing import RampingPace
from gharial.executors.segment import Segment
from gharial.lazy_dataclass import dataclass
from gharial.options.scenarios import Stages
from gharial.options.values import Natural
from gharial.timing import format_duration


class RampingArrivalRateOptions(ArrivalRateOptions):
    """
    The rate of iterations follows ``stages``, from ``start_rate``.

    Attributes:
        start_rate: Iterations that begin in each time unit, at the start.
        stages: Each ``{ duration, target }`` changes the rate linearly to ``target``.

    """

    start_rate: Natural = 0
    stages: Stages

    @property
    @override
    def regular_duration_s(self) -> float:
        return sum(stage.duration_s for stage in self.stages)

    @override
    def describe(self) -> str:
        most = max(self.start_rate, *(stage.target for stage in self.stages))
        return (
            f"Up to {most / self.time_unit_s:.2f} iterations/s for "
            f"{format_duration(self.regular_duration_s)} over {len(self.stages)} stages"
            f"{self._rate_facts()}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RampingArrivalRate(ArrivalRate):
    """The rate changes linearly within each stage."""

    kind: ClassVar = "ramping-arrival-rate"
    options: ClassVar = RampingArrivalRateOptions

    @classmethod
    @override
    def of(
        cls, plan: ScenarioPlan, options: RampingArrivalRateOptions, segment: Segment
    ) -> Self:
        stages = tuple((stage.duration_s, stage.target) for stage in options.stages)
        return cls(
            plan=plan,
            pace=RampingPace(options.start_rate, stages, options.time_unit_s),
            duration_s=options.regular_duration_s,
            pre_allocated_vus=options.pre_allocated_vus,
            max_vus=options.vus_max,
            segment=segment,
        )
