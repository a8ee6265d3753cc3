from collections.abc import Callable

import pytest

from gharial.metrics import builtin
from gharial.metrics.metric import Contains, MetricType
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import judge, parse_thresholds
from gharial.report.build import build_report
from gharial.report.run_report import RunReport


@pytest.fixture
def registry() -> Registry:
    """A small run: a chat of two seconds."""
    run = Registry()
    root = TagSet.of({"scenario": "chat", "group": ""})
    inner = root.with_({"group": "::room::say"})
    join = run.metric("checks_to_join", MetricType.TREND, Contains.TIME)
    for value in (1, 2, 3, 4):
        run.series(join, root).add(value)
        run.series(builtin.WS_DNS, root).add(value)
        run.series(builtin.ITERATIONS, root).add(1)
        run.series(builtin.CHECKS, root.with_({"check": "is open"})).add(1)
        run.series(builtin.CHECKS, inner.with_({"check": "echoed"})).add(value % 2)
        run.series(builtin.GROUP_DURATION, inner).add(12)
    run.series(builtin.DATA_SENT, root).add(519_400)
    run.series(builtin.VUS, root).add(2)
    run.series(builtin.WS_CLOSE, root.with_({"code": "1000"})).add(4)
    run.series(builtin.WS_ERRORS, root.with_({"reason": "refused"})).add(1)
    run.series(builtin.WS_ERRORS, root.with_({"reason": "dns"})).add(3)
    run.series(builtin.WS_PING, root)
    return run


@pytest.fixture
def report_of(registry: Registry) -> Callable[..., RunReport]:
    """Builds the report of that run with some thresholds."""

    def build(*warnings: str, **thresholds: list[str]) -> RunReport:
        named = {
            key.replace("__", "{group:::x}"): each for key, each in thresholds.items()
        }
        verdicts = judge(parse_thresholds(named), registry, duration_s=2, is_final=True)
        return build_report(
            registry, duration_s=2.0, verdicts=verdicts, warnings=warnings
        )

    return build
