"""
One measurement: a server on one core, a client on the other, and a window of time.

The server counts the messages, the system the client's CPU time; neither asks the client
anything, so that any client can be measured alike.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from benchmarks.counters import DONE, GO, OPEN, OPENED, RECEIVED, Counters

START_LIMIT_S = 180.0
FLOOD_LIMIT_S = 180.0
FLOOD_MESSAGES = 1_000_000
SETTLE_S = 1.0


class BenchmarkError(Exception):
    """A client or the server did not do what was asked of it."""


@dataclass(frozen=True, slots=True)
class Load:
    """
    What a client is to do.

    Attributes:
        mode: ``echo``, ``receive``, ``send``, ``connect``, ``idle`` or ``timers``.
        users: Virtual users.
        sockets: Sockets (of ``timers``: timers) in each of them.
        size_bytes: Length of a message's payload.
        kind: ``text`` or ``binary``.
        is_secure: Whether over TLS.
        has_listener: Whether the script listens to messages.

    """

    mode: str
    users: int
    sockets: int = 1
    size_bytes: int = 32
    kind: str = "text"
    is_secure: bool = False
    has_listener: bool = True

    @property
    def flood_per_connection(self) -> int:
        """Messages that the server sends over each connection of ``receive``."""
        return FLOOD_MESSAGES // max(self.connections, 1)

    @property
    def connections(self) -> int:
        """Connections that are open at once."""
        return 0 if self.mode == "timers" else self.users * self.sockets


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What one window showed.

    Attributes:
        count: Messages (of ``connect``: connections) in it.
        cpu_s: CPU time that the client took in it, in seconds.
        seconds: Its length.
        memory_bytes: Private memory of the client at its end.
        start_cpu_s: CPU time that the client had taken when the window began.
        lag_ms: p50 and p99 of how late the client's event loop was, if it tells.

    """

    count: int
    cpu_s: float
    seconds: float
    memory_bytes: int
    start_cpu_s: float
    lag_ms: tuple[float, float] | None = None

    @property
    def cpu_us(self) -> float:
        """CPU time for one message, in microseconds."""
        return self.cpu_s / max(self.count, 1) * 1e6


def pin(core: int) -> None:
    """Keep a process to one of the cores that we may use, where that can be done."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, and what it counts."""

    port: int
    counters: Counters

    def url(self, load: Load) -> str:
        """Return where a load is to go."""
        path = {
            "receive": f"/flood?size={load.size_bytes}&kind={load.kind}"
            f"&count={load.flood_per_connection}",
            "send": "/sink",
        }.get(load.mode, "/echo")
        scheme = "wss" if load.is_secure else "ws"
        return f"{scheme}://127.0.0.1:{self.port}{path}"


@contextmanager
def server(
    *, is_secure: bool = False, addresses: str = "127.0.0.1"
) -> Iterator[Server]:
    """Run the server on the first core."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counters"
        counters = Counters(path, create=True)
        command = [
            *(sys.executable, "-m", "benchmarks.server", str(path)),
            f"--addresses={addresses}",
            *(["--tls"] if is_secure else []),
        ]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: pin(0)
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise BenchmarkError("the server did not start")
            yield Server(int(line), counters)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
            counters.close()


def measure(
    command: Sequence[str],
    environment: Mapping[str, str],
    load: Load,
    where: Server,
    *,
    seconds: float,
    cores: Sequence[int] = (1,),
    address: str = "",
) -> Reading:
    """
    Start a client, let it settle, and read a window of it.

    Args:
        command: What starts it.
        environment: Its variables beside ours.
        load: What it does.
        where: The server.
        seconds: Length of the window.
        cores: Where it may run.
        address: Where one of ours can be asked for its loop's lag.

    Raises:
        BenchmarkError: If it ends too early or does not open all connections.

    """
    with started(command, environment, load, where, cores=cores) as client:
        reading = _read(client, load, where, seconds)
        return replace(reading, lag_ms=_lag_ms(address)) if address else reading


@contextmanager
def started(
    command: Sequence[str],
    environment: Mapping[str, str],
    load: Load,
    where: Server,
    *,
    cores: Sequence[int] = (1,),
) -> Iterator[subprocess.Popen[bytes]]:
    """
    Have a client that has settled inside the block, see `measure`.

    Raises:
        BenchmarkError: If it ends too early or does not open all connections.

    """
    before = list(where.counters.values)
    with tempfile.TemporaryFile() as output:
        client = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=(lambda: pin(cores[0])) if len(cores) == 1 else None,
        )
        try:
            _await_load(client, load, where, before)
            yield client
        except BenchmarkError as error:
            output.seek(0)
            tail = output.read().decode("utf-8", "replace")[-2000:]
            raise BenchmarkError(f"{error}\n{tail}") from None
        finally:
            _end(client)
            _await_quiet(where)


def _await_load(
    client: subprocess.Popen[bytes], load: Load, where: Server, before: list[int]
) -> None:
    until_s = time.monotonic() + START_LIMIT_S
    values = where.counters.values
    if not load.connections:
        # Nothing tells that all is set up but that nothing is done any more, or that
        # as much is done as in the second before.
        time.sleep(4)
        _await_steady(client)
    wanted = 1 if load.mode == "connect" else load.connections
    while (
        values[OPENED] - before[OPENED] < wanted
        if load.mode == "connect"
        else values[OPEN] < wanted
    ):
        if client.poll() is not None:
            raise BenchmarkError(f"the client ended with {client.returncode}")
        if time.monotonic() > until_s:
            raise BenchmarkError(f"only {values[OPEN]} of {wanted} connections opened")
        time.sleep(0.05)
    time.sleep(SETTLE_S)


def _await_steady(client: subprocess.Popen[bytes]) -> None:
    until_s = time.monotonic() + START_LIMIT_S
    tree, before_s = _tree(client.pid), -1.0
    while time.monotonic() < until_s:
        cpu_s = _cpu_s(tree)
        time.sleep(1)
        used_s = _cpu_s(tree) - cpu_s
        if used_s < 0.05 or abs(used_s - before_s) < 0.1:
            return
        before_s = used_s


def _count(load: Load, where: Server) -> int:
    return where.counters.values[OPENED if load.mode == "connect" else RECEIVED]


def _read(
    client: subprocess.Popen[bytes], load: Load, where: Server, seconds: float
) -> Reading:
    tree = _tree(client.pid)
    count, cpu_s, at_s = _count(load, where), _cpu_s(tree), time.monotonic()
    if load.mode == "receive":
        _flood(client, load, where)
    else:
        time.sleep(seconds)
    later, later_cpu_s, later_s = _count(load, where), _cpu_s(tree), time.monotonic()
    if load.mode == "timers":
        later = count + round(load.users * load.sockets * (later_s - at_s))
    if load.mode == "receive":
        later = count + load.flood_per_connection * load.connections
    if client.poll() is not None:
        raise BenchmarkError(f"the client ended with {client.returncode}")
    if load.mode != "connect" and where.counters.values[OPEN] != load.connections:
        raise BenchmarkError(
            f"{where.counters.values[OPEN]} of {load.connections} connections are left"
        )
    return Reading(
        count=later - count,
        cpu_s=later_cpu_s - cpu_s,
        seconds=later_s - at_s,
        memory_bytes=memory_bytes(client.pid),
        start_cpu_s=cpu_s,
    )


def _lag_ms(address: str) -> tuple[float, float] | None:
    url = f"http://{address}/v1/metrics/vu_loop_lag"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            sample = json.load(answer)["data"]["attributes"]["sample"]
    except (OSError, KeyError):
        return None
    return sample["p(50)"], sample["p(99)"]


def free_address() -> str:
    """Return an address of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def _flood(client: subprocess.Popen[bytes], load: Load, where: Server) -> None:
    """Let the server send all that it has, and wait until all of it is taken."""
    values = where.counters.values
    values[DONE] = 0
    values[GO] = 1
    until_s = time.monotonic() + FLOOD_LIMIT_S
    try:
        while values[DONE] < load.connections:
            if client.poll() is not None or time.monotonic() > until_s:
                raise BenchmarkError("the flood was not taken")
            time.sleep(0.005)
    finally:
        values[GO] = 0


def _tree(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _cpu_s(tree: list[psutil.Process]) -> float:
    # In the system's ticks of 10 ms: windows are seconds.
    return sum(sum(one.cpu_times()[:2]) for one in tree)


def memory_bytes(pid: int) -> int:
    """Return the private memory of a process and its children."""
    return sum(_private_bytes(one) for one in _tree(pid))


def _private_bytes(process: psutil.Process) -> int:
    info = process.memory_full_info()
    # What is swapped out is not given back.
    return int(info.uss) + int(getattr(info, "swap", 0))


def _end(client: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        try:
            os.killpg(client.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    else:
        client.kill()
    client.wait()


def _await_quiet(where: Server) -> None:
    until_s = time.monotonic() + 30
    while where.counters.values[OPEN] and time.monotonic() < until_s:
        time.sleep(0.02)
