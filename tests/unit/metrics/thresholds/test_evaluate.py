import pytest

from gharial.errors import ConfigurationError, ExitCode
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import EMPTY, TagSet
from gharial.metrics.thresholds.evaluate import (
    ThresholdFormError,
    UnknownThresholdMetricError,
    aborting,
    check_thresholds,
    judge,
    parse_thresholds,
)


def test_a_sub_metric_is_judged_by_its_own_values() -> None:
    run = Registry()
    run.series(builtin.WS_PING, TagSet.of({"name": "a"})).add(10)
    run.series(builtin.WS_PING, TagSet.of({"name": "b"})).add(1000)
    thresholds = parse_thresholds(
        {"ws_ping{name:a}": ["max<50"], "ws_ping": ["max<50"]}
    )
    verdicts = judge(thresholds, run, duration_s=1, is_final=True)
    assert [(each.value, each.has_passed) for each in verdicts] == [
        (10, True),
        (1000, False),
    ]


@pytest.mark.parametrize(
    ("metric", "expression", "passed"),
    [
        ("checks", "rate>0.9", True),
        ("iterations", "count>5", False),
        ("ws_ping", "avg<5", True),
        ("ws_ping", "avg>5", False),
    ],
)
def test_without_values_only_the_end_judges(
    metric: str, expression: str, passed: bool
) -> None:
    run, thresholds = Registry(), parse_thresholds({metric: [expression]})
    assert judge(thresholds, run, duration_s=1, is_final=False) == []
    (verdict,) = judge(thresholds, run, duration_s=1, is_final=True)
    assert verdict.has_passed is passed


@pytest.mark.parametrize(
    ("metric", "expression", "as_in_k6", "has_values"),
    [
        ("checks", "rate>0.9", True, False),
        ("ws_ping", "avg<5", True, False),
        ("ws_ping", "p(95)>5", False, False),
        ("ws_ping{name:x}", "max<5", True, False),
        ("vus", "value<5", True, False),
        ("vus", "value>5", False, False),
        # Nothing was counted: that is a measurement.
        ("ws_errors", "count<1", True, True),
        ("iterations", "count>5", False, True),
        ("iterations{scenario:x}", "rate<1", True, True),
    ],
)
def test_a_threshold_without_values_is_neither_held_nor_crossed(
    metric: str, expression: str, as_in_k6: bool, has_values: bool
) -> None:
    run, thresholds = Registry(), parse_thresholds({metric: [expression]})
    (lenient,) = judge(thresholds, run, duration_s=1, is_final=True)
    assert (lenient.has_values, lenient.has_passed) == (has_values, as_in_k6)
    (strict,) = judge(thresholds, run, duration_s=1, is_final=True, needs_values=True)
    assert strict.has_values is has_values
    assert strict.has_passed is (as_in_k6 and has_values)


def test_a_rate_over_no_time_is_not_held_against_a_counter() -> None:
    run = Registry()
    run.series(builtin.ITERATIONS, EMPTY).add(1)
    thresholds = parse_thresholds({"iterations": ["rate>5"]})
    (verdict,) = judge(thresholds, run, duration_s=0, is_final=True)
    assert verdict.has_passed


def test_an_unknown_metric_suggests_the_nearest() -> None:
    thresholds = parse_thresholds({"ws_pinng{a:b}": ["avg<1"]})
    with pytest.raises(UnknownThresholdMetricError, match="ws_ping") as caught:
        check_thresholds(thresholds, {m.name: m for m in Registry().metrics()})
    assert caught.value.exit_code == ExitCode.INVALID_CONFIG


def test_a_wrong_method_is_refused() -> None:
    thresholds = parse_thresholds({"checks": ["avg<1"]})
    with pytest.raises(ConfigurationError, match="has rate"):
        check_thresholds(thresholds, {m.name: m for m in Registry().metrics()})


@pytest.mark.parametrize("entry", [5, {"abortOnFail": True}, {"threshold": 3}])
def test_an_entry_of_another_form_is_refused(entry: object) -> None:
    with pytest.raises(ThresholdFormError, match="write for example"):
        parse_thresholds({"checks": [entry]})  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("elapsed_s", "has_passed", "aborts"),
    [(5.0, False, False), (10.0, False, True), (10.0, True, False)],
)
def test_a_failed_threshold_aborts_after_its_delay(
    elapsed_s: float, has_passed: bool, aborts: bool
) -> None:
    run = Registry()
    run.series(builtin.CHECKS, EMPTY).add(1.0 if has_passed else 0.0)
    entry = {"threshold": "rate>0.5", "abortOnFail": True, "delayAbortEval": "10s"}
    verdicts = judge(
        parse_thresholds({"checks": [entry]}), run, duration_s=elapsed_s, is_final=False
    )
    assert bool(aborting(verdicts, elapsed_s)) is aborts


def test_a_threshold_that_says_no_more_aborts_nothing_and_waits_for_nothing() -> None:
    [plain, mapping] = parse_thresholds(
        {"checks": ["rate>0.9", {"threshold": "rate>0.5"}]}
    )
    for each in (plain, mapping):
        assert not each.abort_on_fail
        assert each.delay_abort_s == 0.0


def test_a_count_is_judged_also_before_any_time_has_passed() -> None:
    run = Registry()
    run.series(builtin.ITERATIONS, EMPTY).add(3)
    thresholds = parse_thresholds({"iterations": ["count>5", "rate>5"]})
    at_once = judge(thresholds, run, duration_s=0, is_final=True)
    assert [each.has_passed for each in at_once] == [False, True]
    soon = judge(thresholds, run, duration_s=0.9, is_final=True)
    assert [each.has_passed for each in soon] == [False, False]
