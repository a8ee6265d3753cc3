import pytest

from gharial.errors import ExitCode
from gharial.lifecycle.results import Results
from gharial.lifecycle.run_result import RunResult
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.samples import NO_SAMPLES, SampleBudget
from gharial.metrics.tags import EMPTY
from gharial.report.run_report import RunReport


class Heard:
    def __init__(self):
        self.batches = []
        self.result = None

    def heard(self, batch):
        self.batches.append(batch)

    def ended(self, result):
        self.result = result

    def iterations(self):
        """Begin, end and iterations of each batch."""
        return [
            (
                pytest.approx(batch.begin_s),
                pytest.approx(batch.end_s),
                sum(
                    sink.value
                    for metric, _, sink in batch.delta
                    if metric.name == "iterations"
                ),
            )
            for batch in self.batches
        ]


class World:
    def __init__(self, late_s=0.0, *, samples=None):
        self.now_s = 100.25
        self.own = Registry(samples=samples)
        self.results = Results(
            self.own, Registry(), now_epoch_s=lambda: self.now_s, late_s=late_s
        )
        self.heard = Heard()
        self.results.tell(self.heard)

    def at(self, now_s, iterations=0):
        self.now_s = now_s
        if iterations:
            self.own.series(builtin.ITERATIONS, EMPTY).add(iterations)

    def from_worker(self, iterations, at_s, source="1"):
        worker = Registry()
        worker.series(builtin.ITERATIONS, EMPTY).add(iterations)
        worker.series(builtin.WS_OPEN, EMPTY).add(iterations)
        self.results.merge(worker.drain(), NO_SAMPLES, source, at_s)


def total(world):
    return world.results.registry.merged(builtin.ITERATIONS).value


def test_what_another_clock_put_into_the_time_to_come_is_told_at_the_end():
    world = World(late_s=0.75)
    world.results.begin()
    world.from_worker(5, at_s=4000.0)
    world.at(103.0)
    world.results.publish()
    world.results.publish_all()
    assert sum(count for *_, count in world.heard.iterations()) == 5


def test_of_one_process_a_batch_holds_what_came_since_the_last():
    world = World()
    world.results.begin()
    world.at(101.3, iterations=3)
    world.results.publish()
    world.at(102.3, iterations=4)
    world.results.publish()
    world.results.publish_all()
    assert world.heard.iterations()[:2] == [(0, 1.05, 3), (1.05, 2.05, 4)]
    assert total(world) == 7
    assert world.heard.batches[1].end_epoch_s == 102.3


def test_what_came_before_the_beginning_is_in_the_first_batch():
    world = World()
    world.at(100.9, iterations=2)
    world.results.collect()
    world.results.begin()
    world.at(101.4, iterations=1)
    world.results.publish_all()
    assert world.heard.iterations() == [(0, 0.5, 3)]


def test_what_workers_measured_is_in_the_second_in_which_they_did():
    world = World(late_s=0.75)
    world.results.begin()
    world.from_worker(1, 100.5)
    world.from_worker(2, 101.0)
    world.at(101.1)
    world.results.publish()
    assert world.heard.batches == []
    # The other one's second takes longer on its way, and the next has begun.
    world.from_worker(4, 101.5)
    world.from_worker(8, 101.0, source="2")
    world.at(101.8)
    world.results.publish()
    assert world.heard.iterations() == [(0, 0.75, 11)]
    world.at(102.9)
    world.results.publish()
    assert world.heard.iterations()[1:] == [(0.75, 1.75, 4)]


def test_what_comes_too_late_is_in_the_next_batch_and_not_lost():
    world = World(late_s=0.75)
    world.results.begin()
    world.at(101.8)
    world.results.publish()
    world.from_worker(5, 100.5)
    world.at(102.8)
    world.results.publish()
    assert [count for _, _, count in world.heard.iterations()] == [0, 5]


def test_the_first_second_is_long_enough_to_say_something():
    world = World(late_s=0.75)
    world.at(100.8)
    world.results.begin()
    world.from_worker(1, 101.0)
    world.from_worker(2, 102.0)
    world.at(101.9)
    world.results.publish()
    assert world.heard.batches == []
    world.at(102.8)
    world.results.publish()
    assert world.heard.iterations() == [(0, 1.2, 3)]


def test_the_rest_is_told_at_the_end():
    world = World(late_s=0.75)
    world.results.begin()
    world.from_worker(1, 101.0)
    world.from_worker(2, 102.0)
    world.from_worker(4, 102.2)
    world.at(102.25)
    world.results.publish_all()
    assert world.heard.iterations() == [(0, 0.75, 1), (0.75, 1.75, 2), (1.75, 2, 4)]


def test_a_process_that_stood_still_tells_of_the_time_in_one_piece():
    world = World(late_s=0.75)
    world.results.begin()
    world.from_worker(3, 150.0)
    world.at(200.0)
    world.results.publish()
    assert world.heard.iterations() == [(0, 98.75, 3)]


def test_a_summed_gauge_is_the_sum_of_all_workers():
    world = World(late_s=0.75)
    world.results.begin()
    world.from_worker(2, 101.0, source="1")
    world.from_worker(3, 101.0, source="2")
    world.at(101.8)
    world.results.publish()
    (gauge,) = [
        sink
        for metric, _, sink in world.heard.batches[0].delta
        if metric.name == "ws_open"
    ]
    assert gauge.value == 5


def test_a_clock_that_was_set_back_makes_no_batch_negative():
    world = World()
    world.results.begin()
    world.at(99.0, iterations=1)
    world.results.publish_all()
    (batch,) = world.heard.batches
    assert batch.seconds > 0
    assert world.heard.iterations()[0][2] == 1


def test_a_clock_that_is_set_back_on_the_way_makes_no_batch_negative():
    world = World()
    world.results.begin()
    for now_s in (101.25, 99.0, 102.25):
        world.at(now_s, iterations=1)
        world.results.publish()
    assert all(batch.seconds > 0 for batch in world.heard.batches)
    ends = [batch.end_s for batch in world.heard.batches]
    assert ends == sorted(ends)
    assert sum(each[2] for each in world.heard.iterations()) == 3


def test_samples_are_in_the_batch_of_their_second():
    world = World(samples=SampleBudget())
    world.results.begin()
    world.at(101.0, iterations=1)
    world.results.publish()
    (block,) = world.heard.batches[0].samples.blocks
    assert block.metric.name == "iterations"
    assert list(block.values) == [1]


def test_nobody_to_tell_costs_no_memory():
    own = Registry()
    results = Results(own, Registry(), now_epoch_s=lambda: 1.0)
    own.series(builtin.ITERATIONS, EMPTY).add(1)
    results.collect()
    assert results._pending == {}
    assert results.registry.merged(builtin.ITERATIONS).value == 1


def test_listeners_are_told_the_result():
    world = World()
    result = RunResult(RunReport(1.0), ExitCode.OK, ())
    world.results.end(result)
    assert world.heard.result is result
