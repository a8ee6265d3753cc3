"""A virtual user on virtual time, with a script that is a table of functions."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest
from default_settings import users_with
from virtual_time import VirtualLoop

from gharial.metrics.registry import Registry
from gharial.timing import Clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, ScenarioContext, VuServices
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.virtual_user import VirtualUser


class FakeInstance:
    """A script whose exports are Python functions that take the virtual user."""

    def __init__(self, user: VirtualUser, exports: Mapping[str, Callable[..., Any]]):
        self.user = user
        self.exports = exports
        self.events: list[str] = []
        self.environments: list[Mapping[str, str]] = []

    def start(self) -> None:
        self.events.append("start")
        if "start" in self.exports:
            self.exports["start"](self.user)

    def finish_start(self) -> None:
        self.events.append("finish_start")

    def call(
        self,
        export: str,
        arguments: tuple[Any, ...],
        on_result: Callable[[Any], None] | None = None,
    ) -> None:
        result = self.exports[export](self.user, *arguments)
        if on_result is not None and result is not None:
            on_result(result)

    def checkpoint(self) -> None:
        pass

    def begin_iteration(self, iteration: int, environment: Mapping[str, str]) -> None:
        self.events.append(f"iteration {iteration}")
        self.environments.append(environment)

    def translate(self, error: BaseException) -> BaseException:
        return error

    def place_of(self, callback: Any) -> str:
        return f"{callback} (fake.py:1)"

    def interrupt(self) -> None:
        self.events.append("interrupt")

    def close(self) -> None:
        self.events.append("close")


class FakeHost:
    language = "python"
    path = "fake"
    options: Mapping[str, Any] = {}
    metrics = ()

    def __init__(self, exports: Mapping[str, Callable[..., Any]]) -> None:
        self.exports = frozenset(exports)
        self._functions = exports

    def instance(self, user: VirtualUser) -> FakeInstance:
        return FakeInstance(user, self._functions)

    def close(self) -> None:
        pass


class World:
    """What tests look at: the registry, the log, the loop's time."""

    def __init__(self, event_loop: asyncio.AbstractEventLoop, **settings: Any) -> None:
        self.event_loop = event_loop
        self.registry = Registry()
        self.logged: list[tuple[int, str, dict[str, str]]] = []
        self.run = RunContext()
        self.services = VuServices(
            event_loop=event_loop,
            clock=Clock(event_loop.time, 1_000_000.0),
            blocking=Blocking(event_loop),
            measurements=Measurements(self.registry),
            network=None,  # type: ignore[arg-type]
            run=self.run,
            settings=users_with(**settings),
            log=lambda level, text, fields: self.logged.append(
                (level, text, dict(fields))
            ),
        )

    @property
    def now_s(self) -> float:
        return self.event_loop.time()

    def user(self, number: int = 1, **exports: Callable[..., Any]) -> VirtualUser:
        return VirtualUser(number, FakeHost(exports), self.services)  # type: ignore[arg-type]

    def scenario(self, name: str = "default", **fields: Any) -> ScenarioContext:
        return ScenarioContext(name, "constant-vus", 0.0, **fields)

    def values(self, name: str) -> dict[str, Any]:
        """Return the sinks of a metric by their tags, written as ``a=b,c=d``."""
        return {
            ",".join(f"{key}={value}" for key, value in tags.items): sink
            for metric, tags, sink in self.registry.all_series()
            if metric.name == name
        }

    def texts(self) -> list[str]:
        return [text for _, text, _ in self.logged]


RunWorld = Callable[..., Any]


@pytest.fixture
def run_world() -> RunWorld:
    """Return a function that runs a coroutine function in a fresh world."""

    def run(test: Callable[[World], Coroutine[Any, Any, Any]], **settings: Any) -> Any:
        async def main() -> Any:
            return await test(World(asyncio.get_running_loop(), **settings))

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(main())

    return run
