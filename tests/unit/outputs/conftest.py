from collections.abc import Callable

import pytest

from gharial.metrics.batch import Batch
from gharial.metrics.metric import Contains, MetricType
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import judge, parse_thresholds
from gharial.outputs.base import RunEnd, RunFacts
from gharial.report.build import build_report

BEGAN_AT_S = 1_700_000_000.0


@pytest.fixture
def facts() -> RunFacts:
    return RunFacts("run-1", "talk.js", BEGAN_AT_S, "1.2.3")


@pytest.fixture
def batch_of() -> Callable[..., Batch]:
    """
    Makes the batch of a second: ``batch_of(3, ("hits", "counter", 2, {"a": "b"}))``.

    Each further argument is a metric's name, type (``time`` for a trend of times), value
    and tags.
    """
    types = {each.value: (each, Contains.DEFAULT) for each in MetricType}
    types["time"] = (MetricType.TREND, Contains.TIME)
    types["bytes"] = (MetricType.TREND, Contains.DATA)

    def make(second: int, *values: tuple) -> Batch:
        registry = Registry()
        for name, kind, value, tags in values:
            metric = registry.metric(name, *types[kind])
            registry.series(metric, TagSet.of(tags)).add(value)
        end_s = second + 1
        return Batch(second, end_s, BEGAN_AT_S + end_s, registry.drain())

    return make


@pytest.fixture
def end_of() -> Callable[..., RunEnd]:
    """
    Makes the end of a run of 2 s with one trend and checks.

    ``end_of(exit_code, problems, checks={"::group::name": (1, 0)}, spent=["p(95)<2"])``
    """

    def make(
        exit_code=0, problems=(), *, checks=None, warnings=(), spent=(), never=()
    ) -> RunEnd:
        registry = Registry()
        trend = registry.metric("spent", MetricType.TREND, Contains.TIME)
        for value in (1, 2, 3):
            registry.series(trend, TagSet.of({"group": ""})).add(value)
        known = registry.find("checks")
        assert known is not None
        for path, values in (checks or {}).items():
            group, _, name = path.rpartition("::")
            tags = TagSet.of({"group": group, "check": name})
            for value in values:
                registry.series(known, tags).add(value)
        registry.metric("never", MetricType.RATE, Contains.DEFAULT)
        asked = {"spent": list(spent), "never": list(never)}
        thresholds = parse_thresholds(
            {name: some for name, some in asked.items() if some}
        )
        verdicts = judge(
            thresholds,
            registry,
            duration_s=2,
            is_final=True,
            needs_values=bool(exit_code),
        )
        report = build_report(
            registry, duration_s=2.0, verdicts=verdicts, warnings=warnings
        )
        return RunEnd(report, exit_code, tuple(problems), BEGAN_AT_S + 10)

    return make
