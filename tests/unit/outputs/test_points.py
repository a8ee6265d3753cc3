from dataclasses import replace

from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.samples import Samples
from gharial.metrics.sinks import CounterSink, GaugeSink
from gharial.metrics.snapshot import Snapshot
from gharial.metrics.tags import EMPTY, TagSet
from gharial.outputs.points import points_of, split_tags

from .sampled import block


def test_a_summed_gauge_has_the_runs_value_once_and_no_workers_shares():
    delta = Snapshot()
    gauge, counter = GaugeSink(is_summed=True), CounterSink()
    gauge.add(7)
    counter.add(3)
    delta.add(builtin.VUS, EMPTY, gauge)
    delta.add(builtin.ITERATIONS, EMPTY, counter)
    steps = block(builtin.ITERATIONS, {}, (10.0, 1), (10.5, 2))
    shares = [block(builtin.VUS, {}, (10.0, each)) for each in (3, 4)]
    batch = Batch(0, 1, 11.0, delta, Samples((shares[0], steps, shares[1])))
    points = [
        (each.metric.name, each.times_s.tolist(), each.values.tolist())
        for each in points_of(batch)
    ]
    assert points == [("iterations", [10.0, 10.5], [1, 2]), ("vus", [11.0], [7])]


def test_tags_with_a_value_for_each_iteration_are_metadata():
    tags = TagSet.of({"vu": "3", "iter": "9", "url": "ws://x", "name": "x"})
    assert split_tags(tags) == (
        {"name": "x", "url": "ws://x"},
        {"iter": "9", "vu": "3"},
    )


def test_values_with_other_metadata_are_another_block():
    steps = block(builtin.ITERATIONS, {"a": "1"}, (10.0, 1), (10.5, 2), (11.0, 3))
    steps = replace(steps, metadata=((0, (("m", "x"),)), (2, ())))
    points = [
        (*split_tags(each.tags), each.times_s.tolist(), each.values.tolist())
        for each in points_of(Batch(0, 1, 11.0, Snapshot(), Samples((steps,))))
    ]
    assert points == [
        ({"a": "1"}, {"m": "x"}, [10.0, 10.5], [1, 2]),
        ({"a": "1"}, {}, [11.0], [3]),
    ]
