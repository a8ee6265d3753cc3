"""The verdict: what came of a run, and why, in one line and in full."""

import math

import pytest
from tests.unit.report.record_samples import document

from gharial.metrics.metric import Contains, MetricType
from gharial.report.document import verdict_of_document
from gharial.report.json import verdict_data
from gharial.report.onsets import Slowdown
from gharial.report.run_report import (
    CheckSummary,
    ExceptionSummary,
    FailureSummary,
    RunReport,
    ThresholdResult,
)
from gharial.report.text import FULL, render
from gharial.report.text_verdict import SHOWN_MAXIMUM
from gharial.report.verdict import FINDINGS_MAXIMUM, Judged, Known, verdict_of

REFUSED = FailureSummary(
    *("socket", "handshake_status", 429, "visit", "default", 137, 24.0, 60.0),
    *("ws://h/visit", "websocket: bad handshake: status 429", "slow down\n please"),
)
RESET = FailureSummary("socket", "reset", 101, "feed", "x", 3, 5.0, 5.0, text="reset")
THROWN = ExceptionSummary("TypeError: no", "/s/x.js:5", 9, 1.0, 2.0)
SLOW = Slowdown("ws_req_duration", "order", 30.0, 3.0, 602.4)


def judged(
    name: str,
    expression: str,
    value: float,
    type: MetricType = MetricType.COUNTER,  # noqa: A002 - the word that users know it by
    contains: Contains = Contains.DEFAULT,
    *,
    statistic: str = "count",
    since_s: float = math.nan,
) -> Judged:
    result = ThresholdResult(expression, statistic, value, False, since_s)
    return Judged(name, type, contains, result)


def known(*thresholds: Judged, exit_code: int = 99) -> Known:
    return Known(
        exit_code,
        ("thresholds were crossed",) if exit_code else (),
        thresholds,
        (
            CheckSummary("ok", "::g::ok", 3, 1, 7.0),
            CheckSummary("fine", "::fine", 3, 0),
        ),
        (REFUSED, RESET),
        (THROWN,),
        (SLOW,),
    )


def clock(second: float) -> str:
    return f"13:14:{second:02.0f}"


def test_the_headline_says_what_failed_why_and_since_when() -> None:
    verdict = verdict_of(known(judged("ws_errors", "count<=5", 237.0, since_s=26.0)))
    assert verdict.headline(clock) == (
        "FAILED: ws_errors 237 > 5: 137 × 429 at visit from 13:14:24 to 13:14:60, "
        "body 'slow down please'"
    )
    assert [one.kind for one in verdict.findings] == [
        "threshold",
        "exception",
        "slow",
        "check",
    ]
    assert [one.text for one in verdict.findings[0].causes] == [
        "137 × 429 at visit",
        "3 × reset at feed (x)",
    ]


@pytest.mark.parametrize(
    ("threshold", "text", "cause"),
    [
        (judged("ws_errors{name:feed}", "count<1", 3), "ws_errors{name:feed} 3 ≥ 1", 3),
        (
            judged("checks", "rate>0.9", 0.75, MetricType.RATE, statistic="rate"),
            "checks 75.00% ≤ 90.00%",
            "check 'g::ok' failed 1 of 4 times",
        ),
        (
            judged(
                *("ws_req_duration{name:order}", "p(95)<200", 602.4, MetricType.TREND),
                Contains.TIME,
                statistic="p(95)",
            ),
            "ws_req_duration{name:order} p(95) 602.4ms ≥ 200ms",
            "ws_req_duration of order slower: p95 3ms → 602ms",
        ),
        (
            judged("iterations_failed", "count==0", 9),
            "iterations_failed 9 ≠ 0",
            "9 × TypeError: no at x.js:5",
        ),
        (judged("own", "count>1", math.nan), "own: no values for 'count>1'", None),
    ],
)
def test_each_threshold_has_what_explains_it(
    threshold: Judged, text: str, cause: object
) -> None:
    first = verdict_of(known(threshold)).findings[0]
    assert first.text == text
    if cause == 3:
        assert [one.text for one in first.causes] == ["3 × reset at feed (x)"]
    else:
        assert [one.text for one in first.causes] == ([] if cause is None else [cause])


def test_a_run_that_passed_says_what_is_odd() -> None:
    verdict = verdict_of(known(exit_code=0))
    assert verdict.state == "PASSED"
    assert verdict.headline(clock).startswith(
        "PASSED: no thresholds were set: but 137 × 429 at visit"
    )


def test_a_record_has_the_same_verdict() -> None:
    verdict = verdict_of_document(document())
    assert verdict.state == "FAILED"
    assert verdict.findings[0].causes[0].text == "137 × 429 at visit (a)"


def test_findings_are_bounded_and_the_others_counted() -> None:
    thrown = tuple(
        ExceptionSummary(f"oops {number}", f"x.js:{number // 10}", 1, 1.0)
        for number in range(FINDINGS_MAXIMUM + 7)
    )
    verdict = verdict_of(Known(0, (), (), (), (), thrown, ()))
    assert len(verdict.findings) == FINDINGS_MAXIMUM
    assert verdict_data(verdict)["left_out"] == 7
    report = RunReport(1.0, verdict=verdict)
    assert f"and {FINDINGS_MAXIMUM + 7 - SHOWN_MAXIMUM} more" in render(report)
    assert "    and 7 more\n" in render(report, mode=FULL)


def test_the_summary_has_the_place_of_an_exception_once_in_its_verdict() -> None:
    verdict = verdict_of(known(judged("iterations_failed", "count==0", 9)))
    text = render(RunReport(1.0, verdict=verdict))
    assert "9 × TypeError: no at x.js:5" in text
    assert "/s/x.js:5" not in text
    assert "\n        ws://h/visit\n" in text
