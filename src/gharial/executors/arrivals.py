"""What the two arrival-rate executors share: iterations begin by the clock."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any

from gharial.executors.base import Executor, ScenarioRun, User
from gharial.executors.overriding import override
from gharial.executors.pacing import Pace
from gharial.executors.plan import Steps
from gharial.executors.segment import Deal
from gharial.lazy_dataclass import dataclass
from gharial.options.scenarios import ScenarioOptions
from gharial.options.values import Duration, Natural

# So many starts that are overdue begin in a row before others have their turn.
BATCH = 100
# The last starts may be due just before the end and come about after it; what is later
# still is dropped.
LATE_S = 0.1


class ArrivalRateOptions(ScenarioOptions):
    """
    A number of iterations that begin each time unit, and how many VUs run them.

    Attributes:
        time_unit_s: The period that the rate refers to.
        pre_allocated_vus: VUs that are created before the run.
        max_vus: Maximum of VUs; by default as many as are created before the run.

    """

    time_unit_s: Duration = 1.0
    pre_allocated_vus: Natural
    max_vus: Natural | None = None

    @override
    def check(self) -> None:
        if self.time_unit_s <= 0:
            raise ValueError("timeUnit must be more than 0s")
        if self.vus_max < self.pre_allocated_vus:
            raise ValueError(
                f"maxVUs ({self.max_vus}) must be at least preAllocatedVUs "
                f"({self.pre_allocated_vus})"
            )
        if self.vus_max == 0:
            raise ValueError("preAllocatedVUs or maxVUs must be more than 0")

    @property
    @override
    def vus_max(self) -> int:
        return self.pre_allocated_vus if self.max_vus is None else self.max_vus

    def _rate_facts(self) -> str:
        vus = f"{self.pre_allocated_vus}"
        if self.vus_max > self.pre_allocated_vus:
            vus += f"-{self.vus_max}"
        return self._facts(f"maxVUs: {vus}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRate(Executor):
    """
    Iterations begin when they are due, whatever those before them do.

    One for which no virtual user is free is dropped, and a further virtual user is made,
    one at a time, up to ``max_vus``.

    Attributes:
        pace: When iterations are due, over all workers.
        duration_s: How long.
        pre_allocated_vus: How many virtual users are made before the run.
        max_vus: How many there may be.

    Source:
        k6 v2.2, ``lib/executor/constant_arrival_rate.go`` and
        ``lib/executor/ramping_arrival_rate.go``; v1.1.0 was measured: one iteration a
        second for 3 s takes 3.0 s.

    """

    pace: Pace
    duration_s: float
    pre_allocated_vus: int
    max_vus: int

    @property
    @override
    def limit_s(self) -> float:
        return self.duration_s

    @property
    @override
    def iterations_total(self) -> int:
        """Iterations that are to begin, those that will be dropped among them."""
        return self.deal.among(self.pace.total)

    @property
    @override
    def vus_max(self) -> int:
        return self.segment.share(self.max_vus)

    @property
    def deal(self) -> Deal:
        """How starts are dealt to workers: in proportion to their virtual users."""
        return self.segment.dealt(self.max_vus)

    @override
    def iteration_number(self, own: int) -> int:
        return self.deal.nth(own)

    @override
    def planned_vus(self) -> Steps:
        planned = self.segment.share(self.pre_allocated_vus)
        return ((0.0, planned), (self.duration_s + self.plan.graceful_stop_s, 0))

    @override
    def possible_vus(self) -> Steps:
        end_s = self.duration_s + self.plan.graceful_stop_s
        return ((0.0, self.vus_max), (end_s, 0))

    @override
    async def run(self, run: ScenarioRun) -> None:
        async with asyncio.TaskGroup() as group:
            arrivals = _Arrivals(run, group, vus_max=self.vus_max, told=self.max_vus)
            await arrivals.borrow(self.segment.share(self.pre_allocated_vus))
            await self._begin_all(run, arrivals)
            # The scenario lasts as long as it says, as in k6; those that still run then
            # go on for the graceful stop.
            async with run.timed(self.duration_s):
                await run.wait_until(self.duration_s)
                await arrivals.finish()

    async def _begin_all(self, run: ScenarioRun, arrivals: "_Arrivals") -> None:
        """Begin each iteration when it is due, or count it as dropped."""
        deal, pace, in_a_row = self.deal, self.pace, 0
        for own in range(self.iterations_total):
            due_s = pace.offset_s(deal.nth(own))
            if due_s > run.elapsed_s:
                await run.wait_until(due_s)
                in_a_row = 0
            if not await run.may_begin():
                return
            if run.elapsed_s > self.duration_s + LATE_S:
                run.drop(self.iterations_total - own)
                return
            arrivals.begin()
            in_a_row += 1
            if in_a_row == BATCH:
                in_a_row = 0
                await asyncio.sleep(0)


class _Arrivals:
    """The virtual users of one arrival-rate scenario, and what they run."""

    def __init__(
        self,
        run: ScenarioRun,
        group: asyncio.TaskGroup,
        *,
        vus_max: int,
        told: int,
    ) -> None:
        self._run = run
        self._group = group
        self._vus_max = vus_max
        self._told = told
        # Used in turn, so that each has its share of iterations.
        self._free: deque[User] = deque()
        self._vus = 0
        self._busy: set[asyncio.Task[None]] = set()
        self._growing: asyncio.Task[None] | None = None
        self._has_warned = False

    async def borrow(self, count: int) -> None:
        """Take the virtual users that were made before the run."""
        self._free.extend(await self._run.users.take(count))
        self._vus = count

    def begin(self) -> None:
        """Begin an iteration, or drop it for want of a free virtual user."""
        if self._free:
            self._go(self._iterate(self._free.popleft()))
            return
        self._run.drop(1)
        if self._vus < self._vus_max:
            if self._growing is None:
                self._growing = self._go(self._grow())
        elif not self._has_warned:
            self._has_warned = True
            self._run.warn(
                f"all of its {self._told} virtual users are busy and maxVUs allows no "
                "more, so iterations are dropped; raise maxVUs, or shorten iterations"
            )

    async def finish(self) -> None:
        """Wait for what has begun, and give all virtual users back."""
        while self._busy:
            await asyncio.wait(self._busy)
        while self._free:
            self._run.users.give_back(self._free.popleft())

    def _go(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._group.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return task

    async def _iterate(self, user: User) -> None:
        try:
            await self._run.iterate_counted(user)
        finally:
            self._free.append(user)

    async def _grow(self) -> None:
        """Make one virtual user more."""
        try:
            user = await self._run.users.make_one_more()
        finally:
            self._growing = None
        self._vus += 1
        self._free.append(user)
