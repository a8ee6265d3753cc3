from dataclasses import replace

from gharial.metrics.builtin import BUILTIN_METRICS, WS_ERRORS
from gharial.metrics.metric import Metric, MetricType
from gharial.report.sections import CUSTOM, SECTIONS, SHOWN_AS_CHECKS, heading_of


def test_every_built_in_metric_stands_under_exactly_one_heading() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    known = [metric.name for metric in BUILTIN_METRICS]
    assert sorted([*listed, SHOWN_AS_CHECKS]) == sorted(known)


def test_a_custom_metric_is_custom_whatever_it_is_called() -> None:
    assert heading_of(Metric("ws_mine", MetricType.GAUGE, is_custom=True)) == CUSTOM
    assert heading_of(replace(WS_ERRORS, is_custom=True)) == CUSTOM
    assert heading_of(WS_ERRORS) == "WEBSOCKET"
