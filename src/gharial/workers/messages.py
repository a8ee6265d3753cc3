"""
The messages between a coordinator and its workers; all of them can be pickled.

A worker is given its `Job`, makes its virtual users and says `Ready`. It is told to
`Begin`, reports `Progress` several times a second, and says `Finished` when all that it
measured is on its way.
"""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, Protocol

from gharial.executors.segment import Segment
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.load import LoadStatus
from gharial.log_lines import Log
from gharial.metrics.exceptions import ThrownGroup
from gharial.metrics.failures import FailedGroup
from gharial.metrics.samples import NO_SAMPLES, Samples
from gharial.metrics.snapshot import Snapshot
from gharial.options.model import Options
from gharial.scripting.origin import Origin
from gharial.virtual_user.context import Secrets
from gharial.virtual_user.virtual_user import ScriptHost


class ReadableHost(ScriptHost, Protocol):
    """
    A script host whose top level is yet to be run.

    Attributes:
        environment: ``__ENV``: what it was made with, and what came in an archive.
        unpacked_in: The folder that its files were unpacked in, with a slash at the end;
            empty if they were not.

    """

    environment: Mapping[str, str]
    unpacked_in: str

    def known(self) -> Origin:
        """Return what other processes need not find out again."""
        ...

    def read(self, log: Log, *, memory_limit_bytes: int | None = None) -> None:
        """
        Run the top level once, where no event loop is running.

        Args:
            log: Where its console and warnings go.
            memory_limit_bytes: What it may take meanwhile; None for the usual.

        """
        ...


MakeHost = Callable[[str, Mapping[str, str]], ReadableHost]
"""Returns the host of a script's path and environment; importable by its name."""


@dataclass(frozen=True, slots=True)
class Job:
    """
    What one worker has to do.

    Attributes:
        script: The script's path.
        environment: ``__ENV``.
        options: The options of the run.
        segment: Which share of the load.
        secrets: Secret values by source and name.
        make_host: Returns the script's host; a function that can be imported by name.
        keeps_samples: Whether each single value is wanted.
        epoch_offset_s: What ties the worker's monotonic clock to the coordinator's time of
            day; None to go by its own.
        logs_debug: Whether what libraries log for debugging is wanted, too.

    """

    script: str
    environment: Mapping[str, str]
    options: Options
    segment: Segment
    make_host: MakeHost
    secrets: Secrets = field(default_factory=dict)
    keeps_samples: bool = False
    epoch_offset_s: float | None = None
    logs_debug: bool = False


# -- To a worker -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begin:
    """
    Run the scenarios.

    Attributes:
        setup_data: The arguments of every iteration.
        at_epoch_s: When, in seconds since the Unix epoch, the same for all workers.

    """

    setup_data: tuple[Any, ...]
    at_epoch_s: float


@dataclass(frozen=True, slots=True)
class Stop:
    """End in order, and soon."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Let no iteration begin."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Have another number of virtual users, counted over all workers."""

    vus: int


ToWorker = Begin | Stop | Pause | Resume | Scale

# -- From a worker ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """All virtual users are there."""

    status: LoadStatus


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What a worker measured since its last report.

    Attributes:
        snapshot: The measurements.
        until_epoch_s: Until when, in seconds since the Unix epoch; None for now.
        samples: Single values, if they are wanted.
        exceptions: What ended iterations.
        matched_sockets: Patterns of the option ``sockets`` that have matched one.
        failures: What failed.

    """

    snapshot: Snapshot
    until_epoch_s: float | None = None
    samples: Samples = NO_SAMPLES
    exceptions: tuple[ThrownGroup, ...] = ()
    matched_sockets: frozenset[str] = frozenset()
    failures: tuple[FailedGroup, ...] = ()

    def without_samples(self) -> "Measured":
        """Return the same with its samples counted as dropped."""
        return replace(self, samples=self.samples.left_out())


@dataclass(frozen=True, slots=True)
class Progress:
    """
    Where the worker stands.

    Attributes:
        status: Its load.
        measured: What was measured since the last one; None if it is not sent this time.

    """

    status: LoadStatus
    measured: Measured | None


@dataclass(frozen=True, slots=True)
class Finished:
    """The scenarios have ended; nothing more will come."""

    status: LoadStatus
    measured: Measured


@dataclass(frozen=True, slots=True)
class Failed:
    """
    The worker cannot do its job.

    Attributes:
        error: Why: an error of ours, or one that was made of another.

    """

    error: Exception


@dataclass(frozen=True, slots=True)
class Logged:
    """Something to log."""

    level: int
    text: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Aborted:
    """The script asked for the end of the whole test."""

    message: str


@dataclass(frozen=True, slots=True)
class MarkedFailed:
    """The script asked for the test to end as failed."""

    message: str


@dataclass(frozen=True, slots=True)
class Alive:
    """Nothing new, but the worker is there."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """
    The worker stops its load, because its coordinator is silent.

    Attributes:
        silence_s: For how long.

    """

    silence_s: float


FromWorker = (
    Ready
    | Progress
    | Finished
    | Failed
    | Logged
    | Aborted
    | MarkedFailed
    | Alive
    | Abandoned
)
