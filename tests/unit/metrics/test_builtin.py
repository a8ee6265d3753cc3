from dataclasses import replace

from gharial.metrics import builtin
from gharial.metrics.builtin import (
    BUILTIN,
    WS_ERRORS,
    description_of,
    is_ours,
    metrics_by_name,
    row_of,
)
from gharial.metrics.charts import Value
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.row import Worse

VALUES_OF = {
    MetricType.COUNTER: {Value.RATE, Value.TOTAL},
    MetricType.GAUGE: {Value.GAUGE},
    MetricType.RATE: {Value.SHARE, Value.PASSED, Value.FAILED},
    MetricType.TREND: {Value.AVERAGE, Value.P95, Value.P99, Value.PERCENTILES},
}


def test_every_constant_is_a_row() -> None:
    constants = {value for value in vars(builtin).values() if isinstance(value, Metric)}
    assert {row.metric for row in BUILTIN.values()} == constants
    assert all(name == row.metric.name for name, row in BUILTIN.items())


def test_every_text_is_a_sentence() -> None:
    for row in BUILTIN.values():
        assert row.text[0].isupper()
        assert row.text.endswith(".")


def test_the_page_is_asked_for_what_the_type_of_a_metric_has() -> None:
    for row in BUILTIN.values():
        shown = [line.value for line in row.lines]
        shown += [row.tile.value] if row.tile else []
        assert set(shown) <= VALUES_OF[row.metric.type], row.metric.name


def test_kinds_are_shown_by_a_tag_that_there_is() -> None:
    for row in BUILTIN.values():
        wanted = row.is_sum_of_kinds or any(line.kind_label for line in row.lines)
        assert row.kind_tag or not wanted, row.metric.name
        assert not row.kind_tag or row.kind_tag in row.tags, row.metric.name


def test_one_chart_has_one_title() -> None:
    charts = {line.chart for row in BUILTIN.values() for line in row.lines}
    assert len({chart.id for chart in charts}) == len(charts)


def test_longer_times_are_worse_but_for_how_long_a_socket_is_open() -> None:
    times = {
        name: row.worse
        for name, row in BUILTIN.items()
        if row.metric.contains is Contains.TIME
    }
    assert times.pop("ws_session_duration") is Worse.UNKNOWN
    assert set(times.values()) == {Worse.HIGHER}


def test_nothing_is_said_of_a_metric_that_a_script_made() -> None:
    own = replace(WS_ERRORS, is_custom=True)
    assert row_of(own) is None
    assert description_of(own) == ""
    assert description_of(WS_ERRORS) == "WebSockets that failed, by reason."
    assert row_of(Metric("ws_mine", MetricType.GAUGE)) is None


def test_a_scripts_own_metric_wins() -> None:
    own = Metric("ws_errors", MetricType.TREND, is_custom=True)
    assert metrics_by_name()["ws_errors"] is WS_ERRORS
    assert metrics_by_name([own])["ws_errors"] is own


def test_a_metric_is_known_by_name_type_and_unit() -> None:
    assert is_ours("ws_errors", MetricType.COUNTER, Contains.DEFAULT)
    assert not is_ours("ws_errors", MetricType.TREND, Contains.DEFAULT)
    assert not is_ours("ws_errors", MetricType.COUNTER, Contains.TIME)
    assert not is_ours("mine", MetricType.COUNTER, Contains.DEFAULT)
