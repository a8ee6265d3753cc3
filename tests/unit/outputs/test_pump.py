import threading

import pytest

from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.registry import Registry
from gharial.metrics.samples import SampleBudget
from gharial.metrics.tags import EMPTY
from gharial.outputs import pump as pump_module
from gharial.outputs.base import OutputError, RunEnd, RunFacts
from gharial.outputs.pump import OutputPump, joined
from gharial.report.run_report import RunReport

FACTS = RunFacts("id", "s.js", 0.0, "1")
END = RunEnd(RunReport(1.0), 0, (), 10.0)
LIMIT_S = 240.0


def batch(second, iterations=1):
    registry = Registry(samples=SampleBudget())
    for _ in range(iterations):
        registry.series(builtin.ITERATIONS, EMPTY).add(1)
    return Batch(
        second, second + 1, second + 1, registry.drain(), registry.collect_samples()
    )


def iterations(given):
    return sum(sink.value for _, _, sink in given.delta)


class Told:
    """An output that notes what it is told, and waits where it is told to."""

    wants_samples = True

    def __init__(self):
        self.batches = []
        self.has_stopped = False
        self.go_on = threading.Event()
        self.go_on.set()
        self.is_busy = threading.Event()
        self.error = None
        self.threads = set()

    def start(self, run):
        self.run = run
        if isinstance(self.error, OutputError | KeyError):
            raise self.error

    def write(self, given):
        self.threads.add(threading.current_thread())
        self.is_busy.set()
        assert self.go_on.wait(LIMIT_S)
        if self.error is not None:
            raise self.error
        self.batches.append(given)

    def stop(self, end):
        self.end = end
        self.has_stopped = True


class World:
    def __init__(self):
        self.output = Told()
        self.warnings = []
        self.pump = OutputPump("told", self.output, self.warnings.append)

    def run_to_its_end(self):
        self.output.go_on.set()
        self.pump.end(END)
        self.pump.close(LIMIT_S)


def test_batches_come_in_order_in_another_thread_and_then_the_end():
    world = World()
    world.pump.start(FACTS)
    for second in range(5):
        world.pump.offer(batch(second))
    world.run_to_its_end()
    assert world.output.run is FACTS
    assert [given.begin_s for given in world.output.batches] == [0, 1, 2, 3, 4]
    assert world.output.end is END
    assert threading.current_thread() not in world.output.threads
    assert world.warnings == []


def test_a_slow_output_gets_the_rest_in_one_piece_and_loses_no_count(monkeypatch):
    monkeypatch.setattr(pump_module, "BATCHES_MAXIMUM", 3)
    world = World()
    world.output.go_on.clear()
    world.pump.start(FACTS)
    world.pump.offer(batch(0))
    assert world.output.is_busy.wait(LIMIT_S)
    for second in range(1, 8):
        world.pump.offer(batch(second))
    world.run_to_its_end()
    assert [given.begin_s for given in world.output.batches] == [0, 1, 2, 3]
    last = world.output.batches[-1]
    assert (last.end_s, iterations(last), last.samples.count) == (8, 5, 5)


def test_samples_beyond_the_limit_are_left_out_and_told(monkeypatch):
    monkeypatch.setattr(pump_module, "SAMPLES_MAXIMUM", 10)
    world = World()
    world.output.go_on.clear()
    world.pump.start(FACTS)
    world.pump.offer(batch(0))
    assert world.output.is_busy.wait(LIMIT_S)
    world.pump.offer(batch(1, iterations=8))
    world.pump.offer(batch(2, iterations=5))
    world.run_to_its_end()
    assert [given.samples.count for given in world.output.batches] == [1, 8, 0]
    assert sum(iterations(given) for given in world.output.batches) == 14
    assert world.warnings == [
        "output told: 5 samples were dropped, because it was too slow for them"
    ]


def test_a_failure_is_told_once_and_the_output_is_asked_again():
    world = World()
    world.output.error = OSError(28, "No space left on device", "x.json")
    world.pump.start(FACTS)
    for second in range(3):
        world.pump.offer(batch(second))
    world.run_to_its_end()
    assert world.output.has_stopped
    assert world.warnings == [
        "output told: No space left on device 'x.json'; the run goes on",
        "output told failed 3 times",
    ]


@pytest.mark.parametrize("error", [OutputError("no such place"), KeyError("x")])
def test_an_output_that_cannot_start_says_so(error):
    world = World()
    world.output.error = error
    with pytest.raises(OutputError, match=r"no such place|'x'"):
        world.pump.start(FACTS)
    world.pump.close()


def test_an_output_that_never_ends_is_left_behind():
    world = World()
    world.output.go_on.clear()
    world.pump.start(FACTS)
    world.pump.offer(batch(0))
    assert world.output.is_busy.wait(LIMIT_S)
    world.pump.offer(batch(1))
    world.pump.end(END)
    world.pump.close(0.01)
    assert world.warnings == [
        "output told did not end within 0.01 s; 1 batches were left"
    ]
    world.output.go_on.set()


def test_a_run_without_an_end_lets_the_thread_go():
    world = World()
    world.pump.start(FACTS)
    world.pump.close(LIMIT_S)
    assert not world.pump._thread.is_alive()
    assert not world.output.has_stopped


def test_joining_changes_neither():
    one, other = batch(0, 2), batch(1, 3)
    both = joined(one, other)
    assert (both.begin_s, both.end_s, iterations(both)) == (0, 2, 5)
    assert both.samples.count == 5
    assert (iterations(one), iterations(other)) == (2, 3)
