"""One run from its consolidated options to its result, on an event loop of its own."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from gharial.errors import ExitCode
from gharial.executors.base import Executor, ScenarioPlan
from gharial.executors.catalog import EXECUTORS
from gharial.executors.plan import most_vus
from gharial.lifecycle.control import Control
from gharial.lifecycle.event_loop import new_event_loop
from gharial.lifecycle.network import network_settings, vu_settings
from gharial.lifecycle.signals import handled_signals
from gharial.lifecycle.test_run import RunResult, TestRun
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import check_thresholds, parse_thresholds
from gharial.options.model import Options
from gharial.options.scenarios import Scenario
from gharial.report.status import RunPlan, RunStatus
from gharial.report.status import ScenarioPlan as ShownScenario
from gharial.timing import system_clock
from gharial.views.base import RunView
from gharial.vu.blocking import Blocking
from gharial.vu.context import RunContext, VuServices
from gharial.vu.instruments import Measurements
from gharial.vu.script import ScriptHost
from gharial.websocket.opening import Network

Log = Callable[[int, str, Mapping[str, str]], None]


def run_test(
    host: ScriptHost,
    options: Options,
    *,
    environment: Mapping[str, str],
    view: RunView,
    log: Log,
) -> RunResult:
    """
    Run a script that was read, show it, and return what came of it.

    Ctrl+C once ends the run in order, twice leaves the process with code 105.

    Raises:
        ConfigurationError: If the thresholds or scenarios cannot be used; nothing was
            started then.

    """
    registry = Registry(lambda count: _warn_of_series(log, count))
    for metric in host.metrics:
        registry.metric(metric.name, metric.type, metric.contains)
    thresholds = parse_thresholds(options.thresholds_as_given())
    check_thresholds(thresholds, {metric.name: metric for metric in registry.metrics()})
    executors = [
        executor_for(name, scenario)
        for name, scenario in options.effective_scenarios().items()
    ]
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(
            _Run(host, options, registry, view, log).run(
                executors, thresholds, environment
            )
        )


def executor_for(name: str, scenario: Scenario) -> Executor:
    """Return what runs a scenario."""
    plan = ScenarioPlan(
        name=name,
        export=scenario.exec,
        start_s=scenario.start_time_s,
        graceful_stop_s=scenario.graceful_stop_s,
        environment=scenario.env,
        tags=scenario.tags,
    )
    make = EXECUTORS[scenario.executor]
    executor: Executor = make(plan, *_arguments_of(scenario))
    return executor


def _arguments_of(scenario: Any) -> tuple[Any, ...]:
    if scenario.executor == "constant-vus":
        return (scenario.vus, scenario.duration_s)
    return (scenario.vus, scenario.iterations, scenario.max_duration_s)


def plan_of(host: ScriptHost, options: Options) -> RunPlan:
    """Return what is going to happen, for people."""
    scenarios = options.effective_scenarios()
    shown = [
        ShownScenario(
            name=name,
            executor=scenario.executor,
            description=scenario.describe(),
            vus_max=scenario.vus_max,
            longest_s=scenario.start_time_s
            + scenario.regular_duration_s
            + scenario.graceful_stop_s,
        )
        for name, scenario in scenarios.items()
    ]
    executors = [executor_for(name, one) for name, one in scenarios.items()]
    return RunPlan(
        script=host.path,
        engine=host.language,
        scenarios=tuple(sorted(shown, key=lambda one: one.name)),
        vus_max=most_vus((one.plan.start_s, one.planned_vus()) for one in executors),
        longest_s=max(one.longest_s for one in shown),
    )


class _Run:
    """The parts of one run, put together on the event loop."""

    def __init__(
        self,
        host: ScriptHost,
        options: Options,
        registry: Registry,
        view: RunView,
        log: Log,
    ) -> None:
        self._host = host
        self._options = options
        self._registry = registry
        self._view = view
        self._log = log
        self._last_status: RunStatus | None = None

    async def run(
        self,
        executors: list[Executor],
        thresholds: Any,
        environment: Mapping[str, str],
    ) -> RunResult:
        loop = asyncio.get_running_loop()
        control = Control()
        context = RunContext(
            options=self._options.as_script_sees(), environment=dict(environment)
        )
        services = VuServices(
            event_loop=loop,
            clock=system_clock(),
            blocking=Blocking(loop),
            measurements=Measurements(
                self._registry,
                lambda text: self._log(logging.WARNING, text, {"source": "websocket"}),
            ),
            network=Network(network_settings(self._options)),
            run=context,
            settings=vu_settings(self._options),
            log=self._log,
        )

        def stop(signal_name: str) -> None:
            context.is_stopping = True
            loop.call_soon_threadsafe(
                control.stop, ExitCode.SIGNAL, f"stopped by {signal_name}"
            )

        self._view.start(plan_of(self._host, self._options))
        try:
            with handled_signals(stop, restore_terminal=self._stop_view):
                return await TestRun(
                    self._host,
                    services,
                    executors,
                    control=control,
                    thresholds=thresholds,
                    tags=TagSet.of(self._options.tags),
                    setup_limit_s=(
                        None
                        if self._options.no_setup
                        else self._options.setup_timeout_s
                    ),
                    teardown_limit_s=(
                        None
                        if self._options.no_teardown
                        else self._options.teardown_timeout_s
                    ),
                    trend_stats=self._options.summary_trend_stats,
                    on_status=self._show,
                ).run()
        finally:
            self._stop_view()
            await services.close()

    def _show(self, status: RunStatus) -> None:
        self._last_status = status
        self._view.update(status)

    def _stop_view(self) -> None:
        status, self._last_status = self._last_status, None
        if status is not None:
            self._view.stop(status)


def _warn_of_series(log: Log, count: int) -> None:
    log(
        logging.WARNING,
        f"{count:,} different sets of tags were measured; each takes memory. Give sockets "
        "a 'name' tag where their URLs have unique parts",
        {"source": "metrics"},
    )
