import math
import pickle
from typing import Any

import pytest

from gharial.metrics import builtin, registry
from gharial.metrics.builtin import BUILTIN, ITERATIONS
from gharial.metrics.metric import Contains, MetricType
from gharial.metrics.registry import (
    MetricNameError,
    MetricRedefinedError,
    Registry,
)
from gharial.metrics.samples import SampleBudget
from gharial.metrics.selectors import parse_selector
from gharial.metrics.sinks import CounterSink, GaugeSink, Sink, TrendSink
from gharial.metrics.tags import EMPTY, TagSet


@pytest.mark.parametrize("name", ["ab", "_1", "a" * 129, "Chat_errors"])
def test_a_valid_name_makes_a_metric(name: str) -> None:
    run = Registry()
    metric = run.metric(name, MetricType.RATE)
    assert run.find(name) is metric
    assert run.metric(name, MetricType.RATE) is metric


@pytest.mark.parametrize("name", ["", "a", "1a", "a-b", "a b", "é1", "a" * 130])
def test_an_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(MetricNameError) as caught:
        Registry().metric(name, MetricType.RATE)
    assert f"invalid metric name {name!r}: use 2 to 129 letters" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).name == name


def test_a_metric_cannot_change_its_type_or_unit() -> None:
    run = Registry()
    run.metric("mine", MetricType.TREND)
    with pytest.raises(MetricRedefinedError, match=r"a trend, so .* a trend of time"):
        run.metric("mine", MetricType.TREND, Contains.TIME)
    with pytest.raises(MetricRedefinedError) as caught:
        run.metric("vus", MetricType.COUNTER)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_series_is_one_object() -> None:
    run, tags = Registry(), TagSet.of({"a": "1"})
    assert run.series(builtin.ITERATIONS, tags) is run.series(builtin.ITERATIONS, tags)
    assert run.series(builtin.ITERATIONS, EMPTY) is not run.series(
        builtin.ITERATIONS, tags
    )


def test_merged_series_are_those_selected() -> None:
    run = Registry()
    for value in ("1", "2"):
        run.series(builtin.ITERATIONS, TagSet.of({"a": value})).add(int(value))
    total = run.merged(builtin.ITERATIONS)
    part = run.merged(builtin.ITERATIONS, parse_selector("iterations{a:2}"))
    assert isinstance(total, CounterSink)
    assert isinstance(part, CounterSink)
    assert (total.value, part.value) == (3, 2)


def test_many_series_warn_once_and_at_each_doubling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "MANY_SERIES", 10)
    warned: list[int] = []
    run = Registry(warned.append)
    for number in range(50):
        run.series(builtin.ITERATIONS, TagSet.of({"url": str(number)}))
    assert warned == [11, 21, 41]


def kept(run: Registry) -> list[str]:
    return [metric.name for metric, _, _ in run.all_series()]


def test_a_series_is_forgotten_once_it_is_drained_and_comes_back() -> None:
    run = Registry()
    for value in (1, 2):
        run.series(builtin.WS_CONNECTING, EMPTY).add(value)
        [(_, _, sink)] = run.drain()
        assert (sink.count, sink.sum) == (1, value)
        assert kept(run) == []


def test_a_sink_that_is_held_stays_the_one_of_its_series() -> None:
    run = Registry()
    sink = run.series(builtin.ITERATIONS, EMPTY)
    for _ in range(2):
        sink.add(1)
        [(_, _, drained)] = run.drain()
        assert drained.value == 1
        assert run.series(builtin.ITERATIONS, EMPTY) is sink
    assert len(run.drain()) == 0
    assert kept(run) == ["iterations"]


def test_single_values_are_kept_until_they_are_collected() -> None:
    run = Registry(samples=SampleBudget())
    run.series(builtin.ITERATIONS, EMPTY).add(1)
    assert len(run.drain()) == 1
    assert run.collect_samples().count == 1


def test_series_that_were_forgotten_are_not_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "MANY_SERIES", 2)
    warned: list[int] = []
    run = Registry(warned.append)
    for url in "abcdef":
        run.series(builtin.ITERATIONS, TagSet.of({"url": url}))
        run.drain()
    assert warned == []
    for url in "ghi":
        run.series(builtin.ITERATIONS, TagSet.of({"url": url}))
    assert warned == [3]


def test_a_sink_that_another_thread_has_just_looked_up_is_kept() -> None:
    held: list[Sink] = []

    class LookedUp(dict[TagSet, Sink]):
        def __delitem__(self, tags: TagSet) -> None:
            held.append(self[tags])
            super().__delitem__(tags)

    run = Registry()
    run.series(builtin.ITERATIONS, EMPTY).add(1)
    run._series["iterations"] = LookedUp(run._series["iterations"])
    [(_, _, taken)] = run.drain()
    assert isinstance(taken, CounterSink)
    assert taken.value == 1
    assert held == [run.series(builtin.ITERATIONS, EMPTY)]
    assert held[0] is not taken


def test_who_holds_unused_sinks_lets_go_first() -> None:
    run = Registry()
    held = [run.series(builtin.ITERATIONS, EMPTY)]
    run.before_drain = held.clear
    run.drain()
    assert kept(run) == []


def test_what_is_no_number_makes_no_series() -> None:
    run = Registry()
    run.series(builtin.WS_CONNECTING, EMPTY).add(math.nan)
    assert len(run.drain()) == 0


def test_a_delta_travels_and_adds_up() -> None:
    worker, coordinator = Registry(), Registry()
    tags = TagSet.of({"a": "1"})
    mine = worker.metric("mine", MetricType.TREND)
    worker.series(mine, tags).add(1.5)
    worker.series(builtin.WS_OPEN, EMPTY).add(4)
    worker.series(builtin.ITERATIONS, EMPTY)
    delta = pickle.loads(pickle.dumps(worker.drain()))
    assert len(delta) == 2
    assert len(worker.drain()) == 0
    coordinator.merge(delta, "one")
    coordinator.merge(delta, "two")
    trend = coordinator.series(coordinator.find("mine") or mine, tags)
    gauge = coordinator.series(builtin.WS_OPEN, EMPTY)
    assert isinstance(trend, TrendSink)
    assert isinstance(gauge, GaugeSink)
    assert (trend.count, gauge.value) == (2, 8)


def test_a_drained_sink_stays_in_use() -> None:
    run = Registry()
    sink = run.series(builtin.ITERATIONS, EMPTY)
    sink.add(1)
    run.drain()
    sink.add(2)
    assert run.series(builtin.ITERATIONS, EMPTY) is sink
    total = run.merged(builtin.ITERATIONS)
    assert isinstance(total, CounterSink)
    assert total.value == 2


def test_deltas_of_one_worker_can_be_put_together() -> None:
    run = Registry()
    run.series(builtin.ITERATIONS, EMPTY).add(1)
    run.series(builtin.WS_OPEN, EMPTY).add(5)
    first = run.drain()
    run.metric("late", MetricType.RATE)
    run.series(builtin.ITERATIONS, EMPTY).add(2)
    run.series(builtin.WS_OPEN, EMPTY).add(3)
    first.merge(run.drain())
    found = {metric.name: sink for metric, _, sink in first}
    assert found["iterations"].value == 3
    assert found["ws_open"].value == 3
    assert "late" in {metric.name for metric in first.metrics}


def test_what_was_collected_apart_is_added_before_each_reading() -> None:
    run = Registry()
    apart = [1.0, 2.0]

    def settle() -> None:
        run.series(builtin.ITERATIONS, EMPTY).add(sum(apart))
        apart.clear()

    run.settle_first(settle)
    [(_, _, own)] = run.all_series()
    assert own.value == 3.0
    apart.append(4.0)
    assert run.merged(builtin.ITERATIONS).value == 7.0
    apart.append(5.0)
    [(_, _, sink)] = run.drain()
    assert sink.value == 12.0


@pytest.mark.parametrize("samples", [None, SampleBudget()], ids=["sums", "samples"])
@pytest.mark.parametrize(
    "name", [name for name, row in BUILTIN.items() if not row.is_of_k6]
)
def test_a_metric_of_ours_steps_aside_for_the_scripts(
    name: str, samples: SampleBudget | None
) -> None:
    ours = BUILTIN[name].metric
    registry = Registry(samples=samples)
    theirs = registry.metric(name, ours.type, ours.contains)
    assert registry.find(name) is theirs
    assert registry.custom_metrics() == (theirs,)
    assert registry.metric(name, ours.type, ours.contains) is theirs
    aside: Any = registry.series(ours, EMPTY)
    aside.add(1)
    if samples is not None and ours.type in (MetricType.COUNTER, MetricType.TREND):
        aside.add_samples([1.0], [2.0])
    assert registry.merged(ours).is_empty
    assert list(registry.all_series()) == []
    registry.series(theirs, EMPTY).add(7)
    # So it is with what workers have measured, and with their copies of the metric.
    total = Registry()
    total.merge(pickle.loads(pickle.dumps(registry.drain())))
    found = total.find(name)
    assert found is not None
    assert found.is_custom
    assert not total.merged(found).is_empty
    assert total.merged(ours).is_empty


def test_a_script_may_choose_another_type_than_ours() -> None:
    registry = Registry()
    assert registry.metric("ws_errors", MetricType.TREND).type is MetricType.TREND
    with pytest.raises(MetricRedefinedError):
        registry.metric("ws_errors", MetricType.RATE)


def test_a_script_may_add_to_a_metric_of_k6_but_not_change_it() -> None:
    registry = Registry()
    assert registry.metric("iterations", MetricType.COUNTER) is ITERATIONS
    with pytest.raises(MetricRedefinedError):
        registry.metric("iterations", MetricType.TREND)


def test_who_wants_to_know_of_a_drain_gets_the_snapshot() -> None:
    run, seen = Registry(), []
    run.on_drain = seen.append
    assert seen == [run.drain()]


def test_what_was_settled_for_the_last_time_is_settled_once() -> None:
    run, settled = Registry(), []

    def settle() -> None:
        settled.append(len(settled))

    run.settle_first(settle)
    run.settle_last(settle)
    assert settled == [0]
    run.drain()
    assert settled == [0]


def test_many_series_are_those_beyond_the_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "MANY_SERIES", 2)
    warned: list[int] = []
    run = Registry(on_many_series=warned.append)
    for url in "ab":
        run.series(ITERATIONS, TagSet.of({"url": url}))
    assert warned == []
    run.series(ITERATIONS, TagSet.of({"url": "c"}))
    assert warned == [3]
