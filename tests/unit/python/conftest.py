"""Python scripts, run by virtual users on virtual time."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from default_settings import users_with
from virtual_time import VirtualLoop

from gharial.metrics.registry import Registry
from gharial.python.host import PythonHost
from gharial.timing import Clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, ScenarioContext, VuServices
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser


class ScriptWorld:
    """A script in a folder of its own, and a run for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: dict[str, Any] = {}
        self.environment: dict[str, str] = {}
        self.registry = Registry()
        self.logged: list[tuple[int, str, dict[str, str]]] = []
        self.run_context = RunContext()
        self.hosts: list[PythonHost] = []
        self.scenario = ScenarioContext("default", "constant-vus", 0.0)

    def host(self, text: str, **modules: str) -> PythonHost:
        """Write the script and its modules (``a__b`` for ``a/b``) and read it."""
        for name, source in modules.items():
            file = self.folder / (name.replace("__", "/", 1) + ".py")
            file.parent.mkdir(exist_ok=True)
            file.write_text(dedent(source))
        (self.folder / "chat.py").write_text(dedent(text))
        host = PythonHost("chat.py", environment=self.environment)
        host.read(self.log)
        self.hosts.append(host)
        return host

    def log(self, level: int, text: str, fields: Mapping[str, str]) -> None:
        self.logged.append((level, text, dict(fields)))

    def texts(self) -> list[str]:
        return [text for _, text, _ in self.logged]

    def services(self) -> VuServices:
        event_loop = asyncio.get_running_loop()
        self.run_context.environment = self.environment
        return VuServices(
            event_loop=event_loop,
            clock=Clock(event_loop.time, 1_000_000.0),
            blocking=Blocking(event_loop),
            measurements=Measurements(self.registry),
            network=None,  # type: ignore[arg-type]
            run=self.run_context,
            settings=users_with(**self.settings),
            log=self.log,
        )

    def run(self, test: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run a coroutine function on virtual time."""
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(test())

    def iterate(
        self, text: str, *, times: int = 1, users: int = 1, **modules: str
    ) -> list[IterationOutcome]:
        """Run iterations of a script's ``default``; return how they ended."""
        host = self.host(text, **modules)
        self.logged.clear()

        async def main() -> list[IterationOutcome]:
            services = self.services()
            team = [VirtualUser(n + 1, host, services) for n in range(users)]
            for user in team:
                await user.start()
            outcomes: list[IterationOutcome] = []
            for _ in range(times):
                outcomes += await asyncio.gather(
                    *(user.run_iteration(self.scenario) for user in team)
                )
            for user in team:
                user.close()
            host.close()
            return outcomes

        outcomes: list[IterationOutcome] = self.run(main)
        return outcomes

    def values(self, name: str) -> dict[str, Any]:
        """Return the sinks of a metric by their tags, written as ``a=b,c=d``."""
        return {
            ",".join(f"{key}={value}" for key, value in tags.items): sink
            for metric, tags, sink in self.registry.all_series()
            if metric.name == name
        }


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptWorld]:
    """Return a world whose folder is the present one."""
    monkeypatch.chdir(tmp_path)
    modules = set(sys.modules)
    world = ScriptWorld(tmp_path)
    yield world
    for host in world.hosts:
        host.close()
    left = {name for name in set(sys.modules) - modules if "_vu" in name}
    assert not left, "closed virtual users leave no modules behind"
