"""Run a whole test, stages and all, against servers in the same event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from default_settings import RUN_LIMITS, limits_with, network_with, users_with
from safety_net import LIMIT_S
from script_runs import ENGINE, Handler, Run, serving

from gharial.executors.base import Executor
from gharial.javascript.host import JavaScriptHost
from gharial.lifecycle.control import Control
from gharial.lifecycle.local_load import LocalLoad
from gharial.lifecycle.repeated_logs import RepeatedLogs
from gharial.lifecycle.results import Results
from gharial.lifecycle.run import Run as TestRun
from gharial.lifecycle.run_result import RunResult
from gharial.metrics.registry import Registry
from gharial.net.network import Network
from gharial.python.host import PythonHost
from gharial.timing import system_clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, VuServices
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.settings import VuSettings


class WholeRun(Run):
    """What came of a test: as for one script, and the run's result."""

    result: RunResult

    def __init__(self) -> None:
        super().__init__()
        self.measured = Registry()


def run_whole(
    folder: Path,
    name: str,
    source: str,
    executors: Sequence[Executor],
    *handlers: Handler,
    servers: Sequence[Any] = (),
    settings: VuSettings | None = None,
    during: Callable[[Control, LocalLoad], Awaitable[None]] | None = None,
    **limits: Any,
) -> WholeRun:
    """
    Run a script's scenarios with its stages around them.

    The servers' URLs are in ``__ENV.URL``, ``__ENV.URL2`` and so on.
    """
    path = folder / name
    path.write_text(source, "utf-8")
    host: Any
    if name.endswith(".py"):
        host = PythonHost(str(path), environment={})
    else:
        host = JavaScriptHost(str(path), ENGINE, environment={})
    host.read(lambda *record: None)
    run = WholeRun()
    for metric in host.metrics:
        run.measured.metric(metric.name, metric.type, metric.contains)
        run.registry.metric(metric.name, metric.type, metric.contains)

    async def main() -> RunResult:
        async with AsyncExitStack() as stack:
            urls = [await stack.enter_async_context(serving(each)) for each in handlers]
            urls += [await stack.enter_async_context(server) for server in servers]
            loop, control, clock = asyncio.get_running_loop(), Control(), system_clock()
            logs = RepeatedLogs(lambda *record: run.log.append(record), clock.now_s)
            services = VuServices(
                event_loop=loop,
                clock=clock,
                blocking=Blocking(loop),
                measurements=Measurements(run.measured),
                network=Network(network_with(limits=limits_with())),
                run=RunContext(
                    environment={
                        f"URL{index or ''}": url
                        for index, url in zip([0, *range(2, 9)], urls, strict=False)
                    }
                ),
                settings=settings or users_with(wind_down_s=1.0),
                log=logs.log,
            )
            load = LocalLoad(host, services, executors, control)
            control.steers(load)
            # What is collected comes back to where the tests look.
            results = Results(run.measured, run.registry)
            test = TestRun(
                host,
                services,
                load,
                control=control,
                results=results,
                **(RUN_LIMITS | limits),
            )
            task = asyncio.ensure_future(test.run())
            if during is not None:
                await during(control, load)
            result = await task
            logs.flush()
            await services.close()
            return result

    async def bounded() -> RunResult:
        return await asyncio.wait_for(main(), LIMIT_S)

    run.result = asyncio.run(bounded())
    host.close()
    return run
