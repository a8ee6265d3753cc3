"""What happened when in a run: the lines on its charts."""

from collections.abc import Iterable
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.report.status import PlannedScenario, RunStatus, ScenarioState

MOMENTS_MAXIMUM: Final = 200

START: Final = "start"
STAGE: Final = "stage"
END: Final = "end"
BREACH: Final = "breach"
MARK: Final = "mark"


@dataclass(frozen=True, slots=True)
class Moment:
    """
    Something that happened in a run.

    Attributes:
        at_s: When, from the beginning of the run.
        kind: ``start``, ``stage``, ``end``, ``breach`` (of a threshold) or ``mark`` (a line
            of the log).
        text: What.

    """

    at_s: float
    kind: str
    text: str


class Moments:
    """Notes what happens, in bounded space."""

    def __init__(self, scenarios: Iterable[PlannedScenario] = ()) -> None:
        """Take what is planned."""
        self._stages = {each.name: list(each.stages) for each in scenarios}
        self._states: dict[str, ScenarioState] = {}
        self._is_paused = False
        self._all: list[Moment] = []

    @property
    def all(self) -> tuple[Moment, ...]:
        """All moments, in order."""
        return tuple(sorted(self._all, key=lambda one: one.at_s))

    def note(self, at_s: float, kind: str, text: str) -> None:
        """Note a moment."""
        if len(self._all) < MOMENTS_MAXIMUM:
            self._all.append(Moment(max(0.0, at_s), kind, text))

    def see(self, status: RunStatus) -> None:
        """Note what has changed since the last status."""
        at_s = status.elapsed_s
        if status.is_paused != self._is_paused:
            self._is_paused = status.is_paused
            self.note(at_s, STAGE, "paused" if status.is_paused else "resumed")
        for scenario in status.scenarios:
            before = self._states.get(scenario.name, ScenarioState.WAITING)
            self._states[scenario.name] = scenario.state
            if scenario.state is ScenarioState.WAITING:
                continue
            if before is ScenarioState.WAITING:
                self.note(at_s - scenario.elapsed_s, START, f"{scenario.name} starts")
            stages = self._stages.get(scenario.name, [])
            while stages and stages[0].begin_s <= scenario.elapsed_s:
                stage = stages.pop(0)
                ago_s = scenario.elapsed_s - stage.begin_s
                self.note(at_s - ago_s, STAGE, f"{scenario.name} {stage.text}")
            is_over = (ScenarioState.DONE, ScenarioState.INTERRUPTED)
            if scenario.state in is_over and before not in is_over:
                self.note(at_s, END, f"{scenario.name} ends")
