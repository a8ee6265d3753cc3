"""The base of all executors, and what they are given to run a scenario with."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import field
from typing import Any, ClassVar, Protocol

from gharial.executors.plan import Steps
from gharial.executors.run_time import RunTime
from gharial.executors.segment import WHOLE, Segment
from gharial.lazy_dataclass import dataclass
from gharial.log_lines import Log
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.options.scenarios import ScenarioOptions
from gharial.timing import Clock
from gharial.virtual_user.context import RunContext, ScenarioContext
from gharial.virtual_user.iteration import IterationOutcome


class User(Protocol):
    """What an executor needs of a virtual user."""

    id: int

    async def start(self) -> None:
        """Run the script's top level."""
        ...

    async def run_iteration(
        self,
        scenario: ScenarioContext,
        export: str = "default",
        arguments: tuple[Any, ...] = (),
    ) -> IterationOutcome:
        """Run one iteration to its end."""
        ...

    async def tear_down(self, arguments: tuple[Any, ...]) -> None:
        """End what it has beyond its iterations."""
        ...

    def interrupt(self) -> None:
        """End the present iteration soon."""
        ...

    def abort(self) -> None:
        """End the present iteration at once."""
        ...

    def close(self) -> None:
        """Free all that belongs to it."""
        ...


class Users(Protocol):
    """Where an executor borrows virtual users."""

    async def take(self, count: int) -> list[User]:
        """Hand out ``count`` virtual users."""
        ...

    async def make_one_more(self) -> User:
        """Make one beyond those that were planned, and hand it out."""
        ...

    def give_back(self, user: User) -> None:
        """Take a virtual user back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioPlan:
    """
    What all scenarios have, whatever their executor.

    Attributes:
        name: The scenario's name.
        export: The exported function to call.
        start_s: When it begins, from the start of the scenarios.
        graceful_stop_s: How long a running iteration may go on after the end.
        environment: Its own ``env``.
        tags: Its own tags.

    """

    name: str = "default"
    export: str = "default"
    start_s: float = 0.0
    graceful_stop_s: float = 30.0
    environment: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class ScenarioRun:
    """
    One scenario while it runs.

    Attributes:
        users: Where virtual users come from.
        context: The scenario as its virtual users see it.
        iterations: Whole iterations so far.
        vus_scaled: How many virtual users were asked for from outside; None if not at all.
        scaled: Set when that number changed.

    """

    def __init__(  # noqa: PLR0913 - each is one part that a scenario is made of
        self,
        *,
        plan: ScenarioPlan,
        users: Users,
        context: ScenarioContext,
        run: RunContext,
        registry: Registry,
        clock: Clock,
        time: RunTime,
        log: Log = lambda level, text, fields: None,
        min_iteration_duration_s: float = 0.0,
    ) -> None:
        self.users = users
        self.context = context
        self._min_iteration_duration_s = min_iteration_duration_s
        self._ended = asyncio.Event()
        self.iterations = 0
        self.vus_scaled: int | None = None
        self.scaled = asyncio.Event()
        self._plan = plan
        self._run = run
        self._registry = registry
        self._clock = clock
        self._time = time
        self._log = log
        self._running: dict[User, None] = {}

    @property
    def has_ended(self) -> bool:
        """Whether no further iteration may begin."""
        return self._ended.is_set()

    @property
    def vus(self) -> int:
        """How many virtual users run an iteration now."""
        return len(self._running)

    @property
    def elapsed_s(self) -> float:
        """Time since the scenario began, pauses left out."""
        return self._time.elapsed_s - self._plan.start_s

    # -- Virtual users ---------------------------------------------------------------

    async def take(self, count: int) -> list[User]:
        """Borrow virtual users that work for this scenario until they are given back."""
        users = await self.users.take(count)
        self._run.vus_active += count
        return users

    def give_back(self, user: User) -> None:
        """Return one that was taken."""
        self._run.vus_active -= 1
        self.users.give_back(user)

    # -- Time ------------------------------------------------------------------------

    async def wait_until(self, offset_s: float) -> None:
        """
        Return once the scenario has run for ``offset_s``, or has ended.

        Its time stands still while the run is paused.
        """
        await self._time.wait_until(
            self._plan.start_s + offset_s, or_once=self._ended.is_set
        )

    async def may_begin(self) -> bool:
        """Return whether an iteration may begin, as soon as the run is not paused."""
        if self._time.is_paused:
            await self._time.running(or_once=self._ended.is_set)
        return not self._ended.is_set()

    async def ended(self) -> None:
        """Return once no further iteration may begin."""
        await self._ended.wait()

    @asynccontextmanager
    async def timed(self, limit_s: float) -> AsyncIterator[None]:
        """
        End the scenario after ``limit_s``, and interrupt it after the graceful stop.

        The block has to return once everything has ended.
        """
        clockwork = asyncio.ensure_future(self._keep_time(limit_s))
        try:
            yield
        finally:
            clockwork.cancel()
            await asyncio.gather(clockwork, return_exceptions=True)

    async def _keep_time(self, limit_s: float) -> None:
        end_s = self._plan.start_s + limit_s
        await self._time.wait_until(end_s)
        self.end()
        await self._time.wait_until(end_s + self._plan.graceful_stop_s)
        self.interrupt()

    # -- Iterations ------------------------------------------------------------------

    async def iterate(self, user: User) -> IterationOutcome:
        """Run one iteration and count it."""
        began_at_s = self._clock.now_s()
        self._running[user] = None
        try:
            outcome = await user.run_iteration(
                self.context, self._plan.export, self._run.setup_data
            )
        finally:
            self._running.pop(user, None)
        if outcome is IterationOutcome.INTERRUPTED:
            self._run.iterations_interrupted += 1
        else:
            self._run.iterations_completed += 1
            self._run.iterations_failed += outcome is IterationOutcome.FAILED
            self.iterations += 1
            await self._fill_up(began_at_s + self._min_iteration_duration_s)
        # An iteration that ends at once never waits, so its VU would keep the loop.
        await asyncio.sleep(0)
        return outcome

    async def iterate_counted(self, user: User) -> None:
        """Run one iteration, during which alone the user counts as active."""
        self._run.vus_active += 1
        try:
            await self.iterate(user)
        finally:
            self._run.vus_active -= 1

    async def _fill_up(self, until_s: float) -> None:
        """Wait until an iteration has its least length, or the scenario ends."""
        rest_s = until_s - self._clock.now_s()
        if rest_s > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), rest_s)

    def end(self) -> None:
        """Let no further iteration begin; those that run go on."""
        self._ended.set()
        self._time.wake()

    def interrupt(self) -> None:
        """Let no further iteration begin, and end those that run soon."""
        self.end()
        for user in list(self._running):
            user.interrupt()

    def abort(self) -> None:
        """End the running iterations at once."""
        self.end()
        for user in list(self._running):
            user.abort()

    def drop(self, count: int) -> None:
        """Record iterations that were planned and never began."""
        if count > 0:
            tags = self.context.tags.with_({"scenario": self.context.name})
            self._registry.series(builtin.DROPPED_ITERATIONS, tags).add(count)

    def warn(self, text: str) -> None:
        """Warn of something that is wrong with the whole scenario."""
        self._log(
            logging.WARNING,
            f"scenario {self.context.name}: {text}",
            {"source": "executor", "scenario": self.context.name},
        )

    def scale(self, vus: int) -> None:
        """Ask for another number of virtual users; what can be scaled follows."""
        self.vus_scaled = vus
        self.scaled.set()


@dataclass(frozen=True, slots=True)
class Executor(ABC):
    """
    A way to hand iterations to virtual users: one worker's share of a scenario.

    Attributes:
        kind: Its name, as users write it.
        options: What a scenario says of itself that has this executor.
        plan: What all scenarios have.
        segment: The worker's share.

    """

    kind: ClassVar[str]
    options: ClassVar[type[ScenarioOptions]]

    plan: ScenarioPlan
    segment: Segment = field(default=WHOLE, kw_only=True)

    @classmethod
    @abstractmethod
    def of(cls, plan: ScenarioPlan, options: Any, segment: Segment) -> "Executor":
        """Return what runs a worker's share of a scenario with these options."""

    @property
    @abstractmethod
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start; infinite for no end."""

    @property
    @abstractmethod
    def vus_max(self) -> int:
        """The most VUs that this share can use at once."""

    @abstractmethod
    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end; begin no iteration once ``run.has_ended``."""

    @property
    def iterations_total(self) -> int | None:
        """Iterations that are to be done by this share; None if time decides."""
        return None

    def iteration_number(self, own: int) -> int:
        """Return an iteration's number in the whole run, from its own worker's, from 0."""
        return self.segment.nth(own)

    def planned_vus(self) -> Steps:
        """Return how many VUs are made before the run, and when they are needed."""
        return ((0.0, self.vus_max), (self.limit_s + self.plan.graceful_stop_s, 0))

    def possible_vus(self) -> Steps:
        """Return how many VUs there can be, unplanned ones included, and when."""
        return self.planned_vus()

    def wanted_vus(self) -> Steps:
        """Return how many VUs may begin iterations, and when."""
        return ((0.0, self.vus_max), (self.limit_s, 0))

    def progress(self, run: ScenarioRun) -> float:
        """Return how much is done, 0 to 1: of the time, 0 without an end."""
        limit_s = self.limit_s
        return min(1.0, run.elapsed_s / limit_s) if limit_s else 1.0
