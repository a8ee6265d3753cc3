"""What companions of a run can see and do."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import field

from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.control import Control
from gharial.lifecycle.log_tail import LogTail
from gharial.lifecycle.results import Results
from gharial.lifecycle.run_id import new_run_id
from gharial.log_lines import Log
from gharial.metrics.registry import Registry
from gharial.metrics.thresholds.evaluate import (
    Threshold,
    Verdict,
)
from gharial.options.model import Options
from gharial.report.moments import MARK, Moment, Moments
from gharial.report.run_report import ExceptionSummary, FailureSummary
from gharial.report.status import RunPlan, RunStatus


@dataclass(frozen=True, slots=True)
class RunAccess:
    """
    What companions of a run can see and do.

    Attributes:
        control: What stops and steers it.
        status: Returns where it stands.
        verdicts: Returns its thresholds as they stand; those without values are missing.
        exceptions: Returns what has ended iterations so far.
        results: What was measured so far, and where to ask to be told of more.
        plan: What is going to happen.
        thresholds: All of its thresholds.
        options: Its options.
        log: Where to say something.
        tail: The last lines of its log.
        stop: Ends the run in order, as Ctrl+C does; takes who asks for it, and may be
            called in any thread.
        machines: What is to be told of other machines that make the load, by name.
        no_color: Whether the user wants no colours, for ``handleSummary``.
        moments: What has happened so far.
        failures: Returns what has failed so far.
        run_id: Tells it apart from all others.
        began_at_epoch_s: When, in seconds since the Unix epoch.

    """

    control: Control
    status: Callable[[], RunStatus]
    verdicts: Callable[[], Sequence[Verdict]]
    exceptions: Callable[[], Sequence[ExceptionSummary]]
    results: Results
    plan: RunPlan
    thresholds: Sequence[Threshold]
    options: Options
    log: Log
    tail: LogTail
    stop: Callable[[str], None]
    machines: Mapping[str, str] = field(default_factory=dict)
    moments: Moments = field(default_factory=Moments)
    failures: Callable[[], Sequence[FailureSummary]] = lambda: ()
    run_id: str = field(default_factory=new_run_id)
    began_at_epoch_s: float = field(default_factory=time.time)

    @property
    def registry(self) -> Registry:
        """What was measured so far."""
        return self.results.registry

    def all_moments(self) -> tuple[Moment, ...]:
        """Return what has happened so far, lines of the log included, in order."""
        began_s = self.results.began_at_epoch_s
        marks = [
            Moment(max(0.0, line.at_epoch_s - began_s), MARK, line.text)
            for line in tuple(self.tail.marks)
        ]
        return tuple(sorted((*self.moments.all, *marks), key=lambda one: one.at_s))


Companion = Callable[[RunAccess], AbstractAsyncContextManager[object]]
"""Returns what is to be there from before a run's beginning to after its end."""
