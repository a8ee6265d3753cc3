import asyncio
from collections.abc import Mapping
from typing import Any

from virtual_time import VirtualLoop

from gharial.lifecycle.control import Control
from gharial.lifecycle.load import LoadStatus
from gharial.lifecycle.results import Results
from gharial.lifecycle.run import Run
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.timing import Clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, VuServices, VuSettings
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


def test_virtual_users_are_counted_from_the_time_on_that_all_of_them_are_there():
    loop, measured, registry = VirtualLoop(), Registry(), Registry()

    async def main():
        services = VuServices(
            event_loop=loop,
            clock=Clock(loop.time, 1_000_000.0),
            blocking=Blocking(loop),
            measurements=Measurements(measured),
            network=None,  # type: ignore[arg-type]
            run=RunContext(),
            settings=VuSettings(),
            log=lambda *record: None,
        )
        results = Results(measured, registry)
        load = SlowToPrepare()
        await Run(Host(), services, load, control=Control(), results=results).run()  # type: ignore[arg-type]

    loop.run_until_complete(main())
    loop.close()
    for metric in (builtin.VUS, builtin.VUS_MAX):
        ((_, gauge),) = registry.series_of(metric)
        assert (gauge.minimum, gauge.maximum, gauge.value) == (5, 5, 5), metric.name
