"""Runs all scenarios, each from its start on, and ends them in bounded time."""

import asyncio
from collections.abc import Callable, Sequence

from gharial.executors.base import Executor, ScenarioRun, Users
from gharial.executors.run_time import RunTime
from gharial.lifecycle.control import Control
from gharial.metrics.tags import EMPTY, TagSet
from gharial.report.status import ScenarioState, ScenarioStatus
from gharial.virtual_user.context import ScenarioContext, VuServices

# After sockets were aborted nothing is left to wait for but tasks that end.
ABORT_WAIT_S = 1.0


class Scheduler:
    """Runs the scenarios of one run."""

    def __init__(
        self,
        executors: Sequence[Executor],
        services: VuServices,
        control: Control,
        *,
        tags: TagSet = EMPTY,
        on_scenario_ended: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._executors = sorted(executors, key=lambda e: (e.plan.start_s, e.plan.name))
        self._services = services
        self._control = control
        self._tags = tags
        self._on_scenario_ended = on_scenario_ended
        self._scaled_to: int | None = None
        self._runs: dict[str, ScenarioRun] = {}
        # How each scenario that ended did so, and how long it took.
        self._done: dict[str, tuple[ScenarioState, float]] = {}

    async def run(self, users: Users, time: RunTime) -> None:
        """Run all scenarios to their end, or until the run is stopped."""
        stopped: asyncio.Future[object] = asyncio.ensure_future(
            self._control.stopped.wait()
        )
        tasks = [
            asyncio.ensure_future(self._run(executor, users, time))
            for executor in self._executors
        ]
        everything: asyncio.Future[object] = asyncio.ensure_future(
            asyncio.gather(*tasks)
        )
        try:
            await asyncio.wait(
                {everything, stopped}, return_when=asyncio.FIRST_COMPLETED
            )
            if not everything.done():
                await self._end(tasks)
                await asyncio.gather(*tasks, return_exceptions=True)
            if not everything.cancelled() and not self._control.stopped.is_set():
                everything.result()
        finally:
            stopped.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(everything, stopped, return_exceptions=True)

    def statuses(self) -> tuple[ScenarioStatus, ...]:
        """Return what each scenario looks like now."""
        return tuple(self._status(executor) for executor in self._executors)

    def scale(self, vus: int) -> None:
        """Ask for another number of VUs in the scenarios that can be scaled."""
        self._scaled_to = vus
        for run in self._runs.values():
            run.scale(vus)

    def _status(self, executor: Executor) -> ScenarioStatus:
        name = executor.plan.name
        run = self._runs.get(name)
        state, elapsed_s = ScenarioState.WAITING, 0.0
        if name in self._done:
            state, elapsed_s = self._done[name]
        elif run is not None:
            state = ScenarioState.STOPPING if run.has_ended else ScenarioState.RUNNING
            elapsed_s = run.elapsed_s
        return ScenarioStatus(
            name=name,
            state=state,
            progress=run.context.progress() if run else 0.0,
            vus=run.vus if run else 0,
            vus_max=executor.vus_max,
            elapsed_s=elapsed_s,
            duration_s=executor.limit_s,
            iterations=run.iterations if run else 0,
            iterations_total=executor.iterations_total,
        )

    async def _run(self, executor: Executor, users: Users, time: RunTime) -> None:
        plan, services = executor.plan, self._services
        await time.wait_until(plan.start_s)
        context = ScenarioContext(
            plan.name,
            executor.kind,
            services.clock.now_s(),
            self._tags.with_(dict(plan.tags)),
            plan.environment,
        )
        run = self._runs[plan.name] = ScenarioRun(
            plan=plan,
            users=users,
            context=context,
            run=services.run,
            registry=services.measurements.registry,
            clock=services.clock,
            time=time,
            log=services.log,
            min_iteration_duration_s=services.settings.min_iteration_duration_s,
        )
        context.progress = lambda: executor.progress(run)
        context.number = executor.iteration_number
        if self._scaled_to is not None:
            run.vus_scaled = self._scaled_to
        await executor.run(run)
        is_stopped = self._control.stopped.is_set()
        state = ScenarioState.INTERRUPTED if is_stopped else ScenarioState.DONE
        self._done[plan.name] = (state, run.elapsed_s)
        self._on_scenario_ended(plan.name)

    async def _end(self, tasks: Sequence[asyncio.Future[None]]) -> None:
        for executor, task in zip(self._executors, tasks, strict=True):
            if executor.plan.name not in self._runs:
                task.cancel()
        for run in self._runs.values():
            run.interrupt()
        limit_s = self._services.settings.wind_down_s + ABORT_WAIT_S
        _, pending = await asyncio.wait(tasks, timeout=limit_s)
        if pending:
            for run in self._runs.values():
                run.abort()
            _, pending = await asyncio.wait(pending, timeout=ABORT_WAIT_S)
        for task in pending:
            task.cancel()
