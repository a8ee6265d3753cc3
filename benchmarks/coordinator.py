"""
What the coordinator of many workers takes: results of real workers, replayed.

``python -m benchmarks.coordinator [WORKERS...]`` prints, for each number of workers, which
share of one core it takes to receive and merge what they measure in a second, with the
dashboard's listener and the timeline of a report behind it. What one worker says is
recorded from a registry that an echo of 100 sockets would fill.
"""

import pickle
import sys
import time

import numpy as np

from gharial.lifecycle.load import LoadStatus
from gharial.lifecycle.results import LATE_S, Results
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.report.timeline import Timeline
from gharial.workers.messages import Measured, Progress

DEFAULT_WORKERS = (1, 16, 64, 100)
SECONDS = 20
BATCHES_PER_SECOND = 2
# A script with several requests has several series of each kind.
NAMES = 10
VALUES_PER_BATCH = 5_000


class _Listener:
    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def heard(self, batch) -> None:
        self._timeline.add(batch)

    def ended(self, result) -> None:
        return None


def said_by_one_worker(seed: int) -> bytes:
    """Return, pickled, what one worker says of half a second."""
    registry, random = Registry(), np.random.default_rng(seed)
    for name in range(NAMES):
        tags = TagSet.of({"scenario": "default", "name": f"request {name}"})
        for metric in (builtin.WS_CONNECTING, builtin.WS_SESSION_DURATION):
            registry.series(metric, tags).add_all(random.lognormal(2, 1, 50))
        registry.series(builtin.WS_REQ_DURATION, tags).add_all(
            random.lognormal(1, 1, VALUES_PER_BATCH // NAMES)
        )
        for metric in (builtin.WS_MSGS_SENT, builtin.WS_MSGS_RECEIVED):
            registry.series(metric, tags).add(VALUES_PER_BATCH / NAMES)
    registry.series(builtin.VU_LOOP_LAG, TagSet.of({"worker": str(seed)})).add_all(
        random.exponential(1, 25)
    )
    message = Progress(LoadStatus(vus=100), Measured(registry.drain()))
    return pickle.dumps([message], protocol=5)


def core_share(workers: int) -> float:
    """Return the CPU time that one second's results of so many workers take."""
    said = [said_by_one_worker(seed) for seed in range(workers)]
    now_s = 1_000_000.0
    results = Results(Registry(), Registry(), now_epoch_s=lambda: now_s, late_s=LATE_S)
    results.tell(_Listener(Timeline([])))
    results.begin()
    began_s = time.process_time()
    for _ in range(SECONDS):
        for half in range(BATCHES_PER_SECOND):
            until_s = now_s + (half + 1) / BATCHES_PER_SECOND
            for number, each in enumerate(said):
                for message in pickle.loads(each):
                    measured = message.measured
                    results.merge(
                        measured.snapshot, measured.samples, str(number), until_s
                    )
        now_s += 1.0
        results.publish()
    return (time.process_time() - began_s) / SECONDS


def main() -> None:
    """Print a line for each number of workers."""
    size = len(said_by_one_worker(0))
    print(f"one worker's half second: {size:,} bytes, {VALUES_PER_BATCH:,} answers")
    for workers in [int(each) for each in sys.argv[1:]] or DEFAULT_WORKERS:
        print(f"{workers:>4} workers: {core_share(workers):6.1%} of a core")


if __name__ == "__main__":
    main()
