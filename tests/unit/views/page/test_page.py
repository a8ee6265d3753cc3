import base64
import gzip
import json
import random
import re

import pytest

from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.metric import MetricType
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import judge, parse_thresholds
from gharial.report.build import Happenings, build_report
from gharial.report.document import LoggedLine, RunIdentity, document_of
from gharial.report.run_report import ExceptionSummary
from gharial.report.timeline import POINTS_MAXIMUM, Timeline
from gharial.views.page import page as page_module
from gharial.views.page.data import REPORT_POINTS, document_data
from gharial.views.page.page import (
    ChartLibraryMissingError,
    dashboard_page,
    report_page,
)

NASTY = "</script><script>alert(1)</script><!--script-->/*script*/"


def document(seconds, script="s.js", text="fine"):
    source = random.Random(1)
    total, timeline = Registry(), Timeline()
    for second in range(seconds):
        registry = Registry()
        for metric in builtin.metrics_by_name().values():
            tags = TagSet.of(
                {"reason": "refused"} if metric.name == "ws_errors" else {}
            )
            for _ in range(20 if metric.type is MetricType.TREND else 1):
                value = source.lognormvariate(2, 1)
                registry.series(metric, tags).add(value)
        snapshot = registry.drain()
        total.merge(snapshot)
        timeline.add(Batch(second, second + 1, 1e9 + second, snapshot))
    identity = RunIdentity(
        "id", script, "QuickJS", "1", 1e9, float(seconds), options={}
    )
    report = build_report(total, duration_s=float(seconds))
    log = [LoggedLine(1e9, 40, text, "console")] * 200
    return document_of(
        identity, report, timeline.points, examples={"refused": [text]}, log=log
    )


def data_in(page):
    packed = re.search(r'<script type="text/plain" id="data">([^<]*)</script>', page)
    return json.loads(gzip.decompress(base64.b64decode(packed[1])))  # type: ignore[index]


def test_a_report_holds_all_of_a_run_and_fetches_nothing():
    whole = document(5)
    page = report_page(whole)
    assert data_in(page) == json.loads(json.dumps(document_data(whole)))
    assert page.startswith("<!doctype html>")
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "Permission is hereby granted" in page
    assert "<!--" not in page.replace(NASTY, "")
    assert report_page(whole) == page


def test_what_a_run_brings_along_becomes_no_markup():
    for page in (report_page(document(1, NASTY, NASTY)), dashboard_page(NASTY, "abc")):
        assert "alert(1)" not in page.replace(
            "&lt;/script&gt;&lt;script&gt;alert(1)", ""
        )


def test_an_hours_report_is_small():
    # An hour is kept in as many points as a quarter of one.
    page = report_page(document(POINTS_MAXIMUM))
    assert len(data_in(page)["points"]) <= REPORT_POINTS
    assert len(page.encode()) < 1_000_000


def test_a_dashboard_has_no_data_and_marks_its_scripts():
    page = dashboard_page("s.js", "abc")
    assert page.count('<script nonce="abc">') == 2
    assert 'id="data"></script>' in page
    assert "<title>s.js - Gharial</title>" in page


def test_a_copy_without_the_chart_library_says_so(monkeypatch):
    def text(name):
        if name.startswith("vendor/"):
            raise ChartLibraryMissingError
        return ""

    monkeypatch.setattr(page_module, "_text", text)
    with pytest.raises(ChartLibraryMissingError, match="install it with pip"):
        report_page(document(1))


def test_exceptions_are_in_the_page():
    group = ExceptionSummary("TypeError: no", "s.js:5", 3, 0.25)
    report = build_report(Registry(), duration_s=1.0, happenings=Happenings([group]))
    identity = RunIdentity("id", "s.js", "QuickJS", "1", 1e9, 1.0)
    data = document_data(document_of(identity, report, (), examples={}, log=[]))
    assert data["exceptions"] == [["TypeError: no", "s.js:5", 3, 0.25, 0, "", ""]]


def test_a_threshold_without_values_has_no_value():
    registry = Registry()
    thresholds = parse_thresholds({"checks": ["rate>0.9"], "ws_errors": ["count<1"]})
    verdicts = judge(thresholds, registry, duration_s=1, is_final=True)
    report = build_report(registry, duration_s=1.0, verdicts=verdicts)
    identity = RunIdentity("id", "s.js", "QuickJS", "1", 1e9, 1.0)
    data = document_data(document_of(identity, report, (), examples={}, log=[]))
    found = {one["name"]: one for one in data["final"]}
    assert found["checks"]["empty"]
    assert found["checks"]["thresholds"] == [
        {"text": "rate>0.9", "statistic": "rate", "ok": True, "limit": 0.9}
    ]
    assert "empty" not in found["ws_errors"]
    assert found["ws_errors"]["thresholds"] == [
        {
            "text": "count<1",
            "statistic": "count",
            "ok": True,
            "limit": 1.0,
            "value": 0,
        }
    ]
