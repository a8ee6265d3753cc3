"""
Runs in the process of one worker, on a machine of a cluster.

It does not depend on the engine that starts it: `ray_engine` makes it an actor.
"""

import os
import queue
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from gharial.cluster.clock_offset import ClockReading, read_clocks
from gharial.cluster.node_facts import NodeFacts, node_facts, undo_niceness
from gharial.cluster.weights import measured_speed
from gharial.errors import ExitCode
from gharial.lazy_dataclass import dataclass
from gharial.scripting.languages import ARCHIVE_SUFFIX
from gharial.workers.messages import (
    Abandoned,
    Alive,
    FromWorker,
    Job,
    Logged,
    Progress,
    Stop,
    ToWorker,
)
from gharial.workers.outgoing import Outgoing
from gharial.workers.worker import WorkerSession

HEARTBEAT_S: Final = 1.0
"""Without anything to say, a worker says that it is there."""

BATCH_S: Final = 0.5
"""What can wait is sent so often: each message of an actor takes the coordinator CPU."""

SILENCE_LIMIT_S: Final = 8.0
"""Load ends when the coordinator has not been heard for so long."""

ORPHAN_LIMIT_S: Final = 2.0
"""So long may the end take then; the process is left at once after it."""


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """
    A job as it travels.

    Attributes:
        job: The job; its script is the name for people.
        archive: The script with all that it needs, as ``gharial archive`` writes it.

    """

    job: Job
    archive: bytes


class WorkerActor:
    """One worker; its methods are called from the coordinator, several at a time."""

    def __init__(self) -> None:
        self._outgoing = Outgoing()
        self._lock = threading.Lock()
        self._early: list[ToWorker] = []
        self._session: WorkerSession | None = None
        self._heard_at_s = time.monotonic()

    def facts(self) -> NodeFacts:
        """Return what this machine is and has."""
        undo_niceness()
        return node_facts()

    def clocks(self) -> ClockReading:
        """Return what time it is here."""
        return read_clocks()

    def speed(self) -> float:
        """Return how fast this machine calculates, see `measured_speed`."""
        return measured_speed(time.thread_time)

    def hear(self, messages: Sequence[ToWorker] = ()) -> None:
        """Take messages of the coordinator, or none: it is there."""
        self._heard_at_s = time.monotonic()
        with self._lock:
            session = self._session
            if session is None:
                self._early.extend(messages)
                return
        for message in messages:
            session.receive(message)

    def work(self, given: WorkerJob) -> Iterator[list[FromWorker]]:
        """
        Do a job; yield what there is to say, several messages at a time, to its end.

        A generator that is streamed to the coordinator.
        """
        threading.Thread(target=self._watch_coordinator, daemon=True).start()
        with tempfile.TemporaryDirectory(prefix="gharial-") as folder:
            path = Path(folder, f"{Path(given.job.script).stem}{ARCHIVE_SUFFIX}")
            path.write_bytes(given.archive)
            session = WorkerSession(
                replace(given.job, script=str(path)), self._outgoing.put
            )
            with self._lock:
                self._session = session
                early, self._early = self._early, []
            for message in early:
                session.receive(message)
            thread = threading.Thread(
                target=self._run, args=(session,), name="gharial-worker", daemon=True
            )
            thread.start()
            yield from batches(self._outgoing)
            thread.join()

    def _run(self, session: WorkerSession) -> None:
        undo_niceness()
        try:
            session.run()
        finally:
            self._outgoing.close()

    def _watch_coordinator(self) -> None:
        """Stop the load when nobody judges it any more, and leave in any case."""
        while (left_s := self._heard_at_s + SILENCE_LIMIT_S - time.monotonic()) > 0:
            time.sleep(left_s)
        self._outgoing.put(Abandoned(SILENCE_LIMIT_S))
        self.hear([Stop()])
        time.sleep(ORPHAN_LIMIT_S)
        os._exit(ExitCode.WORKER_LOST)


def batches(outgoing: Outgoing) -> Iterator[list[FromWorker]]:
    """
    Yield messages until the last: what can wait every `BATCH_S`, all else at once.

    With nothing to say for `HEARTBEAT_S`, that the worker is there.
    """
    waiting: list[FromWorker] = []
    due_at_s = time.monotonic() + HEARTBEAT_S
    while True:
        message: FromWorker | None
        try:
            message = outgoing.take(max(0.0, due_at_s - time.monotonic()))
        except queue.Empty:
            yield waiting or [Alive()]
            waiting, due_at_s = [], time.monotonic() + HEARTBEAT_S
            continue
        if message is None:
            if waiting:
                yield waiting
            return
        if not waiting:
            due_at_s = min(due_at_s, time.monotonic() + BATCH_S)
        waiting.append(message)
        if not isinstance(message, (Progress, Logged)):
            yield waiting
            waiting, due_at_s = [], time.monotonic() + HEARTBEAT_S
