"""The port to what generates a run's load: virtual users in this process or in others."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from gharial.executors.base import Executor
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.control import Control
from gharial.lifecycle.overload import Overload
from gharial.lifecycle.results import Results
from gharial.options.model import Options
from gharial.report.status import ScenarioStatus, WorkerStatus
from gharial.timing import format_duration
from gharial.virtual_user.context import VuServices
from gharial.virtual_user.virtual_user import ScriptHost


@dataclass(frozen=True, slots=True)
class Loss:
    """
    A worker that was lost while the others went on.

    Attributes:
        name: Where it was.
        at_s: When, in seconds since the scenarios began.
        proportion: Its share of the load, 0 to 1.
        vus: Its virtual users.
        reason: How it ended.

    """

    name: str
    at_s: float
    proportion: float
    vus: int
    reason: str

    def __str__(self) -> str:
        return (
            f"from {format_duration(round(max(0.0, self.at_s), 1))} on, "
            f"{self.proportion:.0%} of the load was missing: a worker, {self.name}, "
            f"was lost with its {self.vus:,} virtual users ({self.reason})"
        )


@dataclass(frozen=True, slots=True)
class LoadStatus:
    """
    The status of the load at one moment.

    Attributes:
        vus: Virtual users that work for a scenario.
        vus_max: Virtual users that exist.
        iterations_completed: Whole iterations so far, failed ones among them.
        iterations_failed: Those of them that threw.
        iterations_interrupted: Iterations that were cut off so far.
        open_sockets: Sockets that are open.
        errors: Failures of sockets so far.
        scenarios: One for each scenario.
        workers: How many processes make the load.
        overloads: One for each worker that was past a limit of its own so far, and each
            cause.
        crew: One for each of the processes.
        ran_s: For how long load has run, as far as what it measured has been told:
            setup, teardown, pauses and the coming and going of processes left out.
        losses: Workers that were lost while the others went on.

    """

    vus: int = 0
    vus_max: int = 0
    iterations_completed: int = 0
    iterations_failed: int = 0
    iterations_interrupted: int = 0
    open_sockets: int = 0
    errors: int = 0
    scenarios: tuple[ScenarioStatus, ...] = ()
    workers: int = 1
    overloads: tuple[Overload, ...] = ()
    crew: tuple[WorkerStatus, ...] = ()
    ran_s: float = 0.0
    losses: tuple[Loss, ...] = ()


class Load(Protocol):
    """Runs the scenarios; what they measure is in the run's registry afterwards."""

    async def prepare(self) -> None:
        """
        Make all virtual users that the plan asks for, unless the run is stopped.

        Raises:
            ScriptError: If the script's top level threw in one of them.

        """
        ...

    async def run(self, setup_data: tuple[Any, ...]) -> None:
        """
        Run all scenarios, to their end or until the run is stopped, in bounded time.

        Args:
            setup_data: The arguments of every iteration.

        """
        ...

    def status(self) -> LoadStatus:
        """Return where it stands now."""
        ...

    def pause(self) -> None:
        """Let no iteration begin, and the time of the scenarios stand still."""
        ...

    def resume(self) -> None:
        """Go on after `pause`."""
        ...

    def scale(self, vus: int) -> None:
        """Ask for another number of virtual users in scenarios that can be scaled."""
        ...

    def abandon(self) -> None:
        """Leave no other process behind: this one is about to be left at once."""
        ...

    def close(self) -> None:
        """Free all virtual users."""
        ...

    async def left(self) -> None:
        """Return once nothing of it is left after `close`, in bounded time."""
        ...


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """
    What a load is made of.

    Attributes:
        host: The script, read.
        options: The options.
        executors: The scenarios, as one worker would run them alone.
        services: What the virtual users of this process share.
        control: What stops and steers the run.
        results: Where measurements are collected.
        keeps_samples: Whether each single value is wanted.

    """

    host: ScriptHost
    options: Options
    executors: Sequence[Executor]
    services: VuServices
    control: Control
    results: Results
    keeps_samples: bool = False


MakeLoad = Callable[[LoadRequest], Load]
