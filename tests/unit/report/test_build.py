from collections.abc import Callable

from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.sinks import TrendSink
from gharial.metrics.tags import TagSet
from gharial.report.build import build_report
from gharial.report.run_report import RunReport


def failed(report: RunReport) -> list[str]:
    return [
        summary.name
        for metric in report.metrics
        for summary in (metric, *metric.parts)
        if not all(result.has_passed for result in summary.thresholds)
    ]


def test_metrics_without_values_are_left_out(
    report_of: Callable[..., RunReport],
) -> None:
    report = report_of()
    assert report.metric("ws_ping") is None
    assert report.metric("iterations") is not None


def test_a_threshold_brings_its_metric_in(report_of: Callable[..., RunReport]) -> None:
    report = report_of(ws_ping=["avg>1"], iterations=["count>=4"])
    assert report.metric("ws_ping") is not None
    assert failed(report) == ["ws_ping"]


def test_a_sub_metric_stands_under_its_metric(
    report_of: Callable[..., RunReport],
) -> None:
    report = report_of(iterations__=["count>5"])
    metric = report.metric("iterations")
    assert metric is not None
    assert [part.name for part in metric.parts] == ["iterations{group:::x}"]
    assert failed(report) == ["iterations{group:::x}"]


def test_groups_form_a_tree_with_their_checks(
    report_of: Callable[..., RunReport],
) -> None:
    root = report_of().root
    (room,) = root.groups
    (say,) = room.groups
    assert (room.path, say.path, say.name) == ("::room", "::room::say", "say")
    assert [(c.name, c.passes, c.fails) for c in root.checks] == [("is open", 4, 0)]
    assert [(c.path, c.passes, c.fails) for c in say.checks] == [
        ("::room::say::echoed", 2, 2)
    ]
    assert [metric.name for metric in room.metrics] == ["checks", "group_duration"]


def test_setup_makes_no_group_unless_it_has_checks() -> None:
    run = Registry()
    tags = TagSet.of({"group": "::setup"})
    run.series(builtin.DATA_SENT, tags).add(1)
    assert build_report(run, duration_s=1).root.groups == ()
    run.series(builtin.CHECKS, tags.with_({"check": "ready"})).add(1)
    assert [c.name for c in build_report(run, duration_s=1).root.all_checks()] == [
        "ready"
    ]


def test_kinds_are_listed_most_first(report_of: Callable[..., RunReport]) -> None:
    errors = report_of().metric("ws_errors")
    assert errors is not None
    assert errors.breakdown == (("reason", "dns", 3), ("reason", "refused", 1))


def test_a_lone_default_scenario_gets_no_section() -> None:
    run = Registry()
    run.series(builtin.ITERATIONS, TagSet.of({"scenario": "default"})).add(1)
    assert build_report(run, duration_s=1).scenarios == ()
    run.series(builtin.ITERATIONS, TagSet.of({"scenario": "other"})).add(1)
    names = [each.name for each in build_report(run, duration_s=1).scenarios]
    assert names == ["default", "other"]


def test_bytes_are_told_of_wherever_an_iteration_ended_as_in_k6() -> None:
    registry = Registry()
    empty = build_report(registry, duration_s=1.0)
    assert empty.metrics == ()
    registry.series(builtin.ITERATIONS, TagSet.of({})).add(1)
    report = build_report(registry, duration_s=1.0)
    assert [each.name for each in report.metrics] == [
        "data_received",
        "data_sent",
        "iterations",
    ]


def test_answers_that_were_expected_are_a_part_as_in_k6() -> None:
    registry = Registry()
    for expected, duration_ms in (("true", 3.0), ("false", 5.0)):
        tags = TagSet.of({"expected_response": expected})
        registry.series(builtin.HTTP_REQ_DURATION, tags).add(duration_ms)
    metric = build_report(registry, duration_s=1.0).metric("http_req_duration")
    assert metric is not None
    [part] = metric.parts
    assert part.name == "http_req_duration{expected_response:true}"
    assert isinstance(part.sink, TrendSink)
    assert part.sink.maximum == 3.0
    assert part.thresholds == ()
