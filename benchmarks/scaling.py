"""
What a second worker adds: iterations a second of two workers beside those of one.

    python -m benchmarks.scaling

An echo server would take one of the two cores that most machines here have, so each
iteration works for itself: it sets timers and waits for them, as sockets' events would.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

from benchmarks.clients import JAVASCRIPT, OURS

ALLOWED = 1.8
SCRIPTS = {
    JAVASCRIPT: """
export default async function () {
  for (let i = 0; i < 20; i += 1) await new Promise((later) => setTimeout(later, 0));
}
""",
    "python": """
import asyncio
from gharial import set_timeout

async def default():
    for _ in range(20):
        done = asyncio.get_running_loop().create_future()
        set_timeout(lambda done=done: done.set_result(None), 0)
        await done
""",
}


def rate(client: str, workers: int, seconds: int) -> float:
    """Return the iterations a second that so many workers do."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / ("work.js" if client == JAVASCRIPT else "work.py")
        script.write_text(SCRIPTS[client], "utf-8")
        summary = Path(folder) / "summary.json"
        subprocess.run(
            [
                sys.executable,
                "-m",
                "gharial",
                "run",
                "--quiet",
                "--vus",
                "20",
                "--workers",
                str(workers),
                "--duration",
                f"{seconds}s",
                "--summary-export",
                str(summary),
                str(script),
            ],
            check=True,
            capture_output=True,
            env=os.environ,
        )
        metrics = json.loads(summary.read_text("utf-8"))["metrics"]
        return float(metrics["iterations"]["rate"])


@click.command(help=__doc__)
@click.option("--repetitions", default=3, show_default=True)
@click.option("--seconds", default=10, show_default=True)
def main(repetitions: int, seconds: int) -> None:
    """Compare, taking turns."""
    console, is_missed = Console(), False
    for client in OURS:
        ratios = []
        for _ in range(repetitions):
            one, two = (rate(client, workers, seconds) for workers in (1, 2))
            ratios.append(two / one)
            console.print(f"{client}: {one:,.0f}/s by one worker, {two:,.0f}/s by two")
        ratio = statistics.median(ratios)
        is_missed |= ratio < ALLOWED
        mark = "[red]missed" if ratio < ALLOWED else "[green]met"
        console.print(f"{client}: {ratio:.2f} ×, budget {ALLOWED} × {mark}")
    sys.exit(is_missed)


if __name__ == "__main__":
    main()
