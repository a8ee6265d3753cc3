"""
Run a script's iterations in a process of their own, and measure what memory they leave.

``python hostile_load.py SCRIPT ROUNDS...`` runs as many rounds of iterations as numbers
are given, by the same virtual users in one run, and prints a JSON object for each, taken
while no iteration runs.
"""

import asyncio
import ctypes
import gc
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

import psutil
from default_settings import RUN_LIMITS, limits_with, network_with, users_with

from gharial.engine.quickjs import QuickJs
from gharial.executors.base import ScenarioPlan, ScenarioRun
from gharial.executors.looping import run_looping
from gharial.executors.shared_iterations import SharedIterations
from gharial.javascript.host import JavaScriptHost
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.control import Control
from gharial.lifecycle.local_load import LocalLoad
from gharial.lifecycle.repeated_logs import RepeatedLogs
from gharial.lifecycle.run import Run
from gharial.metrics.registry import Registry
from gharial.net.network import Network
from gharial.python.host import PythonHost
from gharial.timing import system_clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, VuServices
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.virtual_user import ScriptHost

VUS = 20
ENVIRONMENT = {"SERVERS": os.environ.get("SERVERS", "")}


def own_bytes() -> int:
    """
    Return the memory that this process alone has, paged out or not.

    The resident size is of no use: the system takes pages back from a process at will.
    Nor is all that is unshared: pages of libraries are so while no other process happens
    to have them. What was allocated is in anonymous pages.
    """
    with suppress(AttributeError, OSError, TypeError):
        # What glibc keeps for the next allocations is no leak.
        ctypes.PyDLL(None).malloc_trim(0)
    rollup = Path("/proc/self/smaps_rollup")
    if rollup.exists():
        kib = dict(re.findall(r"^(\w+):\s+(\d+) kB$", rollup.read_text(), re.M))
        return (int(kib["Anonymous"]) + int(kib["Swap"])) * 1024
    return int(psutil.Process().memory_full_info().uss)


async def settled() -> dict[str, int]:
    """Let what is over be freed, and return what is left."""
    # Servers' last words come, and transports close, in later turns of the loop.
    for _ in range(20):
        await asyncio.sleep(0.01)
    # What the first collection frees in the engine is garbage to the second.
    for _ in range(3):
        gc.collect()
    return {
        "bytes": own_bytes(),
        "objects": len(gc.get_objects()),
        "descriptors": psutil.Process().num_fds() if os.name == "posix" else 0,
        "tasks": len(asyncio.all_tasks()),
    }


@dataclass(frozen=True, slots=True)
class Rounds(SharedIterations):
    """Runs some rounds of shared iterations, and measures after each."""

    rounds: tuple[int, ...] = ()

    async def run(self, run: ScenarioRun) -> None:
        """Run the rounds one after the other."""
        for count in self.rounds:
            left = count

            def takes(index: int) -> bool:
                nonlocal left
                left -= 1
                return left >= 0

            await run_looping(
                run, vus=self.vus_max, limit_s=self.max_duration_s, takes=takes
            )
            measured = {"iterations": run.iterations} | await settled()
            sys.stdout.write(json.dumps(measured) + "\n")
            sys.stdout.flush()


async def load(host: ScriptHost, rounds: tuple[int, ...]) -> int:
    """Run the whole test, and return its exit code."""
    control, clock = Control(), system_clock()
    logs = RepeatedLogs(
        lambda level, text, fields: print(text, file=sys.stderr), clock.now_s
    )
    loop = asyncio.get_running_loop()
    services = VuServices(
        event_loop=loop,
        clock=clock,
        blocking=Blocking(loop),
        measurements=Measurements(Registry()),
        network=Network(network_with(limits=limits_with())),
        run=RunContext(environment=ENVIRONMENT),
        settings=users_with(),
        log=logs.log,
    )
    executor = Rounds(ScenarioPlan(), VUS, sum(rounds), 3600.0, rounds=rounds)
    working = LocalLoad(host, services, [executor], control)
    control.steers(working)
    result = await Run(host, services, working, control=control, **RUN_LIMITS).run()
    await services.close()
    return int(result.exit_code)


def main() -> int:
    """Read the command line, and run."""
    path, *rounds = sys.argv[1:]
    host: ScriptHost
    if path.endswith(".py"):
        host = PythonHost(path, environment=ENVIRONMENT)
    else:
        host = JavaScriptHost(path, QuickJs(), environment=ENVIRONMENT)
    host.read(lambda *record: None)
    try:
        return asyncio.run(load(host, tuple(map(int, rounds))))
    finally:
        host.close()


if __name__ == "__main__":
    sys.exit(main())
