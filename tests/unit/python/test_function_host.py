import functools
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import gharial
from gharial.errors import ConfigurationError
from gharial.python.function_host import FunctionHost
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser


def iterate(world: Any, function: Any, times: int = 1) -> list[IterationOutcome]:
    host = FunctionHost(function, environment={})
    host.read(world.log)
    world.hosts.append(host)

    async def main() -> list[IterationOutcome]:
        user = VirtualUser(1, host, world.services())
        await user.start()
        outcomes = [await user.run_iteration(world.scenario) for _ in range(times)]
        user.close()
        host.close()
        return outcomes

    outcomes: list[IterationOutcome] = world.run(main)
    return outcomes


def test_each_iteration_calls_the_function_with_its_closure(world: Any) -> None:
    seen: list[int] = []

    def default() -> None:
        seen.append(gharial.vu.iteration)

    assert iterate(world, default, times=2) == [IterationOutcome.COMPLETED] * 2
    assert seen == [0, 1]


def test_an_async_function_is_awaited_within_its_iteration(world: Any) -> None:
    seen: list[bool] = []

    async def default() -> None:
        gharial.set_timeout(lambda: seen.append(True), 1000)

    iterate(world, default)
    assert seen == [True]


def test_a_function_may_block_its_virtual_user(world: Any) -> None:
    seen: list[str] = []

    def default(word: str) -> None:
        gharial.sleep(5)
        seen.append(word)

    iterate(world, functools.partial(default, "awake"))
    assert seen == ["awake"]


def test_an_exception_is_told_with_the_frames_of_the_caller_only(world: Any) -> None:
    def default() -> None:
        json.loads("?")

    assert iterate(world, default) == [IterationOutcome.FAILED]
    [text] = world.texts()
    first, *frames = text.splitlines()
    assert first.startswith("JSONDecodeError: Expecting value")
    assert len(frames) == 1
    assert f"({__file__}:" in frames[0]


def test_a_function_is_named_by_its_file_and_place() -> None:
    def default() -> None: ...

    name = FunctionHost(default, environment={}).path
    assert name == f"{__file__}:test_a_function_is_named_by_its_file_and_place.default"


def test_files_of_python_and_of_gharial_are_not_the_callers() -> None:
    files = FunctionHost(lambda: None, environment={}).sources.files
    assert __file__ in files
    assert str(Path(gharial.__file__)) not in files
    assert json.__file__ not in files
    assert pytest.__file__ not in files
    assert sys._getframe().f_code.co_filename in files


class Load:
    def __call__(self) -> None: ...


async def agen() -> Any:
    yield


def gen() -> Any:
    yield


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (Load, "Load is a class; give a function that runs one iteration"),
        (gen, "gen is a generator, so calling it runs nothing; "),
        (agen, "agen is a generator, so calling it runs nothing; "),
        (functools.partial(gen), "gen is a generator"),
    ],
)
def test_what_would_run_nothing_is_refused(function: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        FunctionHost(function, environment={})
    assert str(caught.value).startswith(problem)


def test_an_object_that_can_be_called_will_do(world: Any) -> None:
    assert iterate(world, Load()) == [IterationOutcome.COMPLETED]
