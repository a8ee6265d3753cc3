"""One record for each executor: what a scenario says of itself."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gharial.options.values import (
    Duration,
    Natural,
    OptionRecord,
    Positive,
    RunDuration,
    TextMap,
)
from gharial.timing import format_duration

DEFAULT_GRACEFUL_STOP_S = 30.0
DEFAULT_MAX_DURATION_S = 600.0


class Stage(OptionRecord):
    """
    A part of a ramp.

    Attributes:
        duration_s: How long it takes; 0 jumps.
        target: VUs, or iterations each time unit, at its end.

    """

    duration_s: Duration
    target: Natural


class ScenarioRecord(OptionRecord, ABC):
    """
    What all scenarios have.

    Attributes:
        start_time_s: When it begins, from the end of ``setup``.
        graceful_stop_s: How long a running iteration may go on after the end.
        exec: The exported function to call.
        env: Variables of this scenario, over those of the run.
        tags: Tags for all of its values.
        options: Settings of other k6 modules; accepted and without effect.

    Source:
        k6 v2.2, ``lib/executor/base_config.go``.

    """

    start_time_s: Duration = 0.0
    graceful_stop_s: Duration = DEFAULT_GRACEFUL_STOP_S
    exec: str = Field("default", min_length=1)
    env: TextMap = Field(default_factory=dict)
    tags: TextMap = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict, exclude=True)

    @property
    @abstractmethod
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""

    @property
    @abstractmethod
    def regular_duration_s(self) -> float:
        """How long it may begin iterations, without start time and graceful stop."""

    @property
    def iterations_total(self) -> int | None:
        """Iterations that are to be done; None if time decides."""
        return None

    @abstractmethod
    def describe(self) -> str:
        """Return what it does in one line, in k6's shape."""

    def _facts(self, *own: str) -> str:
        facts = [*own]
        if self.exec != "default":
            facts.append(f"exec: {self.exec}")
        if self.start_time_s > 0:
            facts.append(f"startTime: {format_duration(self.start_time_s)}")
        if self.graceful_stop_s > 0:
            facts.append(f"gracefulStop: {format_duration(self.graceful_stop_s)}")
        return f" ({', '.join(facts)})" if facts else ""


class _Iterations(ScenarioRecord):
    vus: Positive = 1
    iterations: Positive = 1
    max_duration_s: RunDuration = DEFAULT_MAX_DURATION_S

    @property
    def vus_max(self) -> int:
        return self.vus

    @property
    def regular_duration_s(self) -> float:
        return self.max_duration_s


class PerVuIterations(_Iterations):
    """Each of ``vus`` runs ``iterations``, within ``max_duration_s``."""

    executor: Literal["per-vu-iterations"]

    @property
    def iterations_total(self) -> int:
        """Iterations of all VUs together."""
        return self.vus * self.iterations

    def describe(self) -> str:
        """Return what it does in one line, in k6's shape."""
        facts = self._facts(f"maxDuration: {format_duration(self.max_duration_s)}")
        return f"{self.iterations} iterations for each of {self.vus} VUs{facts}"


class SharedIterations(_Iterations):
    """``vus`` take ``iterations`` from one counter, within ``max_duration_s``."""

    executor: Literal["shared-iterations"]

    @model_validator(mode="after")
    def _enough_for_each(self) -> Self:
        if self.iterations < self.vus:
            raise ValueError(
                f"iterations ({self.iterations}) must be at least vus ({self.vus}), "
                "so that each VU has one"
            )
        return self

    @property
    def iterations_total(self) -> int:
        """Iterations of all VUs together."""
        return self.iterations

    def describe(self) -> str:
        """Return what it does in one line, in k6's shape."""
        facts = self._facts(f"maxDuration: {format_duration(self.max_duration_s)}")
        return f"{self.iterations} iterations shared among {self.vus} VUs{facts}"


class ConstantVus(ScenarioRecord):
    """``vus`` begin iterations until ``duration_s`` is over."""

    executor: Literal["constant-vus"]
    vus: Positive = 1
    duration_s: RunDuration

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        return self.vus

    @property
    def regular_duration_s(self) -> float:
        """How long it begins iterations."""
        return self.duration_s

    def describe(self) -> str:
        """Return what it does in one line, in k6's shape."""
        duration = format_duration(self.duration_s)
        return f"{self.vus} looping VUs for {duration}{self._facts()}"


Stages = Annotated[tuple[Stage, ...], Field(min_length=1)]


class RampingVus(ScenarioRecord):
    """The number of VUs follows ``stages``, from ``start_vus``."""

    executor: Literal["ramping-vus"]
    start_vus: Natural = 1
    stages: Stages
    graceful_ramp_down_s: Duration = 30.0

    @model_validator(mode="after")
    def _some_vus(self) -> Self:
        if self.vus_max == 0:
            raise ValueError("startVUs or a stage's target must be more than 0")
        return self

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        return max(self.start_vus, *(stage.target for stage in self.stages))

    @property
    def regular_duration_s(self) -> float:
        """The sum of the stages."""
        return sum(stage.duration_s for stage in self.stages)

    def describe(self) -> str:
        """Return what it does in one line, in k6's shape."""
        ramp_down = format_duration(self.graceful_ramp_down_s)
        return (
            f"Up to {self.vus_max} looping VUs for "
            f"{format_duration(self.regular_duration_s)} over {len(self.stages)} stages"
            f"{self._facts(f'gracefulRampDown: {ramp_down}')}"
        )


class _ArrivalRate(ScenarioRecord):
    time_unit_s: Duration = 1.0
    pre_allocated_vus: Natural
    max_vus: Natural | None = None

    @model_validator(mode="after")
    def _room_for_vus(self) -> Self:
        if self.time_unit_s <= 0:
            raise ValueError("timeUnit must be more than 0s")
        if self.vus_max < self.pre_allocated_vus:
            raise ValueError(
                f"maxVUs ({self.max_vus}) must be at least preAllocatedVUs "
                f"({self.pre_allocated_vus})"
            )
        if self.vus_max == 0:
            raise ValueError("preAllocatedVUs or maxVUs must be more than 0")
        return self

    @property
    def vus_max(self) -> int:
        return self.pre_allocated_vus if self.max_vus is None else self.max_vus

    def _rate_facts(self) -> str:
        vus = f"{self.pre_allocated_vus}"
        if self.vus_max > self.pre_allocated_vus:
            vus += f"-{self.vus_max}"
        return self._facts(f"maxVUs: {vus}")


class ConstantArrivalRate(_ArrivalRate):
    """``rate`` iterations begin each time unit, for ``duration_s``."""

    executor: Literal["constant-arrival-rate"]
    rate: Positive
    duration_s: RunDuration

    @property
    def regular_duration_s(self) -> float:
        """How long it begins iterations."""
        return self.duration_s

    def describe(self) -> str:
        """Return what it does in one line, in k6's shape."""
        return (
            f"{self.rate / self.time_unit_s:.2f} iterations/s for "
            f"{format_duration(self.duration_s)}{self._rate_facts()}"
        )


class RampingArrivalRate(_ArrivalRate):
    """The rate of iterations follows ``stages``, from ``start_rate``."""

    executor: Literal["ramping-arrival-rate"]
    start_rate: Natural = 0
    stages: Stages

    @property
    def regular_duration_s(self) -> float:
        """The sum of the stages."""
        return sum(stage.duration_s for stage in self.stages)

    def describe(self) -> str:
        """Return what it does in one line, in k6's shape."""
        most = max(self.start_rate, *(stage.target for stage in self.stages))
        return (
            f"Up to {most / self.time_unit_s:.2f} iterations/s for "
            f"{format_duration(self.regular_duration_s)} over {len(self.stages)} stages"
            f"{self._rate_facts()}"
        )


class ExternallyControlled(ScenarioRecord):
    """Commands from outside change the number of VUs; a duration of 0 has no end."""

    executor: Literal["externally-controlled"]
    vus: Natural = 1
    max_vus: Positive | None = None
    duration_s: Duration = 0.0
    graceful_stop_s: Duration = 0.0

    @model_validator(mode="after")
    def _room_for_vus(self) -> Self:
        if self.vus_max < self.vus:
            raise ValueError(
                f"maxVUs ({self.max_vus}) must be at least vus ({self.vus})"
            )
        return self

    @property
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""
        return max(self.vus, 1) if self.max_vus is None else self.max_vus

    @property
    def regular_duration_s(self) -> float:
        """How long it begins iterations; 0 if it has no end."""
        return self.duration_s

    def describe(self) -> str:
        """Return what it does in one line, in k6's shape."""
        duration = f" for {format_duration(self.duration_s)}" if self.duration_s else ""
        return (
            f"Externally controlled execution with {self.vus} VUs, "
            f"{self.vus_max} max VUs{duration}{self._facts()}"
        )


Scenario = Annotated[
    PerVuIterations
    | SharedIterations
    | ConstantVus
    | RampingVus
    | ConstantArrivalRate
    | RampingArrivalRate
    | ExternallyControlled,
    Field(discriminator="executor"),
]

SCENARIO_TYPES: Mapping[str, type[ScenarioRecord]] = {
    "per-vu-iterations": PerVuIterations,
    "shared-iterations": SharedIterations,
    "constant-vus": ConstantVus,
    "ramping-vus": RampingVus,
    "constant-arrival-rate": ConstantArrivalRate,
    "ramping-arrival-rate": RampingArrivalRate,
    "externally-controlled": ExternallyControlled,
}
