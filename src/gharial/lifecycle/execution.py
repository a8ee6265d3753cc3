"""One run from its consolidated options to its result, on its own event loop."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack

from gharial.errors import ExitCode, GharialError
from gharial.executors.base import Executor
from gharial.executors.catalog import executors_of
from gharial.lifecycle.access import Companion, RunAccess
from gharial.lifecycle.control import Control
from gharial.lifecycle.load import LoadRequest, MakeLoad
from gharial.lifecycle.local_load import local_load
from gharial.lifecycle.log_tail import LogTail
from gharial.lifecycle.loop_end import run_to_end
from gharial.lifecycle.plan import plan_of
from gharial.lifecycle.repeated_logs import RepeatedLogs
from gharial.lifecycle.results import LATE_S, Results
from gharial.lifecycle.run import Run
from gharial.lifecycle.run_result import RunResult
from gharial.lifecycle.services import new_registry, vu_services
from gharial.log_lines import Log
from gharial.metrics.builtin import BUILTIN
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import (
    Threshold,
    check_thresholds,
    parse_thresholds,
)
from gharial.options.model import Options
from gharial.process.interruption import Reaction, interruption
from gharial.report.masking import secret_texts
from gharial.report.moments import Moments
from gharial.report.status import RunStatus
from gharial.views.base import RunView
from gharial.virtual_user.context import Secrets
from gharial.virtual_user.virtual_user import ScriptHost


class StoppedBeforeError(GharialError):
    """
    A run was stopped before it began.

    Attributes:
        reason: By whom.

    """

    exit_code = ExitCode.SIGNAL

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def execute(  # noqa: PLR0913 - each is one part that the run is made of
    host: ScriptHost,
    options: Options,
    *,
    environment: Mapping[str, str],
    view: RunView,
    log: Log,
    make_load: MakeLoad = local_load,
    companions: Sequence[Companion] = (),
    secrets: Secrets | None = None,
    keeps_samples: bool = False,
    on_result: Callable[[RunResult], None] = lambda result: None,
    say: Callable[[str], None] = lambda text: None,
    machines: Mapping[str, str] | None = None,
    no_color: bool = False,
    lingers: bool = False,
) -> RunResult:
    """
    Run a loaded script, show the run, and return its result.

    Ctrl+C once ends the run in order, twice leaves the process with code 105.

    Args:
        host: The script.
        options: The consolidated options.
        environment: The script's ``__ENV``.
        view: What shows the run.
        log: Where to say something.
        make_load: Returns the load.
        companions: What accompanies the run.
        secrets: Secret values by source and name.
        keeps_samples: Whether each single value is wanted.
        on_result: Called with what came of the run, before what is beside it is waited
            for: that may take a while, or be cut off.
        say: Says at once what a signal does; called in another thread.
        machines: What is to be told of other machines that make the load, by name.
        no_color: Whether the user wants no colours, for ``handleSummary``.
        lingers: Whether what accompanies the run is to stay after its end, until a signal.

    Raises:
        ConfigurationError: If the thresholds or scenarios cannot be used; nothing was
            started then.
        GharialError: If what is to be there beside the run cannot be.

    """
    registry = new_registry(host.metrics, keeps_samples=keeps_samples)
    for metric in registry.custom_metrics():
        if metric.name in BUILTIN:
            log(
                logging.WARNING,
                f"the script's own metric {metric.name!r} replaces Gharial's metric "
                "of that name, which is not measured in this run",
                {"source": "metrics"},
            )
    thresholds = parse_thresholds(options.thresholds_as_given())
    check_thresholds(thresholds, {metric.name: metric for metric in registry.metrics()})
    executors = executors_of(options)
    run = _Assembly(host, options, registry, view, log, companions, secrets or {})
    run.on_result, run.say = on_result, say
    run.machines, run.no_color, run.lingers = machines or {}, no_color, lingers
    return run_to_end(run.run(executors, thresholds, environment, make_load))


class _Assembly:
    """The parts of one run, put together on the event loop."""

    def __init__(  # noqa: PLR0913 - each is one part that the run is made of
        self,
        host: ScriptHost,
        options: Options,
        registry: Registry,
        view: RunView,
        log: Log,
        companions: Sequence[Companion],
        secrets: Secrets,
    ) -> None:
        self._secrets = secrets
        self.machines: Mapping[str, str] = {}
        self.no_color = False
        self.lingers = False
        self._let_go = asyncio.Event()
        self._companions = companions
        self._host = host
        self._options = options
        self._registry = registry
        self._view = view
        self._tail = LogTail(log, secrets=secret_texts(secrets))
        self._last_status: RunStatus | None = None
        self._is_over = False
        self.on_result: Callable[[RunResult], None] = lambda result: None
        self.say: Callable[[str], None] = lambda text: None

    async def run(
        self,
        executors: Sequence[Executor],
        thresholds: Sequence[Threshold],
        environment: Mapping[str, str],
        make_load: MakeLoad,
    ) -> RunResult:
        loop, options = asyncio.get_running_loop(), self._options
        control = Control(is_paused=options.paused)
        services = vu_services(options, self._registry, environment, self._tail.log)
        logs = RepeatedLogs(self._tail.log, services.clock.now_s)
        services.log = logs.log
        services.run.secrets = self._secrets

        def stop(asked_by: str) -> None:
            services.run.is_stopping = True
            loop.call_soon_threadsafe(
                control.stop, ExitCode.SIGNAL, f"stopped by {asked_by}"
            )

        def leave() -> None:
            self._stop_view()
            load.abandon()

        reaction = Reaction(self._stop_at_first(stop), before_leaving=leave)

        results = Results(
            self._registry,
            new_registry(self._host.metrics, self._tail.log),
            now_epoch_s=services.clock.epoch_s,
            late_s=0.0 if make_load is local_load else LATE_S,
        )
        load = make_load(
            LoadRequest(
                self._host,
                options,
                executors,
                services,
                control,
                results,
                keeps_samples=self._registry.samples is not None,
            )
        )
        control.steers(load)
        plan = plan_of(self._host, options)
        moments = Moments(plan.scenarios)
        run = Run(
            self._host,
            services,
            load,
            control=control,
            results=results,
            thresholds=thresholds,
            tags=TagSet.of(options.tags),
            setup_timeout_s=None if options.no_setup else options.setup_timeout_s,
            teardown_timeout_s=(
                None if options.no_teardown else options.teardown_timeout_s
            ),
            handle_summary_timeout_s=options.handle_summary_timeout_s,
            needs_values=options.no_data_thresholds == "fail",
            trend_stats=options.summary_trend_stats,
            on_status=self._show,
            no_color=self.no_color,
            moments=moments,
        )
        access = RunAccess(
            control=control,
            status=run.status,
            verdicts=run.verdicts,
            exceptions=run.exceptions,
            results=results,
            plan=plan,
            thresholds=thresholds,
            options=options,
            log=services.log,
            tail=self._tail,
            stop=stop,
            machines=self.machines,
            moments=moments,
            failures=run.failures,
        )
        with interruption.handled(reaction):
            async with AsyncExitStack() as stack:
                await self._enter_companions(stack, access)
                self._view.start(plan)
                try:
                    result = await run.run()
                    self._is_over = True
                    reaction.code = int(result.exit_code or reaction.code)
                    results.end(result)
                finally:
                    logs.flush()
                    self._stop_view()
                    await services.close()
                self.on_result(result)
                if self.lingers and result.exit_code is not ExitCode.SIGNAL:
                    await self._linger(control)
            return result

    async def _linger(self, control: Control) -> None:
        """Wait for a signal, or for the run's being stopped from outside."""
        self.say("the run is over; --linger waits for Ctrl+C")
        ends = [asyncio.ensure_future(self._let_go.wait())]
        if not control.stopped.is_set():
            ends.append(asyncio.ensure_future(control.stopped.wait()))
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)

    def _stop_at_first(self, stop: Callable[[str], None]) -> Callable[[str], None]:
        """Return what the first signal does: it ends the run, unless that is over."""
        loop = asyncio.get_running_loop()

        def first(name: str) -> None:
            if self._is_over and self.lingers:
                loop.call_soon_threadsafe(self._let_go.set)
            elif self._is_over:
                self.say(
                    f"{name}: the run is over, waiting for its outputs; a second "
                    "signal ends it at once"
                )
            else:
                key = "Ctrl+C again" if name == "SIGINT" else "a second signal"
                self.say(f"{name}: stopping gracefully; {key} ends it at once")
                stop(name)

        return first

    async def _enter_companions(self, stack: AsyncExitStack, access: RunAccess) -> None:
        """
        Start everything that accompanies the run.

        Raises:
            StoppedBeforeError: If the run was stopped meanwhile.

        """

        async def enter() -> None:
            for companion in self._companions:
                await stack.enter_async_context(companion(access))

        stopped = access.control.stopped
        entering = asyncio.ensure_future(enter())
        stopping = asyncio.ensure_future(stopped.wait())
        try:
            await asyncio.wait(
                {entering, stopping}, return_when=asyncio.FIRST_COMPLETED
            )
            if entering.done():
                entering.result()
        finally:
            stopping.cancel()
            entering.cancel()
            await asyncio.gather(entering, stopping, return_exceptions=True)
        if stopped.is_set():
            raise StoppedBeforeError(access.control.problems[0])

    def _show(self, status: RunStatus) -> None:
        self._last_status = status
        self._view.update(status)

    def _stop_view(self) -> None:
        status, self._last_status = self._last_status, None
        if status is not None:
            self._view.stop(status)
