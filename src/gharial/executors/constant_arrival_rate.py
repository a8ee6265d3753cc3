"""``constant-arrival-rate``: the same number of iterations begins each time unit."""

from typing import ClassVar, Self

from gharial.executors.arrivals import ArrivalRate, ArrivalRateOptions
from gharial.executors.base import ScenarioPlan
from gharial.executors.overriding import override
from gharial.executors.pacing import ConstantPace
from gharial.executors.segment import Segment
from gharial.lazy_dataclass import dataclass
from gharial.options.values import Positive, RunDuration
from gharial.timing import format_duration


class ConstantArrivalRateOptions(ArrivalRateOptions):
    """
    ``rate`` iterations begin each time unit, for ``duration_s``.

    Attributes:
        rate: Iterations that begin in each time unit.
        duration_s: Time after which no iteration begins.

    """

    rate: Positive
    duration_s: RunDuration

    @property
    @override
    def regular_duration_s(self) -> float:
        return self.duration_s

    @override
    def describe(self) -> str:
        return (
            f"{self.rate / self.time_unit_s:.2f} iterations/s for "
            f"{format_duration(self.duration_s)}{self._rate_facts()}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantArrivalRate(ArrivalRate):
    """Iterations begin at the same rate for ``duration_s``."""

    kind: ClassVar = "constant-arrival-rate"
    options: ClassVar = ConstantArrivalRateOptions

    @classmethod
    @override
    def of(
        cls, plan: ScenarioPlan, options: ConstantArrivalRateOptions, segment: Segment
    ) -> Self:
        return cls(
            plan=plan,
            pace=ConstantPace(options.rate, options.time_unit_s, options.duration_s),
            duration_s=options.duration_s,
            pre_allocated_vus=options.pre_allocated_vus,
            max_vus=options.vus_max,
            segment=segment,
        )
