"""The coordinator's side of the load: workers generate it, results are merged here."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import field, replace
from typing import Any

from gharial.errors import ExitCode, GharialError
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.control import Control
from gharial.lifecycle.load import LoadStatus, Loss
from gharial.lifecycle.results import Results
from gharial.log_lines import Log
from gharial.report.status import WorkerStatus
from gharial.workers.launcher import Launcher, Worker
from gharial.workers.merged_status import merged_status
from gharial.workers.messages import (
    Abandoned,
    Aborted,
    Alive,
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

# So far ahead lies the common beginning: longer than a message takes to the last worker.
BEGIN_AHEAD_S = 0.1
# A worker that says nothing for so long hangs: its heart beats in a thread of its own.
SILENCE_LIMIT_S = 15.0
WATCH_S = 1.0
# Until it has said something: it loads Python and the script, perhaps on a busy machine.
START_LIMIT_S = 60.0
# Whoever looks every second and comes so late stood still: the machine slept, or Ctrl+Z.
STOOD_STILL_S = 5.0
# What a stopped worker may take beyond the time that its virtual users have.
STOP_EXTRA_S = 5.0
# What several workers warn of in the same words is reported once.
TOLD_ONCE = frozenset({"websocket", "executor", "metrics", "sourcemap"})


class WorkerLostError(GharialError):
    """
    A worker ended before its work was done.

    Attributes:
        number: Which, from 1.
        count: Of how many.
        name: Where it was.
        reason: How it ended.
        vus: The virtual users that it had.

    """

    exit_code = ExitCode.WORKER_LOST

    def __init__(
        self, number: int, count: int, name: str, reason: str, vus: int
    ) -> None:
        super().__init__(number, count, name, reason, vus)
        self.number = number
        self.count = count
        self.name = name
        self.reason = reason
        self.vus = vus

    def __str__(self) -> str:
        users = "virtual user is" if self.vus == 1 else "virtual users are"
        return (
            f"worker {self.number} of {self.count} ({self.name}) was lost: {self.reason}; "
            f"its {self.vus} {users} lost with it"
        )


@dataclass(frozen=True, slots=True)
class CoordinatorRules:
    """
    How a coordinator deals with its workers.

    Attributes:
        stop_limit_s: The longest that virtual users may take to end.
        begin_ahead_s: So far ahead lies the common beginning: longer than a message takes
            to the last worker.
        silence_limit_s: A worker that says nothing for so long is lost.
        goes_on_without: Whether the others go on when a worker is lost.
        losses_allowed: Workers that may be lost without the run being a failed one.

    """

    stop_limit_s: float
    begin_ahead_s: float = BEGIN_AHEAD_S
    silence_limit_s: float = SILENCE_LIMIT_S
    goes_on_without: bool = False
    losses_allowed: int = 0


@dataclass(slots=True)
class _Member:
    """
    One worker, and what is known of it.

    Attributes:
        number: From 1.
        is_ready: Whether its virtual users are there.
        is_over: Whether nothing more is expected of it.
        is_lost: Whether it is counted among the lost ones.
        has_spoken: Whether it was heard at all.
        heard_at_s: When it was last heard; before that, when it was started.

    """

    number: int
    status: LoadStatus = field(default_factory=LoadStatus)
    worker: Worker | None = None
    is_ready: bool = False
    is_over: bool = False
    is_lost: bool = False
    has_spoken: bool = False
    heard_at_s: float = 0.0

    def placed_status(self) -> LoadStatus:
        """Return its status, with where it is."""
        if self.worker is None:
            return self.status
        where = self.worker.name
        return replace(
            self.status,
            crew=tuple(
                replace(each, where=where, is_lost=each.is_lost or self.is_lost)
                for each in self.status.crew
            ),
            overloads=tuple(replace(e, where=where) for e in self.status.overloads),
        )

    def send(self, message: ToWorker) -> None:
        if self.worker is not None and not self.is_over:
            self.worker.send(message)


class WorkersLoad:
    """
    A load that is shared by workers; make it on the running event loop.

    Its workers' measurements are merged into the results as they come in.
    """

    def __init__(  # noqa: PLR0913 - each is one part that it works with
        self,
        launcher: Launcher,
        jobs: Sequence[Job],
        *,
        results: Results,
        control: Control,
        log: Log,
        rules: CoordinatorRules,
        now_epoch_s: Callable[[], float] = time.time,
    ) -> None:
        """
        Take the parts; `prepare` starts the workers.

        Args:
            launcher: Starts them.
            jobs: One for each worker.
            results: Where their measurements go.
            control: What stops the run.
            log: Where their log goes.
            rules: What is waited for, and what a lost worker means.
            now_epoch_s: The time of day.

        """
        self._rules = rules
        self._launcher = launcher
        self._jobs = jobs
        self._results = results
        self._control = control
        self._now_epoch_s = now_epoch_s
        self._log = log
        self._stop_limit_s = rules.stop_limit_s + STOP_EXTRA_S
        self._members = [_Member(number) for number in range(1, len(jobs) + 1)]
        self._changed = asyncio.Event()
        self._error: Exception | None = None
        self._told: set[str] = set()
        self._losses: list[Loss] = []
        self._has_begun = False
        self._began_at_s = 0.0
        self._is_paused = False
        self._now_s = asyncio.get_running_loop().time
        self._looked_at_s = self._woke_at_s = self._now_s()
        self._stood_still_s = 0.0

    async def prepare(self) -> None:
        """
        Start all workers and have their virtual users made, unless the run is stopped.

        Raises:
            GharialError: If a worker could not do that: the script threw, mostly.

        """
        for member, job in zip(self._members, self._jobs, strict=True):
            member.heard_at_s = self._now_s()
            member.worker = self._launcher.launch(
                job,
                on_message=_with(self._receive, member),
                on_gone=_with(self._gone, member),
            )
        await self._until(lambda: all(m.is_ready or m.is_over for m in self._members))
        if self._control.stopped.is_set():
            await self._end()
        if self._error is not None:
            await self._end()
            raise self._error

    async def run(self, setup_data: tuple[Any, ...]) -> None:
        """
        Run all scenarios, to their end or until the run is stopped, in bounded time.

        Args:
            setup_data: The arguments of every iteration.

        """
        self._has_begun = True
        self._began_at_s = self._now_s() + self._rules.begin_ahead_s
        begin = Begin(setup_data, self._now_epoch_s() + self._rules.begin_ahead_s)
        for member in self._members:
            if self._is_paused:
                member.send(Pause())
            member.send(begin)
        try:
            await self._until(lambda: all(member.is_over for member in self._members))
        finally:
            await self._end()

    def status(self) -> LoadStatus:
        """Return where it stands now."""
        merged = merged_status([member.placed_status() for member in self._members])
        return replace(merged, losses=tuple(self._losses)) if self._losses else merged

    def pause(self) -> None:
        """Let no iteration begin, and the time of the scenarios stand still."""
        self._is_paused = True
        self._tell_all(Pause())

    def resume(self) -> None:
        """Go on after `pause`."""
        self._is_paused = False
        self._tell_all(Resume())

    def scale(self, vus: int) -> None:
        """Ask for another number of virtual users in scenarios that can be scaled."""
        self._tell_all(Scale(vus))

    def abandon(self) -> None:
        """Kill the workers: this process is about to be left at once."""
        for member in self._members:
            if member.worker is not None:
                member.worker.kill()

    def close(self) -> None:
        """End the workers that are still at work; the others are leaving."""
        for member in self._members:
            if member.worker is not None and not member.is_over:
                member.is_over = True
                member.worker.kill()
                member.worker.release()

    async def left(self) -> None:
        """Return once the workers' processes are gone, in bounded time."""
        workers = [m.worker for m in self._members if m.worker is not None]
        await asyncio.gather(*(worker.left() for worker in workers))

    # -- What workers say ------------------------------------------------------------

    def _receive(self, member: _Member, message: FromWorker) -> None:
        member.heard_at_s, member.has_spoken = self._now_s(), True
        match message:
            case Progress(status, measured):
                if measured is None:
                    # Rates are over the time of which the measurements are here.
                    status = replace(status, ran_s=member.status.ran_s)
                member.status = status
                self._merge(member, measured)
                return
            case Logged(level, text, fields):
                self._pass_on(level, text, dict(fields))
                return
            case Alive():
                return
            case Ready(status):
                member.status, member.is_ready = status, True
            case Finished(status, measured):
                member.status, member.is_over = status, True
                self._merge(member, measured)
            case Failed(error):
                member.is_over = True
                self._fail(error)
            case Aborted(text):
                self._control.abort(text)
            case MarkedFailed(text):
                self._control.mark_failed(text)
            case Abandoned(silence_s):
                # What it measured until now still comes.
                silence = f"{silence_s:g} s"
                text = f"it did not hear from the coordinator for {silence} and stopped"
                self._lost(member, text)
        self._changed.set()

    def _gone(self, member: _Member, reason: str) -> None:
        if member.is_over:
            return
        member.is_over = True
        self._lost(member, reason + self._excuse())
        member.status = lost(member.status)
        self._changed.set()

    def _excuse(self) -> str:
        """Return what to add to how a worker ended that may have ended by itself."""
        now_s = self._now_s()
        stood_still_s = now_s - self._looked_at_s
        if stood_still_s <= STOOD_STILL_S and now_s - self._woke_at_s < STOOD_STILL_S:
            stood_still_s = self._stood_still_s
        if stood_still_s <= STOOD_STILL_S:
            return ""
        return f" while this process stood still for {stood_still_s:.0f} s"

    def _lost(self, member: _Member, reason: str) -> None:
        if member.is_lost:
            return
        member.is_lost = True
        worker = member.worker
        error = WorkerLostError(
            member.number,
            len(self._members),
            worker.name if worker is not None else "",
            reason,
            member.status.vus_max,
        )
        self._log(logging.ERROR, str(error), {"source": "workers"})
        if not self._rules.goes_on_without or not self._has_begun:
            self._control.stop(error.exit_code, str(error))
            return
        self._losses.append(
            Loss(
                error.name,
                self._now_s() - self._began_at_s,
                self._jobs[member.number - 1].segment.proportion,
                error.vus,
                error.reason,
            )
        )
        if len(self._losses) > self._rules.losses_allowed or all(
            each.is_over or each.is_lost for each in self._members
        ):
            self._control.fail(error.exit_code, str(error))

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        code = error.exit_code if isinstance(error, GharialError) else ExitCode.INTERNAL
        self._control.stop(code, str(error))

    def _merge(self, member: _Member, measured: Measured | None) -> None:
        if measured is not None:
            self._results.exceptions.merge(measured.exceptions)
            self._results.matched_sockets |= measured.matched_sockets
            self._results.failures.merge(measured.failures)
            self._results.merge(
                measured.snapshot,
                measured.samples,
                str(member.number),
                measured.until_epoch_s,
            )

    def _pass_on(self, level: int, text: str, fields: dict[str, str]) -> None:
        if fields.get("source") in TOLD_ONCE:
            if text in self._told:
                return
            self._told.add(text)
        self._log(level, text, fields)

    # -- The inside ------------------------------------------------------------------

    def _tell_all(self, message: ToWorker) -> None:
        for member in self._members:
            member.send(message)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so or the run is stopped; watch the workers."""
        stopped = asyncio.ensure_future(self._control.stopped.wait())
        self._looked_at_s = self._now_s()
        try:
            while not is_so() and not stopped.done():
                self._changed.clear()
                changed = asyncio.ensure_future(self._changed.wait())
                await asyncio.wait(
                    {changed, stopped},
                    timeout=WATCH_S,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                changed.cancel()
                self._look_for_silence()
        finally:
            stopped.cancel()

    async def _end(self) -> None:
        """Stop the workers that still work, in bounded time, and let all of them go."""
        self._tell_all(Stop())
        self._looked_at_s = self._now_s()
        give_up_at_s = self._looked_at_s + self._stop_limit_s
        while not all(member.is_over for member in self._members):
            give_up_at_s += self._look_for_silence()
            left_s = give_up_at_s - self._now_s()
            if left_s <= 0:
                break
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), min(left_s, WATCH_S))
        for member in self._members:
            if not member.is_over and member.worker is not None:
                member.worker.kill()
                self._gone(member, "it did not end when it was told to")
        for member in self._members:
            if member.worker is not None:
                # What is next need not wait until their processes are gone.
                member.worker.release()

    def _look_for_silence(self) -> float:
        """Give up workers that hang; return how long this process itself stood still."""
        now_s = self._now_s()
        stood_still_s = now_s - self._looked_at_s
        self._looked_at_s = now_s
        if stood_still_s > STOOD_STILL_S:
            self._woke_at_s, self._stood_still_s = now_s, stood_still_s
            # Workers may have said much meanwhile, or been stopped as well.
            for member in self._members:
                member.heard_at_s = now_s
            return stood_still_s
        for member in self._members:
            limit_s = (
                self._rules.silence_limit_s if member.has_spoken else START_LIMIT_S
            )
            if not member.is_over and now_s - member.heard_at_s > limit_s:
                if member.worker is not None:
                    member.worker.kill()
                self._gone(member, f"it was silent for {limit_s:g} s")
        return 0.0


def lost(status: LoadStatus) -> LoadStatus:
    """Return what is left of a worker's status: what it did, and nobody at work."""
    return LoadStatus(
        iterations_completed=status.iterations_completed,
        iterations_failed=status.iterations_failed,
        iterations_interrupted=status.iterations_interrupted + status.vus,
        errors=status.errors,
        ran_s=status.ran_s,
        overloads=status.overloads,
        crew=tuple(WorkerStatus(one.number, is_lost=True) for one in status.crew),
    )


def _with(
    callback: Callable[[_Member, Any], None], member: _Member
) -> Callable[[Any], None]:
    return lambda argument: callback(member, argument)
