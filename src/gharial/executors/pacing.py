"""
When iterations are to start (arithmetic only).

Each start is computed from the origin and not from the one before it: an hour at any
rate ends on the ideal line.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import field
from typing import Protocol

from gharial.lazy_dataclass import dataclass

# Numbers closer than this are one: 0.1 has no exact form, and 3 of them make 0.3.
_DIGITS = 9


class Pace(Protocol):
    """A row of starts."""

    @property
    def total(self) -> int:
        """How many starts there are."""
        ...

    def offset_s(self, number: int) -> float:
        """Return when start ``number``, from 0, is due, in seconds from the origin."""
        ...


@dataclass(frozen=True, slots=True)
class ConstantPace:
    """
    ``rate`` starts each ``unit_s`` for ``duration_s``, the first at once.

    Source:
        k6 v2.2, ``lib/executor/constant_arrival_rate.go``.

    """

    rate: float
    unit_s: float
    duration_s: float

    @property
    def total(self) -> int:
        """How many starts there are: those before the end."""
        return math.ceil(round(self.duration_s * self.rate / self.unit_s, _DIGITS))

    def offset_s(self, number: int) -> float:
        """Return when start ``number``, from 0, is due, in seconds from the origin."""
        return number * self.unit_s / self.rate


@dataclass(frozen=True, slots=True)
class RampingPace:
    """
    The rate of starts changes linearly within each stage.

    Start number n, from 0, is due when the area under the line of the rate reaches
    n + 1, so none is due at once.

    Attributes:
        start_rate: Starts each ``unit_s`` at the origin.
        stages: Pairs of duration in seconds and the rate at the stage's end.
        unit_s: The time unit of the rates, in seconds.

    Source:
        k6 v2.2, ``lib/executor/ramping_arrival_rate.go``.

    """

    start_rate: float
    stages: Sequence[tuple[float, float]]
    unit_s: float
    # Of each stage: when it begins, and the area before it; one entry more for the end.
    _begins_s: tuple[float, ...] = field(init=False, repr=False)
    _areas: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        begins_s, areas, rate = [0.0], [0.0], self.start_rate
        for duration_s, target in self.stages:
            begins_s.append(begins_s[-1] + duration_s)
            areas.append(areas[-1] + duration_s * (rate + target) / 2 / self.unit_s)
            rate = target
        object.__setattr__(self, "_begins_s", tuple(begins_s))
        object.__setattr__(self, "_areas", tuple(areas))

    @property
    def total(self) -> int:
        """How many starts there are, one at the very end included."""
        return math.floor(round(self._areas[-1], _DIGITS))

    def offset_s(self, number: int) -> float:
        """Return when start ``number``, from 0, is due, in seconds from the origin."""
        wanted = min(float(number + 1), self._areas[-1])
        stage = max(0, bisect_left(self._areas, wanted) - 1)
        duration_s, first, last = self._line(stage)
        area = wanted - self._areas[stage]
        # The smaller root of the parabola, in the form that is exact for flat ones too.
        growth = (last - first) / duration_s
        root = math.sqrt(max(0.0, first * first + 2 * area * growth))
        return self._begins_s[stage] + min(duration_s, 2 * area / (first + root))

    def _line(self, stage: int) -> tuple[float, float, float]:
        """Return a stage's duration and its rates a second, first and last."""
        before = self.stages[stage - 1][1] if stage else self.start_rate
        duration_s, target = self.stages[stage]
        return duration_s, before / self.unit_s, target / self.unit_s
