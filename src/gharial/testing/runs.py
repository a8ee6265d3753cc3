"""A run inside a test: a script or a function as load, and a result to assert on."""

import asyncio
from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, TypeAlias

from gharial.testing.result import TestResult
from gharial.testing.run_thread import RunThread, TestRequest

Script: TypeAlias = str | PathLike[str] | Callable[..., object]


def run_test(
    script: Script,
    *,
    options: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    workers: int = 1,
    quiet: bool = True,
    environment: bool = False,
) -> TestResult:
    """
    Run a test to its end and return its result.

    The process's environment and config files have no say, so that the run is the same
    on every machine; ``environment=True`` lets ``GHARIAL_*`` and ``K6_*`` set options,
    below those of the call, and lets the script see all variables.

    The run has a thread with an event loop of its own: a test may call this while an
    event loop runs in its thread, which then stands still. If the server under test runs
    on that loop, use :func:`run_test_async`. Neither touches signal handlers. Ctrl+C, or
    any other exception raised while the call waits, ends the run gracefully; then it
    propagates.

    Example::

        def test_echoes(url):
            async def default():
                async with WebSocket(url) as socket:
                    socket.send("hello")
                    check(await socket.receive(), {"echo": lambda it: it == "hello"})

            result = run_test(default, options={"vus": 5, "duration": "1s"})
            assert result.passed
            assert result.metrics["ws_connecting"].p(95) < 200

    Args:
        script: The path of a script in JavaScript, TypeScript or Python, relative to the
            current directory; or a function, plain or ``async``, that is the test's
            ``default``. A function runs in this process: what it refers to is shared by
            all virtual users.
        options: Options as in a script's ``options``, above the script's own. An unknown
            one is an error.
        env: The variables that the script sees as ``env`` or ``__ENV``.
        workers: Processes that share the load; 1 stays in this process.
        quiet: Whether nothing is written to the standard output and standard error.
        environment: Whether the process's environment variables count.

    Returns:
        The result, also if a threshold failed or the run ended early.

    Raises:
        GharialError: If the script cannot be read, throws at its top level, or its
            options are wrong.
        RunStuckError: If the run does not end although it should have: its code waits
            where it cannot be interrupted. Its thread is left behind.

    """
    __tracebackhide__ = True
    run = RunThread(
        TestRequest(script, options or {}, env or {}, workers, quiet, environment)
    )
    run.start()
    try:
        while not run.wait():
            pass
    except BaseException:
        run.stop("the caller")
        run.wait_for_stop()
        raise
    return run.result()


async def run_test_async(
    script: Script,
    *,
    options: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    workers: int = 1,
    quiet: bool = True,
    environment: bool = False,
) -> TestResult:
    """
    Run a test to its end while the event loop goes on, and return its result.

    Everything else is as in :func:`run_test`. A function as load runs on the run's own
    event loop, in another thread: it must not await what belongs to this one. If the
    waiting task is cancelled, the run is ended gracefully first.
    """
    __tracebackhide__ = True
    run = RunThread(
        TestRequest(script, options or {}, env or {}, workers, quiet, environment)
    )
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    run.start(on_end=lambda: loop.call_soon_threadsafe(ended.set))
    try:
        while not await _is_set(ended, run.POLL_S):
            run.check_limit()
    except BaseException:
        run.stop("the caller")
        await _is_set(ended, run.stop_limit_s)
        raise
    return run.result()


async def _is_set(event: asyncio.Event, limit_s: float) -> bool:
    try:
        async with asyncio.timeout(limit_s):
            return await event.wait()
    except TimeoutError:
        return False
