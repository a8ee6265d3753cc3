"""
What a cluster costs: the same load by processes of this machine and by actors on it.

``python -m benchmarks.cluster [SECONDS [WINDOWS]]`` runs ``--workers 2`` and
``--cluster local --workers 2`` next to each other, and prints for both the CPU time that a
message takes in the threads that load, and what all else takes in each second of the run:
the other threads of the workers, the coordinator and Ray's own processes.

What Ray's threads take in a worker does not depend on its load. So the overhead is stated
for workers that have a core each to themselves, however little of one they get here.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psutil

from benchmarks import clients
from benchmarks.counters import RECEIVED
from benchmarks.measure import Load, Server, server, started

TITLE = "Overhead of the cluster"
WORKERS = 2
LOAD = Load("echo", 100)
HERE, CLUSTER = "processes", "cluster"
FLAGS = {HERE: (), CLUSTER: ("--cluster", "local")}
MOST_PERCENT = 3.0

Costs = Mapping[str, float]
"""In the threads that load: microseconds a message; in all else: milliseconds a second."""


@dataclass(frozen=True)
class Client:
    """A run under way, and the server that it loads, which counts its messages."""

    pid: int
    where: Server

    def counted(self) -> Costs:
        """Return its CPU time by part, in seconds, and the server's messages."""
        return {**_cpu_s(self.pid), "messages": self.where.counters.values[RECEIVED]}


@contextmanager
def client(kind: str) -> Iterator[Client]:
    """Have a run of that kind which has settled, against a server of its own."""
    with server() as where:
        command, environment = clients.command(
            clients.JAVASCRIPT,
            LOAD,
            where.url(LOAD),
            workers=WORKERS,
            flags=FLAGS[kind],
        )
        with started(command, environment, LOAD, where, cores=(0, 1)) as process:
            yield Client(process.pid, where)


def costs(before: Costs, after: Costs, took_s: float) -> Costs:
    """Return what one window cost."""
    found = {part: after[part] - before[part] for part in after}
    return {
        "load": found.pop("load") / found.pop("messages") * 1e6,
        **{part: cpu_s / took_s * 1e3 for part, cpu_s in found.items()},
    }


def overheads_percent(readings: Mapping[str, list[Costs]]) -> list[float]:
    """Return for each window how much more a message takes in a worker of the cluster."""
    return [
        (cluster["load"] / here["load"] - 1) * 100
        + (cluster["threads"] - here["threads"]) / WORKERS / 1e3 * 100
        for here, cluster in zip(readings[HERE], readings[CLUSTER], strict=True)
    ]


def measured(seconds: float, repetitions: int) -> dict[str, list[Costs]]:
    """
    Measure both kinds in the same windows, while both run.

    What else a machine does, and how fast it is just then, meets both alike.
    """
    readings: dict[str, list[Costs]] = {kind: [] for kind in FLAGS}
    with ExitStack() as stack:
        running = {kind: stack.enter_context(client(kind)) for kind in FLAGS}
        for _ in range(repetitions):
            before, at_s = _all_counted(running), time.monotonic()
            time.sleep(seconds)
            after, took_s = _all_counted(running), time.monotonic() - at_s
            for kind, found in readings.items():
                found.append(costs(before[kind], after[kind], took_s))
    return readings


def _all_counted(running: Mapping[str, Client]) -> dict[str, Costs]:
    return {kind: each.counted() for kind, each in running.items()}


def _cpu_s(pid: int) -> dict[str, float]:
    found = {"load": 0.0, "threads": 0.0, "coordinator": 0.0, "Ray": 0.0}
    client = psutil.Process(pid)
    for process in [client, *client.children(recursive=True)]:
        try:
            line = " ".join(process.cmdline())
            cpu_s = sum(process.cpu_times()[:2])
            threads = [sum(thread[1:]) for thread in process.threads()]
        except psutil.Error:
            continue
        if process.pid == pid:
            found["coordinator"] += cpu_s
        elif "WorkerActor" in line or "spawn_main" in line:
            found["load"] += max(threads)
            found["threads"] += sum(threads) - max(threads)
        else:
            found["Ray"] += cpu_s
    return found


def main(seconds: float = 2.0, repetitions: int = 20) -> int:
    """Measure, print, and return 1 if a cluster costs more than it may."""
    readings = measured(seconds, repetitions)
    for kind, found in readings.items():
        halves = {
            part: statistics.median(each[part] for each in found) for part in found[0]
        }
        print(
            f"{kind:10} {halves['load']:6.2f} µs a message in the threads that load; "
            f"{halves['threads']:5.1f} ms/s in the workers' other threads, "
            f"{halves['coordinator']:5.1f} in the coordinator, "
            f"{halves['Ray']:5.1f} in Ray's processes"
        )
    each_percent = overheads_percent(readings)
    percent = statistics.median(each_percent)
    low, *_, high = statistics.quantiles(each_percent, n=4)
    print(
        f"{TITLE}: {percent:+.1f} % CPU a message (at most {MOST_PERCENT:g} %); half of "
        f"{repetitions} windows lie between {low:+.1f} and {high:+.1f} %"
    )
    return int(percent > MOST_PERCENT)


if __name__ == "__main__":
    numbers = [float(text) for text in sys.argv[1:3]]
    sys.exit(main(*numbers[:1], *map(int, numbers[1:])))
