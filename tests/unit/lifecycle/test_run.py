import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from default_settings import RUN_LIMITS, users_with
from virtual_time import VirtualLoop

from gharial.errors import ExitCode
from gharial.lifecycle.control import Control
from gharial.lifecycle.load import LoadStatus
from gharial.lifecycle.results import Results
from gharial.lifecycle.run import Run
from gharial.lifecycle.run_result import RunResult
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import EMPTY
from gharial.metrics.thresholds.evaluate import parse_thresholds
from gharial.report.masking import REDACTED
from gharial.timing import Clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, VuServices
from gharial.virtual_user.instruments import Measurements


class Host:
    """A script without stages."""

    language = "python"
    path = "fake"
    options: Mapping[str, Any] = {}
    metrics = ()
    exports = frozenset({"default"})


class SlowToPrepare:
    """A load of 5 virtual users that take 3 s to come about, and then work for 2 s."""

    def __init__(self):
        self._status = LoadStatus()

    async def prepare(self):
        for made in (1, 2, 5):
            await asyncio.sleep(1.0)
            self._status = LoadStatus(vus_max=made)

    async def run(self, _setup_data):
        self._status = LoadStatus(vus=5, vus_max=5)
        await asyncio.sleep(2.0)
        self._status = LoadStatus(vus=0, vus_max=5, iterations_completed=5, ran_s=2.0)

    def status(self):
        return self._status

    def close(self):
        pass

    async def left(self):
        pass


class SlowToEnd(SlowToPrepare):
    """One of 5 iterations in 2 s, whose end takes another 8 s."""

    async def run(self, setup_data):
        await super().run(setup_data)
        await asyncio.sleep(8.0)


def run_of(
    load: SlowToPrepare,
    measured: Registry,
    registry: Registry,
    *,
    run_context: RunContext | None = None,
    thrown: str = "",
    **settings: Any,
) -> RunResult:
    loop = VirtualLoop()

    async def main() -> RunResult:
        services = VuServices(
            event_loop=loop,
            clock=Clock(loop.time, 1_000_000.0),
            blocking=Blocking(loop),
            measurements=Measurements(measured),
            network=None,  # type: ignore[arg-type] # no socket is opened
            run=run_context or RunContext(),
            settings=users_with(),
            log=lambda *record: None,
        )
        if thrown:
            services.measurements.exceptions.add(thrown, "", 0.0)
        results = Results(measured, registry)
        run: Any = Run
        return await run(
            Host(),
            services,
            load,
            control=Control(),
            results=results,
            **RUN_LIMITS,
            **settings,
        ).run()

    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


def test_virtual_users_are_counted_from_the_time_on_that_all_of_them_are_there():
    measured, registry = Registry(), Registry()
    run_of(SlowToPrepare(), measured, registry)
    for metric in (builtin.VUS, builtin.VUS_MAX):
        ((_, gauge),) = registry.series_of(metric)
        assert (gauge.minimum, gauge.maximum, gauge.value) == (5, 5, 5), metric.name


class Short(SlowToPrepare):
    """A load that is there after 0.3 s, and works for 0.8 s."""

    async def prepare(self):
        await asyncio.sleep(0.3)
        self._status = LoadStatus(vus_max=5)

    async def run(self, _setup_data):
        self._status = LoadStatus(vus=5, vus_max=5)
        await asyncio.sleep(0.8)


def test_virtual_users_of_a_run_of_less_than_a_second_are_counted():
    measured, registry = Registry(), Registry()
    run_of(Short(), measured, registry)
    for metric in (builtin.VUS, builtin.VUS_MAX):
        ((_, gauge),) = registry.series_of(metric)
        assert gauge.maximum == 5, metric.name


@pytest.mark.parametrize(
    ("threshold", "code"),
    [("rate>2.4", ExitCode.OK), ("rate>2.6", ExitCode.THRESHOLDS_FAILED)],
)
def test_rates_are_judged_over_the_time_that_load_ran(
    threshold: str, code: ExitCode
) -> None:
    measured = Registry()
    measured.series(builtin.ITERATIONS, EMPTY).add(5.0)
    result = run_of(
        SlowToEnd(),
        measured,
        Registry(),
        thresholds=parse_thresholds({"iterations": [threshold]}),
    )
    assert result.exit_code is code


def test_of_secrets_that_begin_alike_nothing_is_shown():
    context = RunContext(secrets={"": {"short": "abc", "long": "abcdef"}})
    result = run_of(
        Short(), Registry(), Registry(), run_context=context, thrown="no abcdef, no abc"
    )
    (group,) = result.report.exceptions
    assert group.message == f"no {REDACTED}, no {REDACTED}"
