import pickle

import numpy as np

from gharial.metrics import builtin
from gharial.metrics.metric import Metric, MetricType
from gharial.metrics.registry import Registry
from gharial.metrics.samples import SampleBudget, Samples
from gharial.metrics.sinks import absorb
from gharial.metrics.tags import TagSet

TAGS = TagSet.of({"scenario": "a"})


def budget(maximum=1_000):
    """Return a budget whose clock is a second later at each look."""
    ticks = iter(range(1000, 100_000))
    return SampleBudget(maximum, lambda: float(next(ticks)))


def recorded(registry):
    return {
        block.metric.name: list(zip(block.times_s, block.values, strict=True))
        for block in registry.collect_samples().blocks
    }


def test_each_value_of_each_type_is_kept_with_its_time():
    registry = Registry(samples=budget())
    registry.series(builtin.ITERATIONS, TAGS).add(1)
    registry.series(builtin.DATA_SENT, TAGS).value += 12
    registry.series(builtin.CHECKS, TAGS).add(0.5)
    registry.series(builtin.VUS, TAGS).add(3)
    registry.series(builtin.WS_PING, TAGS).add(0.25)
    registry.series(builtin.WS_PING, TAGS).add_all(np.array([1.0, 2.0]))
    assert recorded(registry) == {
        "iterations": [(1000, 1)],
        "data_sent": [(1001, 12)],
        "checks": [(1002, 1)],
        "vus": [(1003, 3)],
        "ws_ping": [(1004, 0.25), (1005, 1), (1005, 2)],
    }
    assert recorded(registry) == {}


def test_sums_are_the_same_as_without_samples():
    plain, kept = Registry(), Registry(samples=budget())
    for registry in (plain, kept):
        for value in (3.0, 0.0, 4.5):
            for metric in (
                builtin.DATA_SENT,
                builtin.CHECKS,
                builtin.VUS,
                builtin.WS_PING,
            ):
                registry.series(metric, TAGS).add(value)
        registry.series(builtin.DATA_SENT, TAGS).value += 2
    for _ in range(2):
        one, other = plain.drain(), kept.drain()
        assert len(one) == len(other)
        for (metric, _, sink), (_, _, same) in zip(one, other, strict=True):
            assert type(sink) is type(same), metric
            for name in ("value", "passes", "total", "count", "sum", "minimum"):
                assert getattr(sink, name, None) == getattr(same, name, None), metric


def test_adding_nothing_to_a_counter_is_a_sample_but_writing_nothing_is_none():
    registry = Registry(samples=budget())
    counter = registry.series(Metric("seen", MetricType.COUNTER), TAGS)
    counter.add(0)
    counter.value += 0
    assert recorded(registry) == {"seen": [(1000, 0)]}


def test_values_may_come_with_their_times():
    registry = Registry(samples=budget())
    registry.series(builtin.DATA_SENT, TAGS).add_samples([1.0, 2.0], [5.0, 6.0])
    registry.series(builtin.WS_PING, TAGS).add_samples([3.0], [7])
    assert recorded(registry) == {
        "data_sent": [(1, 5), (2, 6)],
        "ws_ping": [(3, 7)],
    }
    assert registry.series(builtin.DATA_SENT, TAGS).value == 11
    assert registry.series(builtin.WS_PING, TAGS).count == 1
    assert registry.series(builtin.WS_PING, TAGS).sum == 7


def test_more_than_the_budget_is_counted_and_not_kept():
    registry = Registry(samples=budget(maximum=5))
    ping = registry.series(builtin.WS_PING, TAGS)
    for value in range(4):
        ping.add(value)
    ping.add_samples([0.0] * 3, [10.0, 11.0, 12.0])
    ping.add(13)
    some = registry.collect_samples()
    assert [list(block.values) for block in some.blocks] == [[0, 1, 2, 3, 10]]
    assert (some.count, some.dropped) == (5, 3)
    assert ping.count == 8
    ping.add(14)
    again = registry.collect_samples()
    assert (again.count, again.dropped) == (1, 0)


def test_without_a_budget_there_are_no_samples():
    registry = Registry()
    registry.series(builtin.WS_PING, TAGS).add(1)
    assert registry.collect_samples() == Samples((), 0)


def test_samples_travel_and_add_up():
    registry = Registry(samples=budget(maximum=1))
    for _ in range(3):
        registry.series(builtin.WS_PING, TAGS).add(1)
    some = pickle.loads(pickle.dumps(registry.collect_samples()))
    assert some.blocks[0].tags is TAGS
    assert some.plus(some).count == 2
    assert some.plus(some).dropped == 4
    assert some.left_out() == Samples((), 3)


def test_metadata_goes_with_values_and_makes_no_series():
    registry = Registry(samples=budget())
    told = TAGS.with_metadata({"trace": "7"})
    registry.series(builtin.WS_PING, TAGS).add(1)
    registry.series(builtin.WS_PING, told).add(2)
    registry.series(builtin.WS_PING, told).add_samples([5.0, 6.0], [3, 4])
    registry.series(builtin.WS_PING, TAGS).add(5)
    registry.series(builtin.DATA_SENT, told).value += 6
    blocks = {each.metric.name: each for each in registry.collect_samples().blocks}
    assert blocks["ws_ping"].values.tolist() == [1, 2, 3, 4, 5]
    assert blocks["ws_ping"].metadata == (
        (1, (("trace", "7"),)),
        (2, (("trace", "7"),)),
        (4, ()),
    )
    assert blocks["data_sent"].metadata == ((0, (("trace", "7"),)), (1, ()))
    assert {tags for _, tags, _ in registry.all_series()} == {TAGS}
    assert registry.series(builtin.DATA_SENT, TAGS).value == 6


def test_metadata_is_left_out_where_no_samples_are_kept():
    registry = Registry()
    registry.series(builtin.WS_PING, TAGS.with_metadata({"trace": "7"})).add(2)
    assert [(m.name, t, s.count) for m, t, s in registry.all_series()] == [
        ("ws_ping", TAGS, 1)
    ]


def test_series_that_keep_samples_add_up_like_all_others():
    plain, keeping = Registry(), Registry(samples=budget())
    for registry in (plain, keeping):
        registry.series(builtin.WS_PING, TAGS).add_all(np.array([1.0, 2.0]))
        registry.series(builtin.ITERATIONS, TAGS).add(0)
        for tags in (TAGS, TagSet.of({"scenario": "b"})):
            registry.series(builtin.VUS, tags).add(2)
    pings, vus = keeping.merged(builtin.WS_PING), keeping.merged(builtin.VUS)
    assert pings.sum == plain.merged(builtin.WS_PING).sum == 3.0
    assert vus.value == plain.merged(builtin.VUS).value == 4.0
    assert not keeping.merged(builtin.ITERATIONS).is_empty


def test_a_sampled_gauge_keeps_being_summed_when_it_is_taken():
    registry = Registry(samples=budget())
    registry.series(builtin.VUS, TAGS).add(2)
    taken = registry.series(builtin.VUS, TAGS).take()
    other = Registry().series(builtin.VUS, TAGS)
    other.add(5)
    absorb(taken, other)
    assert taken.value == 7.0


def test_the_last_sample_that_the_budget_allows_is_kept():
    registry = Registry(samples=budget(2))
    for value in (1, 2, 3):
        registry.series(builtin.WS_PING, TAGS).add(value)
    assert [value for _, value in recorded(registry)["ws_ping"]] == [1, 2]


def test_without_any_budget_left_many_values_leave_no_sample():
    registry = Registry(samples=budget(1))
    registry.series(builtin.WS_PING, TAGS).add_all(np.array([1.0]))
    registry.series(builtin.WS_PING, TAGS).add_all(np.array([2.0, 3.0]))
    assert [value for _, value in recorded(registry)["ws_ping"]] == [1]


def test_values_that_add_up_to_nothing_were_counted_all_the_same():
    registry = Registry(samples=budget())
    counter = registry.series(Metric("seen", MetricType.COUNTER), TAGS)
    assert counter.is_empty
    counter.add_samples([1.0, 2.0], [0.0, 0.0])
    assert not counter.is_empty


def test_the_last_sample_that_the_budget_allows_has_its_metadata():
    registry = Registry(samples=budget(1))
    told = TAGS.with_metadata({"trace": "7"})
    registry.series(builtin.WS_PING, told).add(2)
    [block] = registry.collect_samples().blocks
    assert (block.values.tolist(), block.metadata) == ([2], ((0, (("trace", "7"),)),))


def test_a_sample_that_the_budget_does_not_allow_leaves_no_metadata():
    registry = Registry(samples=budget(1))
    registry.series(builtin.WS_PING, TAGS).add(1)
    registry.series(builtin.WS_PING, TAGS.with_metadata({"trace": "7"})).add(2)
    [block] = registry.collect_samples().blocks
    assert (block.values.tolist(), block.metadata) == ([1], ())


def test_each_step_of_a_counter_is_a_sample():
    registry = Registry(samples=budget())
    for step in (2, 3):
        registry.series(builtin.DATA_SENT, TAGS).value += step
    assert recorded(registry) == {"data_sent": [(1000, 2), (1001, 3)]}


def test_what_was_not_so_is_a_sample_of_a_rate_too():
    registry = Registry(samples=budget())
    for value in (0, 5):
        registry.series(builtin.CHECKS, TAGS).add(value)
    assert recorded(registry) == {"checks": [(1000, 0), (1001, 1)]}
