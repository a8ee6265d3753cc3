import asyncio
import threading
from pathlib import Path

from default_settings import RUN_LIMITS, network_with, users_with
from safety_net import LIMIT_S
from script_runs import ENGINE

from gharial.errors import ExitCode
from gharial.executors.base import ScenarioPlan
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.shared_iterations import SharedIterations
from gharial.javascript.host import JavaScriptHost
from gharial.lifecycle.control import Control
from gharial.lifecycle.event_loop import new_event_loop
from gharial.lifecycle.local_load import LocalLoad
from gharial.lifecycle.repeated_logs import RepeatedLogs
from gharial.lifecycle.run import Run
from gharial.metrics.registry import Registry
from gharial.net.network import Network
from gharial.timing import system_clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, VuServices
from gharial.virtual_user.instruments import Measurements


def run(directory, source, executor, *, signal_after_s=None, settings=None):
    path = directory / "script.js"
    path.write_text(source, "utf-8")
    log = []
    host = JavaScriptHost(str(path), ENGINE, environment={})
    host.read(lambda *record: None)

    async def main():
        loop = asyncio.get_running_loop()
        clock = system_clock()
        registry, control = Registry(), Control()
        logs = RepeatedLogs(lambda *record: log.append(record), clock.now_s)
        services = VuServices(
            event_loop=loop,
            clock=clock,
            blocking=Blocking(loop),
            measurements=Measurements(registry),
            network=Network(network_with()),
            run=RunContext(),
            settings=settings or users_with(wind_down_s=1.0),
            log=logs.log,
        )

        def stop(name: str) -> None:
            services.run.is_stopping = True
            loop.call_soon_threadsafe(
                control.stop, ExitCode.SIGNAL, f"stopped by {name}"
            )

        if signal_after_s is not None:
            # In a thread, as signals are read: the script may keep the loop from turning.
            threading.Timer(signal_after_s, stop, ("SIGINT",)).start()
        load = LocalLoad(host, services, [executor], control)
        result = await Run(host, services, load, control=control, **RUN_LIMITS).run()
        logs.flush()
        host.close()
        return result, services.run

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        result, context = runner.run(asyncio.wait_for(main(), LIMIT_S))
    return result, context, log


def test_a_script_that_throws_leaves_the_run_going(tmp_path: Path):
    executor = SharedIterations(ScenarioPlan(), 2, 100)
    source = "export default function () { throw new Error('no'); }"
    result, context, log = run(tmp_path, source, executor)
    assert result.exit_code is ExitCode.OK
    assert context.iterations_completed == 100
    assert len(log) == 6
    assert log[-1][1] == "Error: no (and 95 more like it)"


def test_one_signal_ends_the_run_in_order(tmp_path: Path):
    executor = ConstantVus(ScenarioPlan(), 2, 60.0)
    source = "import {sleep} from 'k6'; export default function () { sleep(50); }"
    result, context, _ = run(tmp_path, source, executor, signal_after_s=0.3)
    assert result.exit_code is ExitCode.SIGNAL
    assert context.iterations_interrupted == 2
    assert result.problems == ("stopped by SIGINT",)


def test_a_script_can_abort_the_test(tmp_path: Path):
    executor = ConstantVus(ScenarioPlan(), 1, 60.0)
    source = (
        "import exec from 'k6/execution';"
        "export default function () { exec.test.abort('enough'); }"
    )
    result, _, _ = run(tmp_path, source, executor)
    assert result.exit_code is ExitCode.SCRIPT_ABORTED
    assert result.problems == ("test aborted: enough",)


def test_a_signal_ends_a_script_that_never_pauses(tmp_path: Path):
    executor = ConstantVus(ScenarioPlan(graceful_stop_s=30), 1, 60.0)
    source = "export default function () { for (;;); }"
    result, context, _ = run(tmp_path, source, executor, signal_after_s=0.3)
    assert result.exit_code is ExitCode.SIGNAL
    assert context.iterations_interrupted == 1


def test_short_iterations_are_filled_up_to_their_least_length(tmp_path: Path):
    settings = users_with(min_iteration_duration_s=0.05, wind_down_s=1.0)
    executor = ConstantVus(ScenarioPlan(), 1, 0.5)
    source = "export default function () {}"
    result, context, _ = run(tmp_path, source, executor, settings=settings)
    assert result.exit_code is ExitCode.OK
    assert 2 <= context.iterations_completed <= 10
