"""Where a run stands at one moment, for the views that show it while it goes on."""

from enum import StrEnum

from gharial.lazy_dataclass import dataclass


class Phase(StrEnum):
    """What a run is doing."""

    INITIALISING = "init"
    SETUP = "setup"
    RUNNING = "running"
    STOPPING = "stopping"
    TEARDOWN = "teardown"
    DONE = "done"


class ScenarioState(StrEnum):
    """What a scenario is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """
    A part of a scenario.

    Attributes:
        begin_s: When it begins, from the beginning of the scenario.
        text: What it does: ``stage 2: to 50``.

    """

    begin_s: float
    text: str


@dataclass(frozen=True, slots=True)
class PlannedScenario:
    """
    A scenario before it runs.

    Attributes:
        name: Its name.
        executor: Its executor.
        description: One line: ``10 looping VUs for 30s (gracefulStop: 30s)``.
        vus_max: The most virtual users that it can use at once.
        longest_s: The longest that it can take, from the start of the run, graceful
            stop included.
        stages: Its stages, in their order; empty if it has none.

    """

    name: str
    executor: str
    description: str
    vus_max: int
    longest_s: float
    stages: tuple[PlannedStage, ...] = ()


@dataclass(frozen=True, slots=True)
class RunPlan:
    """
    A run before it begins.

    Attributes:
        script: The script's path as the user gave it.
        engine: What runs the script, for people: ``JavaScript on QuickJS``.
        scenarios: In the order of their starts.
        vus_max: The virtual users that are made.
        longest_s: The longest that all scenarios can take, graceful stop included.
        cluster: The address of the cluster that makes the load; empty for this machine.

    """

    script: str
    engine: str
    scenarios: tuple[PlannedScenario, ...]
    vus_max: int
    longest_s: float
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioStatus:
    """
    A scenario at one moment.

    Attributes:
        name: Its name.
        state: What it is doing.
        progress: How much is done, 0 to 1.
        vus: Virtual users that work for it now.
        vus_max: The most that it can use.
        elapsed_s: Time since it began.
        duration_s: Time that it is to take; for iterations, the longest it may.
        iterations: Iterations that ended, interrupted ones left out.
        iterations_total: Iterations that are to be done; None if time decides.

    """

    name: str
    state: ScenarioState
    progress: float
    vus: int
    vus_max: int
    elapsed_s: float
    duration_s: float
    iterations: int
    iterations_total: int | None


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """
    One process that makes load, at one moment.

    Attributes:
        number: From 1.
        vus: Virtual users that work now.
        vus_max: Virtual users that it has.
        open_sockets: Its sockets that are open.
        is_lost: Whether it died.
        where: The process or the machine, for people; empty for this one.

    """

    number: int
    vus: int = 0
    vus_max: int = 0
    open_sockets: int = 0
    is_lost: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """
    A run at one moment.

    Attributes:
        phase: What it is doing.
        elapsed_s: Time since the scenarios began (before that: since initialisation).
        vus: Virtual users that work now.
        vus_max: Virtual users that exist.
        iterations_completed: Whole iterations so far.
        iterations_interrupted: Iterations that were cut off so far.
        iterations_failed: Whole iterations that threw.
        open_sockets: Sockets that are open.
        messages_sent: Data messages so far.
        messages_received: Data messages so far.
        errors: Failures of sockets so far.
        scenarios: One for each scenario.
        is_paused: Whether no iteration may begin now.
        workers: One for each process that makes load.
        load_s: For how long load has run, which rates are over.
        thresholds: How many thresholds there are.
        crossed: Those that were crossed when they were judged last.
        connecting_p95_ms: Of attempts to connect in the last second that had some.
        request_p95_ms: Of requests over sockets likewise.
        checks_passed: Checks that held so far.
        checks_made: Checks made so far.

    """

    phase: Phase
    elapsed_s: float
    vus: int
    vus_max: int
    iterations_completed: int
    iterations_interrupted: int
    open_sockets: int
    messages_sent: int
    messages_received: int
    errors: int
    scenarios: tuple[ScenarioStatus, ...]
    is_paused: bool = False
    workers: tuple[WorkerStatus, ...] = ()
    load_s: float = 0.0
    iterations_failed: int = 0
    thresholds: int = 0
    crossed: tuple[str, ...] = ()
    connecting_p95_ms: float | None = None
    request_p95_ms: float | None = None
    checks_passed: int = 0
    checks_made: int = 0
