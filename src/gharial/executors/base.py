"""The port of an executor, and what it is given to run a scenario with."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.timing import Clock
from gharial.vu.context import RunContext, ScenarioContext
from gharial.vu.virtual_user import IterationOutcome


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
        """Hand out so many virtual users."""
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
        min_iteration_s: float = 0.0,
    ) -> None:
        self.users = users
        self.context = context
        self._min_iteration_s = min_iteration_s
        self._ended = asyncio.Event()
        self.iterations = 0
        self._plan = plan
        self._run = run
        self._registry = registry
        self._clock = clock
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
        """Time since the scenario began."""
        return self._clock.now_s() - self.context.started_at_s

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
            self.iterations += 1
            await self._fill_up(began_at_s + self._min_iteration_s)
        # An iteration that ends at once never waits, so its VU would keep the loop.
        await asyncio.sleep(0)
        return outcome

    async def _fill_up(self, until_s: float) -> None:
        """Wait until an iteration has its least length, or the scenario ends."""
        rest_s = until_s - self._clock.now_s()
        if rest_s > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), rest_s)

    def end(self) -> None:
        """Let no further iteration begin; those that run go on."""
        self._ended.set()

    def interrupt(self) -> None:
        """Let no further iteration begin, and end those that run soon."""
        self._ended.set()
        for user in list(self._running):
            user.interrupt()

    def abort(self) -> None:
        """End the running iterations at once."""
        self._ended.set()
        for user in list(self._running):
            user.abort()

    def drop(self, count: int) -> None:
        """Record iterations that were planned and never began."""
        if count > 0:
            tags = self.context.tags.with_({"scenario": self.context.name})
            self._registry.series(builtin.DROPPED_ITERATIONS, tags).add(count)


class Executor(Protocol):
    """A way to hand iterations to virtual users."""

    @property
    def kind(self) -> str:
        """Its name, as users write it."""
        ...

    @property
    def plan(self) -> ScenarioPlan:
        """What all scenarios have."""
        ...

    @property
    def limit_s(self) -> float:
        """No iteration begins so long after the scenario's start."""
        ...

    @property
    def iterations_total(self) -> int | None:
        """Iterations that are to be done; None if time decides."""
        ...

    def planned_vus(self) -> tuple[tuple[float, int], ...]:
        """Return steps of VUs needed: ascending pairs of offset in seconds and count."""
        ...

    def progress(self, run: ScenarioRun) -> float:
        """Return how much is done, 0 to 1."""
        ...

    async def run(self, run: ScenarioRun) -> None:
        """Run the scenario to its end; begin no iteration once ``run.has_ended``."""
        ...
