"""
Gharial's plugin for pytest: runs as fixtures, and their summaries where a test fails.

pytest loads it at every start, so it imports nothing of Gharial before a fixture asks.
"""

from collections.abc import Awaitable, Callable, Generator, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gharial.testing.result import TestResult
    from gharial.testing.runs import Script

_RESULTS = pytest.StashKey[list["TestResult"]]()


@pytest.fixture
def gharial_run(request: pytest.FixtureRequest) -> "Callable[..., TestResult]":
    """
    Run a script or a function as load: `gharial.testing.run_test`.

    Relative paths are relative to the test's file. If the test fails, the summaries of
    its runs are shown.
    """

    def run(script: "Script", **settings: Any) -> "TestResult":
        __tracebackhide__ = True
        from gharial.testing.runs import run_test

        return _kept(request, run_test(_located(request, script), **settings))

    return run


@pytest.fixture
def gharial_run_async(
    request: pytest.FixtureRequest,
) -> "Callable[..., Awaitable[TestResult]]":
    """
    Run a script or a function as load while the test's event loop goes on.

    It is `gharial.testing.run_test_async`, and else as ``gharial_run``.
    """

    async def run(script: "Script", **settings: Any) -> "TestResult":
        __tracebackhide__ = True
        from gharial.testing.runs import run_test_async

        located = _located(request, script)
        return _kept(request, await run_test_async(located, **settings))

    return run


@pytest.fixture
def echo_server() -> Iterator[str]:
    """Run an echo server on a free port; the value is its URL."""
    from gharial.servers.echo import EchoServer
    from gharial.servers.server_thread import serving

    with serving(EchoServer()) as server:
        yield server.url


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Add the summaries of a test's runs to the report of its failure."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    if not report.failed:
        return
    results = item.stash.get(_RESULTS, [])
    for number, result in enumerate(results, start=1):
        count = f" {number} of {len(results)}" if len(results) > 1 else ""
        report.sections.append((f"Gharial run{count}", result.account()))
    # A failure in the tear-down need not tell it all again.
    results.clear()


def _located(request: pytest.FixtureRequest, script: "Script") -> "Script":
    if isinstance(script, (str, PathLike)):
        return request.path.parent / Path(script)
    return script


def _kept(request: pytest.FixtureRequest, result: "TestResult") -> "TestResult":
    request.node.stash.setdefault(_RESULTS, []).append(result)
    return result
