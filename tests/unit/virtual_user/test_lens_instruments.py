from typing import Any

from gharial.metrics import builtin
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.samples import SampleBudget
from gharial.metrics.tags import TagSet
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.lens_instruments import LensInstruments


def instruments(registry: Registry) -> LensInstruments:
    measurements = Measurements(registry)
    tags = TagSet.of({"protocol": "mqtt", "url": "ws://h/"})
    return LensInstruments(measurements.lens_sinks(tags), opened_at_s=1.0)


def values(registry: Registry, metric: Metric) -> dict[str, Any]:
    return {
        tags.get("operation") or tags.get("code") or "": sink
        for tags, sink in registry.series_of(metric)
    }


def test_requests_are_recorded_by_their_operations() -> None:
    registry = Registry()
    facts = instruments(registry)
    facts.ended("a", 0.25, 2.0, failed=False)
    facts.ended("a", None, 2.0, failed=True)
    facts.ended("b", 0.5, 2.0, failed=True)
    durations = values(registry, builtin.WS_REQ_DURATION)
    failures = values(registry, builtin.WS_REQ_FAILED)
    assert {name: (sink.count, sink.sum) for name, sink in durations.items()} == {
        "a": (1, 250.0),
        "b": (1, 500.0),
    }
    assert {name: (s.passes, s.total) for name, s in failures.items()} == {
        "a": (1, 2),
        "b": (1, 1),
    }


def test_events_errors_and_readiness_are_recorded() -> None:
    for samples in (None, SampleBudget(100)):
        registry = Registry(samples=samples)
        facts = instruments(registry)
        facts.pushed("news", 2.0)
        facts.pushed("news", 2.0)
        facts.interval("news", 0.5, 2.0)
        facts.error("0x87", 2.0)
        facts.ready(1.5)
        assert values(registry, builtin.WS_EVENTS)["news"].value == 2
        assert values(registry, builtin.WS_EVENT_INTERVAL)["news"].sum == 500.0
        assert values(registry, builtin.WS_PROTOCOL_ERRORS)["0x87"].value == 1
        assert values(registry, builtin.WS_READY)[""].sum == 500.0
        for tags, _ in registry.series_of(builtin.WS_EVENTS):
            assert tags.get("protocol") == "mqtt"


def test_sockets_with_the_same_tags_share_their_sinks() -> None:
    measurements = Measurements(Registry())
    tags = TagSet.of({"protocol": "mqtt"})
    sinks = measurements.lens_sinks(tags)
    assert measurements.lens_sinks(tags) is sinks
