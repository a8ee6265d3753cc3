"""
What takes minutes: many sockets held open, and memory after a long run.

    python -m benchmarks.endurance hold    50,000 sockets over 500 virtual users, 5 minutes
    python -m benchmarks.endurance soak    round trips for 10 minutes
"""

import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click
import psutil

from benchmarks import clients
from benchmarks.counters import OPEN, RECEIVED
from benchmarks.measure import BenchmarkError, Load, Server, memory_bytes, server

OPEN_LIMIT_S = 300.0
# Sockets that one process can have where it may open 20,000 files.
FILES_MAXIMUM = 18_000


def written_bytes(pid: int) -> int:
    """
    Return the private memory that a process has written to.

    What it only reads, code for the most part, is private or not as other processes come
    and go that read the same files: 16 MB more or less, which say nothing of the process.
    """
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if not rollup.exists():
        return memory_bytes(pid)
    total = 0
    for one in (pid, *(each.pid for each in psutil.Process(pid).children(True))):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith(("Private_Dirty:", "Swap:")):
                total += int(line.split()[1]) * 1024
    return total


def _run(
    client: str, load: Load, where: Sequence[Server], seconds: float, *, workers: int
) -> list[int]:
    """Run a client for so long; return its memory after each tenth, and at the end."""
    command, environment = clients.command(
        client,
        load,
        ",".join(each.url(load) for each in where),
        workers=workers,
        flags=("--local-ips", "127.0.0.2-127.0.0.9"),
    )
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    sizes = []

    def count(place: int) -> int:
        return sum(each.counters.values[place] for each in where)

    try:
        began_s = time.monotonic()
        while count(OPEN) < load.connections:
            if process.poll() is not None or time.monotonic() - began_s > OPEN_LIMIT_S:
                raise BenchmarkError(f"{count(OPEN):,} connections opened")
            time.sleep(0.1)
        opened_s = time.monotonic() - began_s
        print(f"{client}: {count(OPEN):,} connections open after {opened_s:.1f} s")
        for _ in range(10):
            time.sleep(seconds / 10)
            sizes.append(written_bytes(process.pid))
            print(
                f"  {count(OPEN):,} open, {count(RECEIVED):,} messages, "
                f"{sizes[-1] / 1e6:,.0f} MB",
                flush=True,
            )
            if count(OPEN) < load.connections:
                raise BenchmarkError(f"only {count(OPEN):,} connections are left")
    finally:
        for one in psutil.Process(process.pid).children(recursive=True):
            one.kill()
        process.kill()
        process.wait()
    return sizes


@click.group(help=__doc__)
def main() -> None:
    """Choose what to run."""


@main.command()
@click.option("--client", default=clients.JAVASCRIPT, show_default=True)
@click.option("--users", default=500, show_default=True)
@click.option("--sockets", default=100, show_default=True)
@click.option("--minutes", default=5.0, show_default=True)
def hold(client: str, users: int, sockets: int, minutes: float) -> None:
    """Hold sockets open, each with a ping every ten seconds."""
    load = Load("hold", users, sockets=sockets)
    shares = -(-load.connections // FILES_MAXIMUM)
    with ExitStack() as stack:
        where = [stack.enter_context(server()) for _ in range(shares)]
        sizes = _run(client, load, where, minutes * 60, workers=max(2, shares))
    print(f"{sizes[-1] / load.connections / 1024:.1f} KB a socket")


@main.command()
@click.option("--client", default=clients.JAVASCRIPT, show_default=True)
@click.option("--minutes", default=10.0, show_default=True)
def soak(client: str, minutes: float) -> None:
    """Exchange messages, and compare the memory at the end with that near the start."""
    load = Load("echo", 100)
    with server() as where:
        sizes = _run(client, load, [where], minutes * 60, workers=1)
    growth = sizes[-1] / sizes[0] - 1
    print(f"memory at the end: {growth:+.1%} of that after a tenth of the time")
    raise SystemExit(growth > 0.05)


if __name__ == "__main__":
    main()
