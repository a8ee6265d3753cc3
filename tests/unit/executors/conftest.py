"""A scenario that is run under virtual time, with virtual users that only take time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from virtual_time import VirtualLoop

from gharial.executors.base import ScenarioRun
from gharial.executors.pool import VuPool
from gharial.executors.run_time import RunTime
from gharial.executors.segment import WHOLE
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.virtual_user.context import RunContext, ScenarioContext
from gharial.virtual_user.iteration import IterationOutcome


@dataclass(eq=False)
class TimedUser:
    """A user whose iterations take some time and do nothing."""

    id: int
    record: "Ran"
    takes_s: Callable[[int], float]
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self):
        if self.record.start_takes_s:
            await asyncio.sleep(self.record.start_takes_s)

    async def run_iteration(self, scenario, export="default", arguments=()):
        began_at_s = self.record.now_s
        number = scenario.number(scenario.iterations_started)
        scenario.iterations_started += 1
        self.ending.clear()
        try:
            async with asyncio.timeout(self.takes_s(number)):
                await self.ending.wait()
            outcome = IterationOutcome.INTERRUPTED
        except TimeoutError:
            outcome = IterationOutcome.COMPLETED
        self.record.spans.append(
            (
                self.id,
                round(began_at_s, 6),
                round(self.record.now_s, 6),
                outcome.value,
            )
        )
        self.record.numbers.append(number)
        return outcome

    async def tear_down(self, arguments):
        self.record.torn_down.append((self.id, round(self.record.now_s, 6)))

    def interrupt(self):
        self.ending.set()

    def abort(self):
        self.ending.set()

    def close(self):
        self.ending.set()


@dataclass
class Ran:
    """What came of a scenario: spans are (VU, from, to, outcome)."""

    loop: VirtualLoop
    start_takes_s: float = 0.0
    origin_s: float = 0.0
    spans: list = field(default_factory=list)
    numbers: list = field(default_factory=list)
    torn_down: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    dropped: float = 0
    ended_at_s: float = 0.0
    context: RunContext = field(default_factory=RunContext)

    @property
    def now_s(self):
        """Virtual time since the scenario began."""
        return self.loop.time() - self.origin_s

    @property
    def starts(self):
        """When iterations began, in order."""
        return sorted(span[1] for span in self.spans)


def run_executor(
    executor,
    takes_s=1.0,
    *,
    during=None,
    retires=False,
    start_takes_s=0.0,
    segment=WHOLE,
) -> Ran:
    """Run an executor; ``during`` is a coroutine function that may steer it."""
    lasting = takes_s if callable(takes_s) else lambda number: takes_s
    loop = VirtualLoop()
    ran = Ran(loop, start_takes_s)
    registry = Registry()

    async def main():
        pool = VuPool(
            lambda made: TimedUser(segment.nth(made) + 1, ran, lasting), ran.context
        )
        await pool.initialize(max(count for _, count in executor.planned_vus()))
        time = RunTime(loop.clock(), loop.time())
        origin_s = ran.origin_s = loop.time()
        if retires:
            pool.retire(time, {executor.plan.name: (0.0, executor.wanted_vus())})
        scenario = ScenarioRun(
            plan=executor.plan,
            users=pool,
            context=ScenarioContext(
                "default", executor.kind, origin_s, number=executor.iteration_number
            ),
            run=ran.context,
            registry=registry,
            clock=loop.clock(),
            time=time,
            log=lambda level, text, fields: ran.warnings.append(text),
        )
        helper = None
        if during is not None:
            steering = SimpleNamespace(run=scenario, time=time, pool=pool)
            helper = asyncio.ensure_future(during(steering))
        await executor.run(scenario)
        ran.ended_at_s = round(loop.time() - origin_s, 6)
        if helper is not None:
            helper.cancel()
        await pool.retire_all()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())
    ran.dropped = sum(
        sink.value  # type: ignore[misc]
        for _, sink in registry.series_of(builtin.DROPPED_ITERATIONS)
    )
    return ran


@pytest.fixture
def run():
    """Return what runs an executor under virtual time."""
    return run_executor
