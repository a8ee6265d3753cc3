"""
A process that forks workers, so that they need not load everything again.

It is forked itself from the program, once that has loaded what a run takes, and before
there is an event loop, a thread of somebody else's, or code of the user's that shares the
interpreter's modules: nothing of theirs can be half done in it. It has one thread, and
does nothing but fork and wait, so what it forks is as clean. See
docs/explanation/decisions/0017-workers-are-forked.md.

What passes between the two, on a socket that keeps messages apart:

===================  ========================================  =========================
Direction            Message                                   With it
===================  ========================================  =========================
to the fork server   ``!``: have a worker                      its end of a connection
back                 ``started``, the process's number         a descriptor of it
back                 ``failed``, the error's number
back                 ``ended``, the process's number and how
===================  ========================================  =========================
"""

import contextlib
import errno
import io
import os
import queue
import select
import signal
import socket
import struct
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from gharial.process import collector
from gharial.process.interruption import ignore_all, interruption, signals

LoadWork = Callable[[], Callable[[int], object]]
"""Returns what a worker does, given the descriptor of its connection, until it ends."""

_MESSAGE: Final = struct.Struct("!cqq")
_STARTED, _FAILED, _ENDED = b"s", b"f", b"e"
# Forking takes milliseconds; on a machine that swaps, longer.
FORK_LIMIT_S: Final = 30.0
CLOSE_LIMIT_S: Final = 2.0
# Threads of the program that wait in a system call, and hold nothing.
_HARMLESS_THREADS: Final = frozenset({"gharial-signals", "gharial-beat"})


class ForkedWorker:
    """
    A process that the fork server forked.

    Attributes:
        pid: Its number.
        exitcode: How it ended, as `multiprocessing.Process` says it; None as long as that
            is not known.

    """

    def __init__(self, pid: int, descriptor: int) -> None:
        """Take its number and a descriptor of it, which is its own from now on."""
        self.pid = pid
        self.exitcode: int | None = None
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._has_ended = threading.Event()

    def ended(self, exit_code: int | None) -> None:
        """Take note of how it ended."""
        with self._lock:
            if not self._has_ended.is_set():
                self.exitcode = exit_code
                self._has_ended.set()
                os.close(self._descriptor)

    def kill(self) -> None:
        """End it at once, if it has not ended; never another with its number."""
        with self._lock, contextlib.suppress(OSError):
            if not self._has_ended.is_set():
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        self._has_ended.wait(timeout)

    def is_alive(self) -> bool:
        """Return whether it has not ended, as far as is known."""
        return not self._has_ended.is_set()


class ForkServer:
    """The fork server, as the program sees it; see `start`."""

    def __init__(self, control: socket.socket, pid: int) -> None:
        """Take the connection to it, and its process's number."""
        self._control = control
        self._pid = pid
        self._answers: queue.SimpleQueue[ForkedWorker | int] = queue.SimpleQueue()
        self._workers: dict[int, ForkedWorker] = {}
        self._reader = threading.Thread(
            target=self._read, name="gharial-fork-server", daemon=True
        )

    @classmethod
    def start(cls, load: LoadWork) -> "ForkServer | None":
        """
        Fork it off; None where that cannot be done, or not without danger.

        Args:
            load: Called in the fork server's process before the first worker: loads what
                all of them share, and returns what a worker does.

        """
        if not _can_fork():
            return None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Or what waits there would be written twice.
        sys.stdout.flush()
        sys.stderr.flush()
        with _interrupts_held():
            pid = _fork()
            if pid == 0:
                _be_fork_server(theirs, load)
        theirs.close()
        return cls(ours, pid)

    def fork(self, connection: int) -> ForkedWorker:
        """
        Fork a worker; call it in one thread only.

        Args:
            connection: Its end of the connection to it, which remains open here.

        Raises:
            OSError: If it cannot be forked.

        """
        if self._reader.ident is None:
            self._reader.start()
        socket.send_fds(self._control, [b"!"], [connection])
        try:
            answer = self._answers.get(timeout=FORK_LIMIT_S)
        except queue.Empty:
            raise TimeoutError("it takes too long") from None
        if isinstance(answer, int):
            raise OSError(answer, os.strerror(answer))
        return answer

    def close(self) -> None:
        """End it; workers that are still there notice, and end."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        if self._reader.is_alive():
            self._reader.join(CLOSE_LIMIT_S)
        self._control.close()
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(self._pid)
            try:
                if not select.select([descriptor], [], [], CLOSE_LIMIT_S)[0]:
                    os.kill(self._pid, signal.SIGKILL)
            finally:
                os.close(descriptor)
            os.waitpid(self._pid, 0)

    def _read(self) -> None:
        while True:
            try:
                data, descriptors, _, _ = socket.recv_fds(
                    self._control, _MESSAGE.size, 1
                )
            except OSError:
                data = b""
            if not data:
                break
            kind, pid, detail = _MESSAGE.unpack(data)
            if kind == _ENDED:
                if pid in self._workers:
                    self._workers.pop(pid).ended(detail)
            elif kind == _STARTED and not descriptors:
                # None was free for it. It ends when its connection does.
                self._answers.put(errno.EMFILE)
            elif kind == _STARTED:
                worker = self._workers[pid] = ForkedWorker(pid, descriptors[0])
                self._answers.put(worker)
            else:
                self._answers.put(pid)
        # It is gone, and nobody will say how its workers end.
        for worker in list(self._workers.values()):
            worker.ended(None)
        self._answers.put(errno.EPIPE)


def _can_fork() -> bool:
    if not hasattr(os, "pidfd_open") or not hasattr(signal, "pidfd_send_signal"):
        return False
    others = {each.name for each in threading.enumerate()} - _HARMLESS_THREADS
    if others - {threading.main_thread().name}:
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        # An old kernel, or a sandbox that forbids it.
        return False
    return True


def _fork() -> int:
    with warnings.catch_warnings():
        # Of threads that hold something: ours hold nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep signals waiting inside the block, and in what is forked there."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- In the fork server's process ------------------------------------------------------


def _be_fork_server(control: socket.socket, load: LoadWork) -> NoReturn:
    try:
        # A terminal tells all processes of its group; what follows the program says.
        ignore_all()
        interruption.uninstall()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals())
        _have_only(control.fileno())
        # What the program wants done at its end is not done here.
        weakref.finalize._registry.clear()  # type: ignore[attr-defined]
        _be_called("gharial-forks")
        _Forks(control, load).serve()
    finally:
        os._exit(0)


def _have_only(kept: int) -> None:
    """Close all descriptors but the streams and one; nothing is to be read."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))  # noqa: SIM115
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def _be_called(name: str) -> None:
    """Give this process a name in lists of processes, where there is one to be had."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name, "ascii")


class _Forks:
    """Forks workers, and says how they end, until nobody listens."""

    def __init__(self, control: socket.socket, load: LoadWork) -> None:
        self._control = control
        self._load = load
        self._work: Callable[[int], object] | None = None
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        # By descriptor of the process.
        self._pids: dict[int, int] = {}

    def serve(self) -> None:
        """Do so."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor != self._control.fileno():
                    self._tell_end(descriptor)
                    continue
                data, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
                if not data:
                    return
                if descriptors:
                    self._fork(descriptors[0])
                else:
                    self._say(_FAILED, errno.EMFILE)

    def _fork(self, connection: int) -> None:
        if self._work is None:
            with collector.paused():
                self._work = self._load()
        try:
            pid = _fork()
            if pid == 0:
                self._be_worker(connection, self._work)
            descriptor = os.pidfd_open(pid)
        except OSError as error:
            self._say(_FAILED, error.errno or 0)
            return
        finally:
            os.close(connection)
        self._pids[descriptor] = pid
        self._poll.register(descriptor, select.POLLIN)
        socket.send_fds(self._control, [_MESSAGE.pack(_STARTED, pid, 0)], [descriptor])

    def _be_worker(self, connection: int, work: Callable[[int], object]) -> NoReturn:
        try:
            self._control.close()
            for descriptor in self._pids:
                os.close(descriptor)
            _be_called("gharial-worker")
            work(connection)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)

    def _tell_end(self, descriptor: int) -> None:
        pid = self._pids.pop(descriptor)
        self._poll.unregister(descriptor)
        os.close(descriptor)
        _, status = os.waitpid(pid, 0)
        self._say(_ENDED, pid, os.waitstatus_to_exitcode(status))

    def _say(self, kind: bytes, number: int, detail: int = 0) -> None:
        # Nobody listens any more: the next look at the connection ends this.
        with contextlib.suppress(OSError):
            self._control.send(_MESSAGE.pack(kind, number, detail))
