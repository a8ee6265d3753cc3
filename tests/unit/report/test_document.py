from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import judge, parse_threshold
from gharial.report.build import build_report
from gharial.report.document import (
    FinalCheck,
    RunIdentity,
    document_of,
    final_metrics,
)
from gharial.report.timeline import Share


def report():
    registry = Registry()
    refused, late = TagSet.of({"reason": "refused"}), TagSet.of({"reason": "late"})
    registry.series(builtin.WS_ERRORS, refused).add(3)
    registry.series(builtin.WS_ERRORS, late).add(1)
    registry.series(builtin.CHECKS, TagSet.of({"check": "ok", "group": "::a"})).add(1)
    registry.series(builtin.CHECKS, TagSet.of({"check": "ok", "group": "::a"})).add(0)
    registry.series(builtin.VUS, TagSet.of({})).add(2)
    registry.series(builtin.VUS, TagSet.of({})).add(1)
    for value in (1, 2, 6):
        registry.series(builtin.WS_PING, TagSet.of({"name": "x"})).add(value)
    thresholds = [
        parse_threshold("ws_ping", "avg<2"),
        parse_threshold("ws_ping{name:x}", "max<10"),
        parse_threshold("ws_errors{reason:refused}", "count<3"),
    ]
    verdicts = judge(thresholds, registry, duration_s=2.0, is_final=True)
    return build_report(registry, duration_s=2.0, verdicts=verdicts, warnings=["slow"])


def test_all_metrics_their_parts_and_kinds_are_there_once():
    found = {metric.name: metric for metric in final_metrics(report())}
    assert len(found) == len(final_metrics(report()))
    assert found["ws_errors"].total == 4
    assert found["ws_errors{reason:late}"].total == 1
    assert found["checks"].share == Share(1, 2)
    assert found["vus"].gauge == (1, 1, 2)
    ping = found["ws_ping"]
    assert (ping.digest.count, ping.digest.mean, ping.digest.maximum) == (3, 3, 6)
    assert [(one.expression, one.has_passed) for one in ping.thresholds] == [
        ("avg<2", False)
    ]
    assert found["ws_ping{name:x}"].thresholds[0].has_passed
    # The part that was asked for carries its threshold; the kind of the same name goes.
    refused = found["ws_errors{reason:refused}"]
    assert refused.total == 3
    assert not refused.thresholds[0].has_passed


def test_a_document_has_all_parts():
    identity = RunIdentity("id", "s.js", "QuickJS", "1", 0.0, 2.0)
    document = document_of(identity, report(), (), examples={"refused": ["no"]}, log=())
    assert document.checks == (FinalCheck("::a::ok", 1, 1),)
    assert document.examples == {"refused": ("no",)}
    assert document.warnings == ("slow",)
    assert document.metric("vus").name == "vus"
    assert document.metric("nothing") is None
