"""What all scenarios have in common, whatever their executor."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any

from gharial.options.records import NOT_SHOWN, OptionRecord
from gharial.options.values import FILLED, Duration, Name, Natural, TextMap
from gharial.timing import format_duration

DEFAULT_GRACEFUL_STOP_S = 30.0


class Stage(OptionRecord):
    """
    A part of a ramp.

    Attributes:
        duration_s: How long it takes; 0 jumps.
        target: VUs, or iterations each time unit, at its end.

    """

    duration_s: Duration
    target: Natural


Stages = Annotated[tuple[Stage, ...], FILLED]


class ScenarioOptions(OptionRecord, ABC):
    """
    What all scenarios have; each executor has a class of its own for the rest.

    Attributes:
        executor: The executor's name.
        start_time_s: When it begins, counted from the end of ``setup``.
        graceful_stop_s: How long a running iteration may go on after the end.
        exec: The exported function to call.
        env: Variables of this scenario; they override those of the run.
        tags: Tags for all of its measurements.
        options: Settings of other k6 modules; accepted and ignored.

    Source:
        k6 v2.2, ``lib/executor/base_config.go``.

    """

    executor: str
    start_time_s: Duration = 0.0
    graceful_stop_s: Duration = DEFAULT_GRACEFUL_STOP_S
    exec: Name = "default"
    env: TextMap = field(default_factory=dict)
    tags: TextMap = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict, metadata=NOT_SHOWN)

    @property
    @abstractmethod
    def vus_max(self) -> int:
        """The most VUs that it can use at once."""

    @property
    @abstractmethod
    def regular_duration_s(self) -> float:
        """How long it may begin iterations, without start time and graceful stop."""

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


ScenarioTypes = Mapping[str, type[ScenarioOptions]]
"""For each executor's name, what a scenario says of itself; the executors fill it."""
