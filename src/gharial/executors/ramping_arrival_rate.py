"""``ramping-arrival-rate``: the rate at which iterations begin follows a line."""

from dataclasses import dataclass
from typing import Self

from gharial.executors.arrivals import ArrivalRate
from gharial.executors.base import ScenarioPlan
from gharial.executors.pacing import RampingPace
from gharial.executors.segment import Segment
from gharial.options.scenarios import RampingArrivalRate as RampingArrivalRateOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class RampingArrivalRate(ArrivalRate):
    """The rate changes linearly within each stage."""

    kind: str = "ramping-arrival-rate"

    @classmethod
    def of(
        cls, plan: ScenarioPlan, options: RampingArrivalRateOptions, segment: Segment
    ) -> Self:
        """Return what runs a worker's share of such a scenario."""
        stages = tuple((stage.duration_s, stage.target) for stage in options.stages)
        return cls(
            plan=plan,
            pace=RampingPace(options.start_rate, stages, options.time_unit_s),
            duration_s=options.regular_duration_s,
            pre_allocated_vus=options.pre_allocated_vus,
            max_vus=options.vus_max,
            segment=segment,
        )
