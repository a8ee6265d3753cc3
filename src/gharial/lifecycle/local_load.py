"""The load that runs in this process."""

import asyncio
import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from gharial.executors.base import Executor
from gharial.executors.plan import most_vus
from gharial.executors.pool import VuPool
from gharial.executors.run_time import RunTime
from gharial.executors.segment import WHOLE, Segment
from gharial.lifecycle.control import Control
from gharial.lifecycle.load import Load, LoadRequest, LoadStatus
from gharial.lifecycle.scheduler import Scheduler
from gharial.lifecycle.self_watch import SelfWatch
from gharial.metrics.sinks import FEW, load_for_many
from gharial.metrics.tags import EMPTY, TagSet
from gharial.report.status import WorkerStatus
from gharial.virtual_user.context import VuServices
from gharial.virtual_user.virtual_user import SET_UP, TEAR_DOWN, ScriptHost, VirtualUser


class LocalLoad:
    """The load of this process; make it on the running event loop and run it once."""

    def __init__(
        self,
        host: ScriptHost,
        services: VuServices,
        executors: Sequence[Executor],
        control: Control,
        *,
        tags: TagSet = EMPTY,
        segment: Segment = WHOLE,
    ) -> None:
        self._services = services
        # One without virtual users in this share has nothing to do.
        self._executors = [each for each in executors if each.vus_max > 0]
        self._control = control
        self._number = segment.index + 1
        self._is_paused = False
        self._time: RunTime | None = None
        self._ran_s: float | None = None
        self._watch = SelfWatch(
            services.event_loop,
            services.clock.now_s,
            services.measurements.registry,
            tags=tags,
            worker=self._number,
        )
        self._watch.on_stall = partial(services.warn_once, "stall")
        self._keeps = not host.exports.isdisjoint({SET_UP, TEAR_DOWN})
        services.run.index_here = lambda vu_id: segment.share(vu_id - 1)
        self._pool = VuPool(
            lambda made: VirtualUser(segment.nth(made) + 1, host, services),
            services.run,
        )
        self._scheduler = Scheduler(
            self._executors,
            services,
            control,
            tags=tags,
            on_scenario_ended=self._pool.scenario_ended,
        )

    async def prepare(self) -> None:
        """
        Make all virtual users that the plan asks for, unless the run is stopped.

        Raises:
            ScriptError: If the script's top level threw in one of them.

        """
        if not _measures_little(self._executors):
            load_for_many()
        needed = most_vus((e.plan.start_s, e.planned_vus()) for e in self._executors)
        starting = asyncio.ensure_future(self._pool.initialize(needed))
        stopped = asyncio.ensure_future(self._control.stopped.wait())
        try:
            await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                return
            self._pool.interrupt()
            limit_s = self._services.settings.wind_down_s
            await asyncio.wait({starting}, timeout=limit_s)
        finally:
            starting.cancel()
            stopped.cancel()
            await asyncio.gather(starting, stopped, return_exceptions=True)

    async def run(
        self, setup_data: tuple[Any, ...], *, started_at_s: float | None = None
    ) -> None:
        """
        Run all scenarios, to their end or until the run is stopped, in bounded time.

        Args:
            setup_data: The arguments of every iteration.
            started_at_s: When the scenarios begin, on the monotonic clock; None for now.

        """
        run, clock = self._services.run, self._services.clock
        run.setup_data = setup_data
        began_at_s = clock.now_s() if started_at_s is None else started_at_s
        run.started_at_s = run.started_at_s or began_at_s
        time = self._time = RunTime(clock, began_at_s)
        if self._is_paused:
            time.pause()
        if self._keeps:
            self._pool.retire(
                time,
                {
                    executor.plan.name: (executor.plan.start_s, executor.wanted_vus())
                    for executor in self._executors
                },
            )
        self._watch.start()
        try:
            await self._scheduler.run(self._pool, time)
        finally:
            self._ran_s = max(0.0, time.elapsed_s)
            self._watch.stop()
            run.is_stopping = False
            await self._pool.retire_all()

    def status(self) -> LoadStatus:
        """Return where it stands now."""
        run, measurements = self._services.run, self._services.measurements
        return LoadStatus(
            vus=run.vus_active,
            vus_max=run.vus_initialized,
            iterations_completed=run.iterations_completed,
            iterations_failed=run.iterations_failed,
            iterations_interrupted=run.iterations_interrupted,
            open_sockets=measurements.open_sockets,
            errors=measurements.errors,
            scenarios=self._scheduler.statuses(),
            overloads=self._watch.overloads,
            crew=(
                WorkerStatus(
                    self._number,
                    run.vus_active,
                    run.vus_initialized,
                    measurements.open_sockets,
                ),
            ),
            ran_s=self._elapsed_s(),
        )

    def _elapsed_s(self) -> float:
        if self._ran_s is not None:
            return self._ran_s
        return max(0.0, self._time.elapsed_s) if self._time is not None else 0.0

    def pause(self) -> None:
        """Let no iteration begin, and the time of the scenarios stand still."""
        self._is_paused = True
        if self._time is not None:
            self._time.pause()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._is_paused = False
        if self._time is not None:
            self._time.resume()

    def scale(self, vus: int) -> None:
        """Ask for another number of virtual users in scenarios that can be scaled."""
        self._scheduler.scale(vus)

    def abandon(self) -> None:
        """Do nothing: what belongs to this process ends with it."""

    def close(self) -> None:
        """Free all virtual users."""
        self._pool.close()

    async def left(self) -> None:
        """Return at once: no other process had a part in it."""


def local_load(request: LoadRequest) -> Load:
    """Return a load that runs in this process."""
    return LocalLoad(
        request.host,
        request.services,
        request.executors,
        request.control,
        tags=TagSet.of(request.options.tags),
    )


def _measures_little(executors: Sequence[Executor]) -> bool:
    """Return whether iterations are so few that a series has few values."""
    counts = [each.iterations_total for each in executors]
    return sum(math.inf if each is None else each for each in counts) <= FEW
