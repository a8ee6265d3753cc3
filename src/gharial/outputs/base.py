"""The interface of an output, and the facts about a run that it gets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from gharial.errors import ConfigurationError
from gharial.lazy_dataclass import dataclass
from gharial.metrics.batch import Batch
from gharial.metrics.metric import Metric
from gharial.metrics.thresholds.evaluate import Threshold
from gharial.report.run_report import RunReport


class OutputError(ConfigurationError):
    """
    An output cannot start, or cannot go on.

    Attributes:
        reason: What is wrong, and what would be right.

    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RunFacts:
    """
    What is known of a run before it begins.

    Attributes:
        run_id: Unique, and sorted by time.
        script: The script's path as the user gave it.
        began_at_epoch_s: When, in seconds since the Unix epoch.
        version: Gharial's.
        options: The consolidated options, by their names.
        metrics: The metrics that there are; scripts may add none while they run.
        thresholds: What is asked of them.
        tags: What all values carry.

    """

    run_id: str
    script: str
    began_at_epoch_s: float
    version: str
    options: Mapping[str, Any] = field(default_factory=dict)
    metrics: Sequence[Metric] = ()
    thresholds: Sequence[Threshold] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """
    What came of a run.

    Attributes:
        report: What was measured.
        exit_code: The exit code of the process.
        problems: Why that is not 0.
        ended_at_epoch_s: When, in seconds since the Unix epoch.

    """

    report: RunReport
    exit_code: int
    problems: tuple[str, ...]
    ended_at_epoch_s: float


class Output(Protocol):
    """
    Passes measurements on.

    Its methods are called one after the other in a thread of its own, so they may wait,
    though never without a limit. What they raise is reported; the run goes on.

    Attributes:
        wants_samples: Whether batches are to hold each single value, which costs the run
            more than sums do.

    One that writes lines to the standard output also has ``writes_to_stdout``, which is
    true then: the summary is printed once it has stopped.

    """

    wants_samples: bool

    def start(self, run: RunFacts) -> None:
        """
        Get ready, before there is any load.

        Raises:
            OutputError: If that cannot be done; the run does not begin then.

        """
        ...

    def write(self, batch: Batch) -> None:
        """Pass on what was measured in about a second; the batch is shared, so read it."""
        ...

    def stop(self, end: RunEnd) -> None:
        """Pass on what is left, and let go of everything."""
        ...


def writes_to_stdout(output: Output) -> bool:
    """Return whether an output writes to the standard output."""
    return bool(getattr(output, "writes_to_stdout", False))


MakeOutput = Callable[[str, Mapping[str, str]], Output]
"""
Returns an output, given what follows its name on the command line (``FILE`` of
``--out json=FILE``; empty if nothing does) and the environment's variables.

Packages add outputs as entry points of the group ``gharial.outputs``.
"""
