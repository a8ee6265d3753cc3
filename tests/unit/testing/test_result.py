import logging
import pickle
from typing import Any

import pytest

from gharial.errors import ExitCode, GharialError
from gharial.lifecycle.run_result import RunResult
from gharial.metrics import builtin
from gharial.metrics.metric import MetricType
from gharial.metrics.registry import Registry
from gharial.metrics.selectors import SelectorSyntaxError
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import judge, parse_thresholds
from gharial.options.model import Options
from gharial.report.build import build_report
from gharial.testing.log import LogLine, RunLog
from gharial.testing.measured import NothingMeasuredError
from gharial.testing.result import REPR_MAXIMUM, TestResult, UnknownNameError

DURATION_S = 2.0


class Measured:
    """What a run measured, to be put together by a test."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.log = RunLog(is_shown=False)
        self.thresholds: dict[str, list[str]] = {}
        self.exit_code = ExitCode.OK
        self.problems: tuple[str, ...] = ()

    def add(self, name: str, *values: float, **tags: str) -> None:
        metric = self.registry.find(name)
        assert metric is not None
        for value in values:
            self.registry.series(metric, TagSet.of(tags)).add(value)

    def check(self, name: str, *held: bool, group: str = "") -> None:
        tags = {"check": name} | ({"group": group} if group else {})
        self.add("checks", *map(float, held), **tags)

    def result(self) -> TestResult:
        verdicts = judge(
            parse_thresholds(self.thresholds),
            self.registry,
            duration_s=DURATION_S,
            is_final=True,
        )
        report = build_report(self.registry, duration_s=DURATION_S, verdicts=verdicts)
        result = RunResult(report, self.exit_code, self.problems, {"stdout": "hello"})
        return TestResult(result, self.registry, Options(), self.log)


@pytest.fixture
def measured() -> Measured:
    return Measured()


# -- Metrics ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("iterations", (1, 1, 1), {"count": 3, "rate": 1.5}),
        ("ws_open", (3, 1, 2), {"value": 2, "min": 1, "max": 3}),
        ("checks", (1, 0, 1, 1), {"rate": 0.75, "passes": 3, "fails": 1, "count": 4}),
        (
            "ws_connecting",
            (1, 2, 3, 10),
            {"avg": 4, "min": 1, "med": 2.5, "max": 10, "count": 4},
        ),
    ],
)
def test_each_type_of_metric_has_its_numbers(
    measured: Measured, name: str, values: tuple[float, ...], expected: dict[str, float]
) -> None:
    measured.add(name, *values)
    metric = measured.result().metrics[name]
    assert {each: getattr(metric, each) for each in expected} == expected


def test_a_trend_has_every_percentile(measured: Measured) -> None:
    measured.add("ws_connecting", *range(101))
    metric = measured.result().metrics["ws_connecting"]
    assert [metric.p(percent) for percent in (0, 50, 95, 99.5, 100)] == [
        *(0, 50, 95, 99.5, 100)
    ]
    with pytest.raises(ValueError, match=r"p\(101\): a percentile is 0 to 100"):
        metric.p(101)


@pytest.mark.parametrize(
    ("name", "asked", "own"),
    [
        ("iterations", "p", "a counter and has no 'p'; it has count, rate"),
        ("ws_open", "rate", "a gauge and has no 'rate'; it has value, min, max"),
        ("checks", "avg", "a rate and has no 'avg'; it has rate, passes, fails, count"),
        (
            "ws_connecting",
            "value",
            "a trend and has no 'value'; it has avg, min, med, max, p(N), count",
        ),
    ],
)
def test_what_a_type_has_not_is_refused_with_what_it_has(
    measured: Measured, name: str, asked: str, own: str
) -> None:
    metric = measured.result().metrics[name]
    with pytest.raises(AttributeError) as caught:
        getattr(metric, asked)
    assert str(caught.value) == f"{name} is {own}"


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        *(("ws_connecting", each) for each in ("avg", "min", "med", "max")),
        *(("ws_open", each) for each in ("value", "min", "max")),
        ("checks", "rate"),
    ],
)
def test_a_metric_without_values_makes_no_limit_hold(
    measured: Measured, name: str, asked: str
) -> None:
    metric = measured.result().metrics[name]
    with pytest.raises(NothingMeasuredError) as caught:
        getattr(metric, asked)
    assert str(caught.value) == f"{name} has no values, so there is no {asked} of it"


def test_without_values_there_is_no_percentile_but_a_count(measured: Measured) -> None:
    metrics = measured.result().metrics
    with pytest.raises(NothingMeasuredError, match=r"so there is no p\(95\) of it"):
        metrics["ws_connecting"].p(95)
    assert metrics["ws_connecting"].count == 0
    assert metrics["ws_errors"].count == 0
    assert metrics["checks"].fails == 0


def test_a_part_of_a_metric_is_made_when_it_is_asked_for(measured: Measured) -> None:
    measured.add("ws_connecting", 1, 3, scenario="a")
    measured.add("ws_connecting", 100, scenario="b")
    metrics = measured.result().metrics
    assert metrics["ws_connecting{scenario:a}"].max == 3
    assert metrics["ws_connecting{scenario:a}"].name == "ws_connecting{scenario:a}"
    assert metrics["ws_connecting"].max == 100


def test_a_part_without_values_tells_which_parts_there_are(measured: Measured) -> None:
    measured.add("ws_connecting", 1, scenario="chat")
    measured.add("ws_connecting", 1, scenario="echo")
    part = measured.result().metrics["ws_connecting{scenario:chta}"]
    with pytest.raises(NothingMeasuredError) as caught:
        assert part.avg < 200
    assert str(caught.value) == (
        "ws_connecting{scenario:chta} has no values, so there is no avg of it; there are "
        "scenario:chat, scenario:echo"
    )


def test_a_part_that_cannot_be_read_is_told_as_in_thresholds(
    measured: Measured,
) -> None:
    with pytest.raises(SelectorSyntaxError, match="expected tag:value"):
        measured.result().metrics["ws_connecting{scenario}"]


def test_a_metric_that_does_not_exist_is_a_key_error_with_a_hint(
    measured: Measured,
) -> None:
    metrics = measured.result().metrics
    with pytest.raises(KeyError) as caught:
        metrics["ws_conecting{a:b}"]
    assert str(caught.value) == (
        "there is no metric 'ws_conecting'; did you mean \"ws_connecting\"?"
    )
    assert isinstance(caught.value, GharialError)
    assert "ws_conecting" not in metrics
    assert metrics.get("ws_conecting") is None


def test_metrics_are_a_mapping_with_the_scripts_own(measured: Measured) -> None:
    own = measured.registry.metric("round_trip", MetricType.TREND)
    metrics = measured.result().metrics
    assert own.name in metrics
    assert list(metrics)[-1] == "round_trip"
    assert len(metrics) == len(builtin.BUILTIN) + 1


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("iterations", (4,), "<iterations: counter, 4, 2/s>"),
        ("data_sent", (4000,), "<data_sent: counter, 4.0 kB, 2.0 kB/s>"),
        ("ws_open", (2, 1), "<ws_open: gauge, value 1, min 1, max 2>"),
        ("checks", (1, 1, 0), "<checks: rate, 66.66%, 2 of 3>"),
        (
            "ws_connecting",
            (1.5, 2.5),
            "<ws_connecting: trend, 2 values, avg 2ms, min 1.5ms, med 2ms, p(95) 2.45ms, "
            "max 2.5ms>",
        ),
        ("ws_connecting", (), "<ws_connecting: trend without values>"),
    ],
)
def test_a_metric_shows_its_numbers(
    measured: Measured, name: str, values: tuple[float, ...], expected: str
) -> None:
    measured.add(name, *values)
    assert repr(measured.result().metrics[name]) == expected


def test_all_metrics_show_those_that_have_values(measured: Measured) -> None:
    assert repr(measured.result().metrics) == "<Metrics: none has values>"
    measured.add("iterations", 4)
    assert repr(measured.result().metrics) == (
        "<Metrics: <iterations: counter, 4, 2/s>>"
    )


# -- Checks, thresholds, errors --------------------------------------------------------


def test_checks_are_found_by_name_and_by_group(measured: Measured) -> None:
    measured.check("is right", True, False)
    measured.check("is right", True, group="::log in")
    measured.check("came", True)
    checks = measured.result().checks
    assert list(checks) == ["is right", "came"]
    whole, part = checks["is right"], checks["::log in::is right"]
    assert (whole.passes, whole.fails, whole.total, whole.rate) == (2, 1, 3, 2 / 3)
    assert (part.passes, part.fails, part.rate) == (1, 0, 1.0)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("is rigth", '; did you mean "is right"?'),
        ("something else", "; there are 'is right'"),
    ],
)
def test_a_check_that_was_not_made_is_a_key_error(
    measured: Measured, name: str, hint: str
) -> None:
    measured.check("is right", True)
    with pytest.raises(KeyError) as caught:
        measured.result().checks[name]
    assert str(caught.value) == f"there is no check {name!r}{hint}"


def test_without_checks_that_is_said(measured: Measured) -> None:
    with pytest.raises(UnknownNameError, match="'came'; there are none"):
        measured.result().checks["came"]


def test_names_that_do_not_exist_pickle() -> None:
    error = UnknownNameError("check", "a", ["b"])
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_thresholds_are_told_with_what_they_were_judged_by(measured: Measured) -> None:
    measured.add("ws_connecting", 5, scenario="a")
    measured.thresholds = {
        "ws_connecting": ["p(95)<10", "max<1"],
        "ws_connecting{scenario:a}": ["avg<10"],
    }
    measured.exit_code = ExitCode.THRESHOLDS_FAILED
    result = measured.result()
    assert [str(each) for each in result.thresholds] == [
        "ws_connecting: p(95)<10 holds (5)",
        "ws_connecting: max<1 failed (5)",
        "ws_connecting{scenario:a}: avg<10 holds (5)",
    ]
    assert [each.passed for each in result.thresholds] == [True, False, True]
    assert not result.passed


def test_errors_are_counted_by_reason(measured: Measured) -> None:
    assert measured.result().errors == {}
    measured.add("ws_errors", 1, 1, reason="refused")
    measured.add("ws_errors", 1, reason="handshake")
    assert measured.result().errors == {"refused": 2, "handshake": 1}


@pytest.mark.parametrize("exit_code", ExitCode)
def test_a_run_passed_if_its_exit_code_is_zero(
    measured: Measured, exit_code: ExitCode
) -> None:
    measured.exit_code = exit_code
    result = measured.result()
    assert result.exit_code == exit_code
    assert result.passed is (exit_code == 0)


# -- What is shown ---------------------------------------------------------------------


def test_a_result_that_passed_is_short(measured: Measured) -> None:
    measured.add("iterations", 20)
    assert repr(measured.result()) == (
        "<TestResult: passed, exit code 0, 20 iterations in 2.0 s>"
    )


def test_a_result_that_failed_says_why(measured: Measured) -> None:
    measured.add("iterations", 3)
    measured.add("ws_connecting", 312.5)
    measured.thresholds = {"ws_connecting": ["p(95)<200"]}
    measured.check("is right", True, True, False)
    measured.add("ws_errors", 1, 1, reason="refused")
    measured.exit_code = ExitCode.THRESHOLDS_FAILED
    measured.log(
        logging.ERROR,
        "ValueError: no\n    at default (a.py:3)",
        {"source": "stacktrace"},
    )
    assert repr(measured.result()) == (
        "<TestResult: failed, exit code 99, 3 iterations in 2.0 s; ws_connecting: "
        "p(95)<200 failed (312.5); check 'is right' failed 1 of 3 times; "
        "ws_errors refused: 2; ValueError: no>"
    )


def test_a_run_that_ended_early_says_why(measured: Measured) -> None:
    measured.exit_code = ExitCode.SCRIPT_EXCEPTION
    measured.problems = ("TypeError: x is undefined\n    at setup",)
    assert repr(measured.result()) == (
        "<TestResult: failed, exit code 107, 0 iterations in 2.0 s; TypeError: x is "
        "undefined>"
    )


def test_however_much_failed_it_fits_into_an_assertion(measured: Measured) -> None:
    for number in range(50):
        measured.check(f"a check with a rather long name, number {number}", False)
        measured.log(logging.ERROR, f"Error: {number}" * 20, {"source": "stacktrace"})
    text = repr(measured.result())
    assert len(text) <= REPR_MAXIMUM
    assert "48 more" in text
    assert text.endswith("…>")


def test_the_account_has_summary_problems_and_the_end_of_the_log(
    measured: Measured,
) -> None:
    measured.add("iterations", 3)
    measured.problems = ("something went wrong",)
    for number in range(11):
        measured.log(logging.INFO, f"line {number}\nmore", {})
    account = measured.result().account()
    assert "iterations......: 3 1.5/s" in account
    assert "\n\nproblem: something went wrong\n\n" in account
    assert "log (the last 10 lines):\n  line 1\n  more\n  line 2\n" in account
    assert "line 0\n" not in account


def test_the_summary_is_the_usual_one(measured: Measured) -> None:
    measured.add("ws_connecting", 5)
    measured.add("ws_tcp", 1)
    assert "ws_connecting...: avg=5ms" in measured.result().summary()
    assert "ws_tcp" not in measured.result().summary()
    assert "ws_tcp" in measured.result().summary(mode="full")


def test_what_handle_summary_returned_is_kept(measured: Measured) -> None:
    assert measured.result().texts == {"stdout": "hello"}


# -- The log ---------------------------------------------------------------------------


def test_log_lines_are_texts_with_level_and_source(measured: Measured) -> None:
    measured.log(logging.INFO, "joined", {"source": "console"})
    measured.log(logging.WARNING, "late", {})
    result = measured.result()
    assert "joined" in result.log
    assert [(line, line.level, line.source) for line in result.log] == [
        ("joined", logging.INFO, "console"),
        ("late", logging.WARNING, ""),
    ]
    assert isinstance(result.log[0], LogLine)


def test_exceptions_are_told_once_each(measured: Measured) -> None:
    for text in ("Error: a", "Error: b", "Error: a", "Error: a (and 7 more like it)"):
        measured.log(logging.ERROR, text, {"source": "stacktrace"})
    measured.log(logging.ERROR, "said by the script", {"source": "console"})
    assert measured.result().exceptions == ("Error: a", "Error: b")


def test_a_log_keeps_its_end_and_the_first_exceptions(measured: Measured) -> None:
    measured.log(logging.ERROR, "Error: first", {"source": "stacktrace"})
    for number in range(2000):
        measured.log(logging.INFO, f"{number}", {})
    result = measured.result()
    assert result.exceptions == ("Error: first",)
    assert [result.log[0], len(result.log)] == ["1000", 1000]


def test_a_log_that_is_shown_goes_to_the_standard_error(capsys: Any) -> None:
    RunLog(is_shown=True)(logging.WARNING, "late", {})
    RunLog(is_shown=False)(logging.WARNING, "quiet", {})
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "WARNING: late\n")
