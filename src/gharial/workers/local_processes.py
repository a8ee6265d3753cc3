"""Workers that are processes of this machine."""

import asyncio
import atexit
import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol

from gharial.errors import ExitCode
from gharial.lazy_dataclass import dataclass
from gharial.process import last_resort, native_calls
from gharial.process.interruption import ignore_all, signals
from gharial.workers.fork_server import ForkServer
from gharial.workers.launcher import Reports, Worker
from gharial.workers.messages import (
    Alive,
    FromWorker,
    Job,
    Stop,
    ToWorker,
)
from gharial.workers.outgoing import Outgoing
from gharial.workers.worker import WorkerSession

# Without anything to say, a worker says that it is there.
HEARTBEAT_S = 1.0
# A worker whose coordinator is gone ends in order within this time, or at once then.
ORPHAN_LIMIT_S = 4.0
# How long a worker that has finished may take to leave.
LEAVE_LIMIT_S = 2.0


class LocalProcesses:
    """
    Starts workers as processes.

    Args:
        fork_server: What forks them; without one, each has an interpreter of its own, which
            has to load everything.

    """

    def __init__(self, fork_server: ForkServer | None = None) -> None:
        self._fork_server = fork_server

    def launch(
        self,
        job: Job,
        *,
        on_message: Callable[[FromWorker], None],
        on_gone: Callable[[str], None],
    ) -> Worker:
        """Start a worker on a job; call it on the running event loop."""
        return _LocalWorker(self._started(job), Reports(on_message, on_gone))

    def _started(self, job: Job) -> "_Started":
        if self._fork_server is None:
            return _spawned(job)
        ours, theirs = multiprocessing.Pipe()
        try:
            process = self._fork_server.fork(theirs.fileno())
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        return _Started(process, ours, bytes(ForkingPickler.dumps(job)))


class _Process(Protocol):
    """What is needed of a worker's process; see `multiprocessing.Process`."""

    @property
    def pid(self) -> int | None: ...

    @property
    def exitcode(self) -> int | None: ...

    def join(self, timeout: float | None = None) -> None: ...

    def is_alive(self) -> bool: ...

    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Started:
    """
    A worker's process.

    Attributes:
        process: The process.
        connection: The connection to it.
        greeting: What is to be sent to it first; nothing if it is empty.

    """

    process: _Process
    connection: "Connection[Any, Any]"
    greeting: bytes = b""


def _spawned(job: Job) -> _Started:
    """Start a worker in a fresh interpreter."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=work, args=(theirs, job), name="gharial-worker", daemon=True
    )
    with theirs, _interrupts_held():
        process.start()
    return _Started(process, ours)


class _LocalWorker:
    def __init__(self, started: _Started, reports: Reports) -> None:
        self._process = started.process
        self._connection = started.connection
        self._greeting = started.greeting
        self._reports = reports
        self.name = f"process {self._process.pid}"
        self._outgoing: queue.SimpleQueue[ToWorker | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=task, name=f"gharial-worker-{name}", daemon=True)
            for task, name in ((self._read, "reader"), (self._write, "writer"))
        ]
        for thread in self._threads:
            thread.start()

    def send(self, message: ToWorker) -> None:
        """Tell it something; without effect once it is gone."""
        self._outgoing.put(message)

    def release(self) -> None:
        """Let it go; never waits. It has a moment, then it is killed."""
        self._outgoing.put(None)

    async def left(self) -> None:
        """Return once nothing of it is left, or its time for leaving is over."""
        for thread in self._threads:
            await asyncio.to_thread(thread.join, LEAVE_LIMIT_S)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def _write(self) -> None:
        try:
            if self._greeting:
                self._connection.send_bytes(self._greeting)
            while True:
                message = self._outgoing.get()
                self._connection.send(message)
                if message is None:
                    break
        except (OSError, ValueError):
            # It is gone; the reader reports it.
            return
        self._process.join(LEAVE_LIMIT_S)
        if self._process.is_alive():
            self._process.kill()

    def _read(self) -> None:
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                break
            except Exception as error:
                self._reports.gone(f"it sent an unreadable message: {error}")
                self._process.kill()
                return
            self._reports.message(message)
        self._process.join(LEAVE_LIMIT_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(LEAVE_LIMIT_S)
        self._reports.gone(_ending(self._process.exitcode))


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """
    Keep signals waiting inside the block, and in processes that are started there.

    A worker lets them in when it ignores them; until then the default would kill it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        # On Windows a process group gets the signal; no mask could be handed on.
        yield
        return
    # multiprocessing's own helper starts with the first worker, and lifts the mask.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "it closed its connection"
    if exit_code < 0:
        try:
            return f"killed by {signal.Signals(-exit_code).name}"
        except ValueError:
            return f"killed by signal {-exit_code}"
    return f"it ended with exit code {exit_code}"


# -- In the worker's process -----------------------------------------------------------


def work_forked(descriptor: int) -> None:
    """Be a worker that was forked: what it has to do comes over the connection."""
    connection: Connection[Any, Any] = Connection(descriptor)
    try:
        job = connection.recv()
    except (EOFError, OSError):
        # The coordinator is gone already.
        return
    work(connection, job)


def work(connection: "Connection[Any, Any]", job: Job) -> None:
    """Be a worker: do the job that came with the process, then end."""
    # Ctrl+C, a terminal that is closed and `timeout` reach all processes of a group; what
    # follows is for the coordinator to say.
    ignore_all()
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals())
    # Should a call that does not return keep all threads here from their turns.
    last_resort.leave_with_parent(ORPHAN_LIMIT_S + 1.0, ExitCode.WORKER_LOST)
    native_calls.allow(ExitCode.WORKER_LOST)
    outbox = _Outbox(connection)
    session = WorkerSession(job, outbox.put)
    is_released = threading.Event()
    reader = threading.Thread(
        target=_read, args=(connection, session, is_released), daemon=True
    )
    reader.start()
    session.run()
    outbox.close()
    # The coordinator lets go once it has everything, or it is gone itself.
    is_released.wait()
    _leave()


def _leave() -> None:
    """
    Leave the process without tidying up what ends with it.

    That took 0.4 s a worker, on cores that teardown and summary need, and threads of the
    script's could take for ever.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(ExitCode.OK)


class _Outbox:
    """Sends messages from a thread of its own, so that nobody has to wait."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self._outgoing = Outgoing()
        self.put = self._outgoing.put
        self._thread = threading.Thread(target=self._send_all, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send all that waits."""
        self._outgoing.close()
        self._thread.join()

    def _send_all(self) -> None:
        while True:
            message: FromWorker | None
            try:
                message = self._outgoing.take(HEARTBEAT_S)
            except queue.Empty:
                message = Alive()
            if message is None:
                return
            try:
                self._connection.send(message)
            except OSError:
                # The coordinator is gone; the reader sees to the rest.
                return


def _read(
    connection: "Connection[Any, Any]",
    session: WorkerSession,
    is_released: threading.Event,
) -> None:
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            break
        if message is None:
            is_released.set()
            return
        session.receive(message)
    # The coordinator died: end in order, and leave in any case.
    is_released.set()
    session.receive(Stop())
    threading.Event().wait(ORPHAN_LIMIT_S)
    os._exit(ExitCode.WORKER_LOST)
