import asyncio
from dataclasses import dataclass, field

from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.executors.plan import most_vus
from gharial.executors.pool import VuPool
from gharial.executors.shared_iterations import SharedIterations
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.timing import Clock
from gharial.vu.context import RunContext, ScenarioContext
from gharial.vu.virtual_user import IterationOutcome


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer instead of waiting."""

    now_s = 0.0

    def time(self):
        return self.now_s

    def _run_once(self):
        if not self._ready and self._scheduled:
            self.now_s = max(self.now_s, self._scheduled[0]._when)
        super()._run_once()


@dataclass(eq=False)
class FakeUser:
    id: int
    loop: JumpingLoop
    takes_s: float
    spans: list = field(default_factory=list)
    ending: asyncio.Event | None = None

    async def start(self):
        self.ending = asyncio.Event()

    async def run_iteration(self, scenario, export="default", arguments=()):
        began_at_s = self.loop.time()
        scenario.iterations_started += 1
        self.ending.clear()
        try:
            async with asyncio.timeout(self.takes_s):
                await self.ending.wait()
            outcome = IterationOutcome.INTERRUPTED
        except TimeoutError:
            outcome = IterationOutcome.COMPLETED
        self.spans.append((self.id, began_at_s, self.loop.time(), outcome.value))
        return outcome

    def interrupt(self):
        self.ending.set()

    abort = close = interrupt


def run(executor, takes_s):
    loop = JumpingLoop()
    spans, context, registry = [], RunContext(), Registry()

    async def main():
        pool = VuPool(lambda n: FakeUser(n, loop, takes_s, spans), context)
        await pool.initialize(executor.planned_vus()[0][1])
        scenario = ScenarioRun(
            plan=executor.plan,
            users=pool,
            context=ScenarioContext("default", executor.kind, 0.0),
            run=context,
            registry=registry,
            clock=Clock(loop.time, 0.0),
        )
        await executor.run(scenario)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())
    dropped = sum(s.value for _, s in registry.series_of(builtin.DROPPED_ITERATIONS))
    return spans, dropped, context


def test_each_vu_runs_its_own_iterations():
    spans, dropped, context = run(PerVuIterations(ScenarioPlan(), 2, 2), 3.0)
    assert sorted(spans) == [
        (1, 0.0, 3.0, "completed"),
        (1, 3.0, 6.0, "completed"),
        (2, 0.0, 3.0, "completed"),
        (2, 3.0, 6.0, "completed"),
    ]
    assert (dropped, context.vus_active, context.vus_initialized) == (0, 0, 2)


def test_shared_iterations_are_taken_until_none_is_left():
    spans, dropped, _ = run(SharedIterations(ScenarioPlan(), 2, 3), 1.0)
    assert len(spans) == 3
    assert dropped == 0


def test_iterations_left_at_the_maximum_duration_are_dropped():
    spans, dropped, _ = run(SharedIterations(ScenarioPlan(), 2, 10, 5.0), 2.0)
    assert (len(spans), dropped) == (6, 4)


def test_iterations_left_of_each_vu_are_dropped():
    spans, dropped, _ = run(PerVuIterations(ScenarioPlan(), 2, 10, 5.0), 2.0)
    assert (len(spans), dropped) == (6, 14)


def test_an_iteration_may_end_within_the_graceful_stop():
    spans, _, _ = run(ConstantVus(ScenarioPlan(), 1, 5.0), 3.0)
    assert spans == [(1, 0.0, 3.0, "completed"), (1, 3.0, 6.0, "completed")]


def test_an_iteration_beyond_the_graceful_stop_is_interrupted():
    plan = ScenarioPlan(graceful_stop_s=2.0)
    spans, _, context = run(ConstantVus(plan, 1, 5.0), 60.0)
    assert spans == [(1, 0.0, 7.0, "interrupted")]
    assert context.iterations_interrupted == 1


def test_no_graceful_stop_interrupts_at_once():
    plan = ScenarioPlan(graceful_stop_s=0.0)
    spans, _, _ = run(ConstantVus(plan, 1, 5.0), 60.0)
    assert spans == [(1, 0.0, 5.0, "interrupted")]


def test_scenarios_in_a_row_share_their_vus():
    assert most_vus([(0.0, [(0.0, 5), (10.0, 0)]), (10.0, [(0.0, 3), (9.0, 0)])]) == 5
    assert most_vus([(0.0, [(0.0, 5), (10.0, 0)]), (9.0, [(0.0, 3), (9.0, 0)])]) == 8
