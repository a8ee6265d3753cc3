"""
What a cluster costs: the same load by processes of this machine and by actors on it.

``python -m benchmarks.cluster [SECONDS [REPETITIONS]]`` prints, for ``--workers 2`` and for
``--cluster local --workers 2``, the CPU time that a message takes in the workers, and next
to it what the coordinator and Ray's own processes take in each second of the run.
"""

import statistics
import sys
import time
from collections.abc import Mapping

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
"""In the workers: microseconds a message; in all else: milliseconds a second."""


def costs(kind: str, where: Server, seconds: float) -> Costs:
    """Measure one window of a run."""
    command, environment = clients.command(
        clients.JAVASCRIPT, LOAD, where.url(LOAD), workers=WORKERS, flags=FLAGS[kind]
    )
    values = where.counters.values
    with started(command, environment, LOAD, where, cores=(0, 1)) as client:
        before, counted, at_s = _cpu_s(client.pid), values[RECEIVED], time.monotonic()
        time.sleep(seconds)
        after, count = _cpu_s(client.pid), values[RECEIVED] - counted
        took_s = time.monotonic() - at_s
    found = {part: after[part] - before[part] for part in after}
    return {
        "workers": found.pop("workers") / count * 1e6,
        **{part: cpu_s / took_s * 1e3 for part, cpu_s in found.items()},
    }


def overhead_percent(readings: Mapping[str, list[Costs]]) -> float:
    """Return how much more a message takes in the workers of a cluster, by medians."""
    here, cluster = (
        statistics.median(each["workers"] for each in readings[kind])
        for kind in (HERE, CLUSTER)
    )
    return (cluster / here - 1) * 100


def spread_percent(found: list[Costs]) -> float:
    """Return how far the windows of one kind are apart, of their median."""
    each_us = [each["workers"] for each in found]
    return (max(each_us) - min(each_us)) / statistics.median(each_us) * 100


def measured(seconds: float, repetitions: int) -> dict[str, list[Costs]]:
    """Measure both kinds, taking turns."""
    readings: dict[str, list[Costs]] = {kind: [] for kind in FLAGS}
    with server() as where:
        for _ in range(repetitions):
            for kind, found in readings.items():
                found.append(costs(kind, where, seconds))
    return readings


def _cpu_s(pid: int) -> dict[str, float]:
    found = {"workers": 0.0, "coordinator": 0.0, "Ray": 0.0}
    client = psutil.Process(pid)
    for process in [client, *client.children(recursive=True)]:
        try:
            line = " ".join(process.cmdline())
            cpu_s = sum(process.cpu_times()[:2])
        except psutil.Error:
            continue
        if process.pid == pid:
            found["coordinator"] += cpu_s
        elif "WorkerActor" in line or "spawn_main" in line:
            found["workers"] += cpu_s
        else:
            found["Ray"] += cpu_s
    return found


def main(seconds: float = 8.0, repetitions: int = 3) -> int:
    """Measure, print, and return 1 if a cluster costs more than it may."""
    readings = measured(seconds, repetitions)
    for kind, found in readings.items():
        halves = {
            part: statistics.median(each[part] for each in found) for part in found[0]
        }
        single = ", ".join(f"{each['workers']:.2f}" for each in found)
        print(
            f"{kind:10} {halves['workers']:6.2f} µs a message in the workers, "
            f"{halves['coordinator']:5.1f} ms/s in the coordinator, "
            f"{halves['Ray']:5.1f} ms/s in Ray's processes   ({single})"
        )
    percent = overhead_percent(readings)
    print(f"{TITLE}: {percent:+.1f} % CPU a message (at most {MOST_PERCENT:g} %)")
    noise_percent = max(map(spread_percent, readings.values()))
    if noise_percent > MOST_PERCENT:
        print(
            f"Windows of one kind differ by {noise_percent:.0f} %: this says nothing of "
            f"{MOST_PERCENT:g} %. Measure on a quiet machine, longer and more often"
        )
    return int(percent > MOST_PERCENT)


if __name__ == "__main__":
    numbers = [float(text) for text in sys.argv[1:3]]
    sys.exit(main(*numbers[:1], *map(int, numbers[1:])))
