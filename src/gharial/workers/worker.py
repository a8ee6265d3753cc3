"""One worker's side of a run, independent of the transport of its messages."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gharial.errors import ExitCode, GharialError
from gharial.executors.catalog import executors_of
from gharial.lifecycle.control import Control
from gharial.lifecycle.local_load import LocalLoad
from gharial.lifecycle.loop_end import run_to_end
from gharial.lifecycle.repeated_logs import RepeatedLogs
from gharial.lifecycle.services import new_registry, vu_services
from gharial.metrics.tags import TagSet
from gharial.views.terminal.log import captured_logging
from gharial.virtual_user.context import RunContext
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.virtual_user import ScriptHost
from gharial.workers.messages import (
    Aborted,
    Begin,
    Failed,
    Finished,
    FromWorker,
    Job,
    Logged,
    MarkedFailed,
    Measured,
    Pause,
    Progress,
    Ready,
    Resume,
    Scale,
    Stop,
    ToWorker,
)

# The status is reported four times a second, measurements twice.
TICK_S = 0.25
SNAPSHOT_S = 0.5
# A timer may fire a little too soon by the clock on the wall.
SOON = 0.02


class WorkerCrashedError(GharialError):
    """
    An internal error in a worker.

    Attributes:
        kind: The error's class.
        text: What it says.

    """

    exit_code = ExitCode.INTERNAL

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind, text)
        self.kind = kind
        self.text = text

    def __str__(self) -> str:
        return f"internal error in a worker, {self.kind}: {self.text}"


class WorkerSession:
    """
    What a worker does with its job.

    `receive` and `orphan` may be called from any thread, also before `run`.
    """

    def __init__(self, job: Job, send: Callable[[FromWorker], None]) -> None:
        """
        Take a job.

        Args:
            job: What there is to do.
            send: Hands a message to the coordinator; callable from any thread, and never
                waits.

        """
        self._job = job
        self._send = send
        self._lock = threading.Lock()
        self._early: list[ToWorker] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._run_context: RunContext | None = None
        self._must_stop = False
        self._begin: asyncio.Future[Begin] | None = None
        self._load: LocalLoad | None = None
        self._control: Control | None = None
        self._now_epoch_s = time.time
        self._unpacked_in = ""

    def run(self) -> None:
        """Do the job, to its end; whatever goes wrong is reported to the coordinator."""
        with captured_logging(self._log, debug=self._job.logs_debug):
            self._run()

    def _run(self) -> None:
        try:
            host = self._job.make_host(self._job.script, self._job.environment)
            self._unpacked_in = host.unpacked_in
            try:
                # Its console was heard when the coordinator read it.
                host.read(
                    lambda level, text, fields: None,
                    memory_limit_bytes=self._job.options.memory_limit_bytes,
                )
                run_to_end(self._work(host))
            finally:
                host.close()
        except GharialError as error:
            self._send(Failed(error))
        except Exception as error:
            self._send(Failed(WorkerCrashedError(type(error).__name__, str(error))))

    def receive(self, message: ToWorker) -> None:
        """Take a message of the coordinator's."""
        with self._lock:
            if isinstance(message, Stop):
                self._must_stop = True
                if self._run_context is not None:
                    # Also heeded by script code that keeps the loop from turning.
                    self._run_context.is_stopping = True
            if self._loop is None:
                self._early.append(message)
                return
            loop = self._loop
        try:
            loop.call_soon_threadsafe(self._handle, message)
        except RuntimeError:
            # The loop has ended: there is nobody to report to.
            return

    async def _work(self, host: ScriptHost) -> None:
        job = self._job
        registry = new_registry(host.metrics, keeps_samples=job.keeps_samples)
        options = job.options
        if options.rps or options.ws_debug:
            shares = {
                "rps": options.rps and max(1, job.segment.share(options.rps)),
                "ws_debug": job.segment.share(options.ws_debug),
            }
            options = options.with_(**shares)
        services = vu_services(
            options,
            registry,
            job.environment,
            self._log,
            epoch_offset_s=job.epoch_offset_s,
        )
        self._now_epoch_s = services.clock.epoch_s
        logs = RepeatedLogs(self._log, services.clock.now_s)
        services.log = logs.log
        # All of a machine's users may be, say, the even ones of the run.
        services.run.takes_turns_here = options.cluster is not None
        services.run.secrets = job.secrets
        control = self._control = Control()
        services.run.abort = self._abort
        services.run.mark_failed = lambda text: self._send(MarkedFailed(text))
        load = self._load = LocalLoad(
            host,
            services,
            executors_of(job.options, job.segment),
            control,
            tags=TagSet.of(job.options.tags),
            segment=job.segment,
        )
        self._begin = asyncio.get_running_loop().create_future()
        self._listen(services.run)
        measurements = services.measurements
        ticker = asyncio.ensure_future(self._tick(load, measurements))
        try:
            await load.prepare()
            self._send(Ready(load.status()))
            await self._run_scenarios(load, control)
        finally:
            ticker.cancel()
            await asyncio.gather(ticker, return_exceptions=True)
            load.close()
            logs.flush()
            await services.close()
        self._send(Finished(load.status(), self._measured(measurements)))

    async def _run_scenarios(self, load: LocalLoad, control: Control) -> None:
        assert self._begin is not None
        stopped: asyncio.Future[Any] = asyncio.ensure_future(control.stopped.wait())
        begun: asyncio.Future[Any] = self._begin
        try:
            await asyncio.wait({begun, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
        if control.stopped.is_set():
            return
        begin = self._begin.result()
        # All workers agree on a moment of the day; from there on each goes by its own
        # monotonic clock.
        ahead_s = begin.at_epoch_s - self._now_epoch_s()
        await load.run(begin.setup_data, started_at_s=time.monotonic() + ahead_s)

    def _listen(self, run: RunContext) -> None:
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._run_context = run
            run.is_stopping = self._must_stop
            early, self._early = self._early, []
        for message in early:
            self._handle(message)

    def _handle(self, message: ToWorker) -> None:
        assert self._load is not None
        assert self._control is not None
        assert self._begin is not None
        match message:
            case Begin():
                if not self._begin.done():
                    self._begin.set_result(message)
            case Stop():
                self._control.stop(ExitCode.OK, "")
            case Pause():
                self._load.pause()
            case Resume():
                self._load.resume()
            case Scale(vus):
                self._load.scale(vus)

    async def _tick(self, load: LocalLoad, measurements: Measurements) -> None:
        told = 0
        while True:
            # All workers report at the same moments, so that their seconds are the same.
            await asyncio.sleep(TICK_S - self._now_epoch_s() % TICK_S)
            now_s = self._now_epoch_s()
            due = int(now_s / SNAPSHOT_S + SOON)
            measured = None
            if due > told:
                told, due_at_s = due, due * SNAPSHOT_S
                is_on_time = now_s - due_at_s < TICK_S
                until_s = due_at_s if is_on_time else now_s
                measured = self._measured(measurements, until_s)
            self._send(Progress(load.status(), measured))

    def _measured(
        self, measurements: Measurements, until_epoch_s: float | None = None
    ) -> Measured:
        """Return what was measured since the last call."""
        registry = measurements.registry
        snapshot = registry.drain()
        thrown = tuple(
            replace(
                each,
                message=self._named(each.message),
                place=self._named(each.place),
                stack=self._named(each.stack),
            )
            for each in measurements.exceptions.take()
        )
        return Measured(
            snapshot,
            until_epoch_s,
            registry.collect_samples(),
            thrown,
            frozenset(measurements.matched_sockets),
            measurements.failures.take(),
        )

    def _abort(self, message: str) -> None:
        self._send(Aborted(message))
        if self._control is not None:
            self._control.abort(message)

    def _log(self, level: int, text: str, fields: Mapping[str, str]) -> None:
        self._send(Logged(level, self._named(text), dict(fields)))

    def _named(self, text: str) -> str:
        """Return a string without the folder that only this worker has its script in."""
        return text.replace(self._unpacked_in, "") if self._unpacked_in else text
