"""
What the dashboard costs a run: client CPU a message without viewers, and with many.

    python -m benchmarks.viewers
"""

import asyncio
import os
import statistics
import subprocess
import sys
from contextlib import suppress

import click
from rich.console import Console

from benchmarks import clients
from benchmarks.measure import Load, free_address, measure, server

ALLOWED = 1.05
LOAD = Load("echo", 100)


async def watch(address: str, count: int) -> None:
    """Look at a dashboard with so many pages, until killed."""
    host, port = address.split(":")

    async def page() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(host, int(port))
                request = f"GET /events HTTP/1.1\r\nHost: {address}\r\n\r\n"
                writer.write(request.encode())
                while await reader.read(65_536):
                    pass
            await asyncio.sleep(0.1)

    await asyncio.gather(*(page() for _ in range(count)))


def cost_us(client: str, viewers: int, seconds: float) -> float:
    """Return the client's CPU time for one message, in microseconds."""
    address = free_address()
    with server() as where:
        looking = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.viewers",
                "--watch",
                address,
                "--viewers",
                str(viewers),
            ],
            preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
        )
        try:
            flags = ("--dashboard", address)
            command, environment = clients.command(
                client, LOAD, where.url(LOAD), flags=flags
            )
            return measure(command, environment, LOAD, where, seconds=seconds).cpu_us
        finally:
            looking.kill()
            looking.wait()


@click.command(help=__doc__)
@click.option("--viewers", default=100, show_default=True)
@click.option("--repetitions", default=3, show_default=True)
@click.option("--seconds", default=10.0, show_default=True)
@click.option("--watch", "address", hidden=True)
def main(viewers: int, repetitions: int, seconds: float, address: str | None) -> None:
    """Compare, taking turns."""
    if address is not None:
        asyncio.run(watch(address, viewers))
        return
    console, is_missed = Console(), False
    for client in clients.OURS:
        ratios = []
        for _ in range(repetitions):
            alone = cost_us(client, 0, seconds)
            watched = cost_us(client, viewers, seconds)
            ratios.append(watched / alone)
            console.print(f"{client}: {alone:.2f} µs alone, {watched:.2f} µs watched")
        ratio = statistics.median(ratios)
        is_missed |= ratio > ALLOWED
        mark = "[red]missed" if ratio > ALLOWED else "[green]met"
        console.print(f"{client}: {ratio:.3f} ×, budget {ALLOWED} × {mark}")
    sys.exit(is_missed)


if __name__ == "__main__":
    main()
