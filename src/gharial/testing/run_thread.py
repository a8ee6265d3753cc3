"""The thread of a run inside a test."""

import contextlib
import gc
import logging
import math
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from os import PathLike
from typing import Any, ClassVar, Final

from gharial.errors import ConfigurationError, GharialError
from gharial.executors.catalog import SCENARIO_TYPES, executors_of
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.access import RunAccess
from gharial.lifecycle.execution import execute
from gharial.lifecycle.load import MakeLoad
from gharial.lifecycle.local_load import local_load
from gharial.lifecycle.plan import demand_of, plan_of
from gharial.lifecycle.preflight import shortages, supply
from gharial.lifecycle.run_result import RunResult
from gharial.metrics.builtin import metrics_by_name
from gharial.metrics.registry import Registry
from gharial.options.merge import consolidate, memory_limit_for_reading
from gharial.options.model import Options
from gharial.program.parts import ViewRequest
from gharial.program.script_hosts import script_host
from gharial.program.views import view
from gharial.python.function_host import FunctionHost, UsersFiles
from gharial.python.options import plain_options
from gharial.report.text import render
from gharial.scripting.reading import READ_LIMIT_S
from gharial.testing.log import RunLog
from gharial.testing.result import TestResult
from gharial.virtual_user.virtual_user import ScriptHost
from gharial.workers.cores import worker_count
from gharial.workers.load import Crew, workers_load
from gharial.workers.local_processes import LocalProcesses
from gharial.workers.messages import ReadableHost

MARGIN_S: Final = 60.0
"""So long after a run should have ended at the latest it counts as stuck."""
START_LIMIT_S: Final = 0.1
"""What one virtual user may take to come about."""


class RunStuckError(GharialError):
    """
    A run did not end although it should have.

    Attributes:
        place: The line of code at which its thread stands; empty if that is unknown.

    """

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place

    def __str__(self) -> str:
        where = f", at {self.place}" if self.place else ""
        return (
            f"the run should have ended by now but is still running{where}; what blocks a "
            "thread (time.sleep, requests) blocks the run, so use gharial.sleep and async "
            "libraries"
        )


@dataclass(frozen=True, slots=True)
class TestRequest:
    """
    What a test asked to be run.

    Attributes:
        script: A path or a function.
        options: Options of the call.
        env: The script's variables.
        workers: Processes that share the load.
        is_quiet: Whether nothing is shown.
        has_environment: Whether the process's variables count.

    """

    __test__ = False

    script: str | PathLike[str] | Callable[..., object]
    options: Mapping[str, Any]
    env: Mapping[str, str]
    workers: int
    is_quiet: bool
    has_environment: bool


class RunThread:
    """
    One run in its own thread, so that it works in any caller's thread and event loop.

    Make it, start it, wait for it, take the result; all of it in the caller's thread.
    """

    POLL_S: ClassVar[float] = 0.25
    STOP_LIMIT_S: ClassVar[float] = 60.0

    def __init__(self, request: TestRequest) -> None:
        """
        Prepare.

        Raises:
            ConfigurationError: If that cannot be run at all.

        """
        _check(request)
        self._request = request
        self._thread = threading.Thread(
            target=self._work, name="gharial-run", daemon=True
        )
        self._ended = threading.Event()
        self._on_end: Callable[[], object] = lambda: None
        self._ends_by_s = time.monotonic() + READ_LIMIT_S + MARGIN_S
        self._lock = threading.Lock()
        self._stop: Callable[[str], None] | None = None
        self._asked_to_stop_by = ""
        self._registry = Registry()
        self._result: TestResult | None = None
        self._error: BaseException | None = None

    def start(self, on_end: Callable[[], object] = lambda: None) -> None:
        """Begin; ``on_end`` is called in the run's thread as the last thing there."""
        self._on_end = on_end
        self._thread.start()

    def wait(self) -> bool:
        """
        Wait a moment; return whether the run has ended.

        Raises:
            RunStuckError: If it should have ended long ago.

        """
        # With a limit, since on Windows Ctrl+C cannot interrupt a wait. Not `join`: what
        # is raised in it makes Python 3.11 take a running thread for a stopped one.
        if self._ended.wait(self.POLL_S):
            return True
        self.check_limit()
        return False

    def check_limit(self) -> None:
        """
        Return if the run may still go on.

        Raises:
            RunStuckError: If it should have ended long ago.

        """
        if time.monotonic() > self._ends_by_s:
            raise RunStuckError(_place_of(self._thread.ident))

    def stop(self, asked_by: str) -> None:
        """Ask the run to end in order; without effect once it has."""
        with self._lock:
            self._asked_to_stop_by = asked_by
            if self._stop is not None:
                _ask(self._stop, asked_by)

    @property
    def stop_limit_s(self) -> float:
        """How long to wait for a run that was asked to stop; 0 if it is stuck."""
        return 0.0 if time.monotonic() > self._ends_by_s else self.STOP_LIMIT_S

    def wait_for_stop(self) -> None:
        """Wait until a run that was asked to stop has, unless it is stuck."""
        if self._ended.wait(self.stop_limit_s):
            self._thread.join()

    def result(self) -> TestResult:
        """
        Return the result of a run that has ended.

        Raises:
            BaseException: What kept it from running.

        """
        __tracebackhide__ = True
        self._thread.join()
        if self._error is not None:
            if isinstance(self._error, GharialError):
                # Its message says all; where in Gharial it was raised would hide that.
                raise self._error.with_traceback(None)
            raise self._error
        assert self._result is not None
        return self._result

    def _work(self) -> None:
        try:
            self._result = self._run()
        except BaseException as error:
            self._error = error
        self._ended.set()
        # Its loop may have ended meanwhile.
        with contextlib.suppress(RuntimeError):
            self._on_end()

    def _run(self) -> TestResult:
        request = self._request
        log = RunLog(is_shown=not request.is_quiet)
        host = _host(request)
        try:
            host.read(log, memory_limit_bytes=_memory_limit_for_reading(request, host))
            options = _options(request, host, log)
            workers = worker_count(options)
            longest_s = _longest_s(host, options)
            self._ends_by_s = time.monotonic() + longest_s + MARGIN_S
            for shortage in shortages(demand_of(host, options, workers), supply()):
                log(logging.WARNING, shortage, {"source": "preflight"})
            shown = ViewRequest(
                sys.stdout, is_terminal=False, color=False, is_quiet=request.is_quiet
            )
            with _short_collections():
                result = execute(
                    host,
                    options,
                    environment=host.environment,
                    view=view(shown).view,
                    log=log,
                    make_load=_load(workers),
                    companions=[self._companion],
                )
        finally:
            host.close()
        if not request.is_quiet:
            _show(result, options)
        return TestResult(result, self._registry, options, log)

    @asynccontextmanager
    async def _companion(self, access: RunAccess) -> AsyncIterator[None]:
        self._registry = access.registry
        with self._lock:
            self._stop = access.stop
            if self._asked_to_stop_by:
                _ask(access.stop, self._asked_to_stop_by)
        try:
            yield
        finally:
            with self._lock:
                self._stop = None


def _check(request: TestRequest) -> None:
    name = type(request.script).__name__
    if callable(request.script):
        if request.workers > 1:
            raise ConfigurationError(
                f"workers={request.workers}: a function runs in this process only; put "
                "it into a file as 'def default(): ...' and give its path, or leave "
                "workers at 1"
            )
    elif not isinstance(request.script, (str, PathLike)):
        raise ConfigurationError(f"a {name} is not a test; give a path or a function")
    if not isinstance(request.options, Mapping):
        raise ConfigurationError(
            f"options must be a dict, not {type(request.options).__name__}"
        )
    if "workers" in request.options:
        raise ConfigurationError("workers is not one of the options; pass workers=…")


def _host(request: TestRequest) -> ReadableHost:
    system = dict(os.environ) if request.has_environment else {}
    environment = system | {str(k): str(v) for k, v in request.env.items()}
    if callable(request.script):
        return FunctionHost(request.script, environment=environment)
    return script_host(os.fspath(request.script), environment)


def _memory_limit_for_reading(request: TestRequest, host: ReadableHost) -> int | None:
    return memory_limit_for_reading(
        host.options,
        os.environ if request.has_environment else {},
        {},
        arguments=plain_options(request.options),
    )


def _options(request: TestRequest, host: ReadableHost, log: RunLog) -> Options:
    """
    Return the consolidated options.

    Raises:
        OptionsError: If they hold mistakes.
        ConfigurationError: If the run would never end.

    """
    # A test that measured nothing has shown nothing; what its script says stands.
    script = {"noDataThresholds": "fail", **host.options}
    consolidated = consolidate(
        script,
        os.environ if request.has_environment else {},
        {},
        exports=host.exports,
        scenario_types=SCENARIO_TYPES,
        metrics=metrics_by_name(host.metrics),
        arguments={**plain_options(request.options), "workers": request.workers},
    )
    for warning in consolidated.warnings:
        log(logging.WARNING, warning, {})
    if consolidated.options.paused:
        raise ConfigurationError("paused: nothing could resume the run of a test")
    return consolidated.options


def _longest_s(host: ScriptHost, options: Options) -> float:
    """
    Return the longest that a run can take if its own limits hold.

    Raises:
        ConfigurationError: If there is no limit.

    """
    plan = plan_of(host, options)
    for executor in executors_of(options):
        if executor.limit_s == math.inf:
            raise ConfigurationError(
                f"scenarios.{executor.plan.name}: the run would never end; give it a "
                "duration"
            )
    stages = {
        "setup": options.setup_timeout_s,
        "teardown": options.teardown_timeout_s,
        "vuSetup": options.setup_timeout_s,
        "vuTeardown": options.teardown_timeout_s,
        "handleSummary": options.handle_summary_timeout_s,
    }
    staged_s = sum(limit_s for name, limit_s in stages.items() if name in host.exports)
    started_s = START_LIMIT_S * plan.vus_max
    ending_s = options.close_timeout_s + options.callback_timeout_s
    return plan.longest_s + staged_s + started_s + ending_s


@contextmanager
def _short_collections() -> Iterator[None]:
    """
    Keep the garbage collector away from the objects that are there already.

    Measured: under pytest a full collection takes 60 ms and more, in which no socket is
    served; it came in the first connections, since a run begins with many new objects.
    """
    if gc.get_freeze_count():
        # Somebody else's business, or that of another run.
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _load(workers: int) -> MakeLoad:
    if workers == 1:
        return local_load
    return workers_load(LocalProcesses(), script_host, Crew(workers))


def _show(result: RunResult, options: Options) -> None:
    sys.stdout.write(
        render(
            result.report,
            trend_stats=options.summary_trend_stats,
            time_unit=options.summary_time_unit,
        )
    )
    for problem in result.problems:
        sys.stderr.write(f"gharial: {problem}\n")


def _ask(stop: Callable[[str], None], asked_by: str) -> None:
    # The run's loop may be closed in this very moment.
    with contextlib.suppress(RuntimeError):
        stop(asked_by)


def _place_of(thread: int | None) -> str:
    """Return where a thread stands, as near to the user's code as possible."""
    files = UsersFiles()
    frame = sys._current_frames().get(thread or 0)
    innermost = frame
    while frame is not None and frame.f_code.co_filename not in files:
        frame = frame.f_back
    frame = frame or innermost
    if frame is None:
        return ""
    name = frame.f_code.co_qualname.replace("<locals>.", "")
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {name}"
