"""Runs a library's virtual users: once to count what they do, twice to see what they cost."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from benchmarks.measure import memory_bytes
from tests.libraries.barrier import Barrier
from tests.libraries.client_library import Library
from tests.libraries.run_process import RunProcess
from tests.libraries.server_process import ServerProcess

USERS: Final = 20
MESSAGES: Final = 10
LIMIT_S: Final = 150.0
DOWN_S: Final = 0.5
"""How long the server is away: clients meet an address where nobody listens."""
SETTLE_S: Final = 1.0


class TrialError(Exception):
    """The users did not do, or did not count, what they should have."""


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What one more virtual user with the library costs, connected and subscribed.

    Attributes:
        start_cpu_ms: CPU time until then, in milliseconds.
        memory_kb: Private memory, in units of 1,024 bytes.
        users: How many were measured.

    """

    start_cpu_ms: float
    memory_kb: float
    users: int


def try_out(library: Library, folder: Path) -> None:
    """
    Have users talk to the server, which is killed and started again in between.

    Raises:
        TrialError: If anything is missing, or there is too much of anything.

    """
    summary = folder / "summary.json"
    summary.unlink(missing_ok=True)
    with (
        ServerProcess(library.server_script, folder) as server,
        Barrier(LIMIT_S) as barrier,
        RunProcess(
            library,
            folder,
            USERS,
            f"--env=ADDRESS={server.address}",
            f"--env=BARRIER={barrier.url}",
            f"--summary-export={summary}",
        ) as run,
    ):
        faults = []
        if _awaits(run, lambda: _is_half_done(barrier, server)):
            server.kill()
            time.sleep(DOWN_S)
            server.start()
            barrier.open()
            if not _awaits(run, lambda: run.code is not None):
                faults.append("the run did not end")
        else:
            faults.append(f"{barrier.arrived} of {USERS} users exchanged messages")
        barrier.open()
        run.stop()
        # Then all that it has heard has been read.
        server.kill()
        if run.code:
            faults.append(f"the run ended with {run.code}")
        faults += _miscounts(server, summary)
        if faults:
            raise TrialError("; ".join(faults), run.said, server.said)


def _is_half_done(barrier: Barrier, server: ServerProcess) -> bool:
    # Some servers are listened to by another process, which may be behind.
    heard = server.heard.total()
    return barrier.arrived == USERS and heard >= USERS * MESSAGES // 2


def measure(library: Library, folder: Path) -> Cost:
    """Return what a user costs: many by one, so that what all share does not count."""
    many = library.measured_users
    (one_cpu_s, one_bytes), (all_cpu_s, all_bytes) = (
        _held(library, folder, users) for users in (1, many)
    )
    return Cost(
        start_cpu_ms=(all_cpu_s - one_cpu_s) / (many - 1) * 1e3,
        memory_kb=(all_bytes - one_bytes) / (many - 1) / 1024,
        users=many,
    )


def _held(library: Library, folder: Path, users: int) -> tuple[float, int]:
    with (
        ServerProcess(library.server_script, folder) as server,
        RunProcess(library, folder, users, f"--env=ADDRESS={server.address}") as run,
    ):
        if not _awaits(run, lambda: run.connected == users):
            raise TrialError(
                f"not all of {users} users connected", run.said, server.said
            )
        time.sleep(SETTLE_S)
        process = psutil.Process(run.pid)
        cpu = process.cpu_times()
        return cpu.user + cpu.system, memory_bytes(run.pid)


def _awaits(run: RunProcess, is_so: Callable[[], bool]) -> bool:
    """Return whether something becomes true before a user fails or the time is over."""
    until_s = time.monotonic() + LIMIT_S
    while not is_so():
        if run.has_failed or run.code is not None or time.monotonic() > until_s:
            return is_so()
        time.sleep(0.05)
    return True


def _miscounts(server: ServerProcess, summary: Path) -> Iterator[str]:
    expected = {
        f"user{user}-{number}"
        for user in range(1, USERS + 1)
        for number in range(1, MESSAGES + 1)
    }
    if server.heard.keys() != expected or set(server.heard.values()) != {1}:
        count = server.heard.total()
        yield f"the server heard {count} messages, expected each of {len(expected)} once"
    metrics = (
        json.loads(summary.read_text("utf-8"))["metrics"] if summary.exists() else {}
    )
    for name, count in (
        ("library_connections", 2 * USERS),
        ("library_messages", MESSAGES * USERS),
        ("library_ends", USERS),
        ("iterations", USERS),
    ):
        if (found := metrics.get(name, {}).get("count", 0)) != count:
            yield f"{name} is {found}, expected {count}"
