"""``constant-arrival-rate``: so many iterations begin each time unit."""

from dataclasses import dataclass
from typing import Self

from gharial.executors.arrivals import ArrivalRate
from gharial.executors.base import ScenarioPlan
from gharial.executors.pacing import ConstantPace
from gharial.executors.segment import Segment
from gharial.options.scenarios import ConstantArrivalRate as ConstantArrivalRateOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantArrivalRate(ArrivalRate):
    """Iterations begin at the same rate for ``duration_s``."""

    kind: str = "constant-arrival-rate"

    @classmethod
    def of(
        cls, plan: ScenarioPlan, options: ConstantArrivalRateOptions, segment: Segment
    ) -> Self:
        """Return what runs a worker's share of such a scenario."""
        return cls(
            plan=plan,
            pace=ConstantPace(options.rate, options.time_unit_s, options.duration_s),
            duration_s=options.duration_s,
            pre_allocated_vus=options.pre_allocated_vus,
            max_vus=options.vus_max,
            segment=segment,
        )
