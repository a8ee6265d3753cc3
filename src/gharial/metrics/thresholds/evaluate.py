"""Judging metrics against thresholds."""

import math
from collections.abc import Mapping, Sequence

from gharial.errors import ConfigurationError, did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.selectors import Selector, parse_selector
from gharial.metrics.sinks import CounterSink, RateSink
from gharial.metrics.statistics import Statistic
from gharial.metrics.thresholds.expression import (
    Expression,
    check_method,
    parse_expression,
)
from gharial.timing import parse_duration


@dataclass(frozen=True, slots=True)
class Threshold:
    """
    One condition on one metric or part of one.

    Attributes:
        selector: What is judged.
        expression: The condition.
        abort_on_fail: Whether the run ends as soon as it does not hold.
        delay_abort_s: For so long after the start it ends no run.

    """

    selector: Selector
    expression: Expression
    abort_on_fail: bool
    delay_abort_s: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    A threshold, judged.

    Attributes:
        threshold: The threshold.
        value: What it was judged by; NaN if there were no values to judge.
        has_passed: Whether the condition holds, or may count as held without values.

    """

    threshold: Threshold
    value: float
    has_passed: bool

    @property
    def has_values(self) -> bool:
        """Whether anything was measured that it could be judged by."""
        return not math.isnan(self.value)


class UnknownThresholdMetricError(ConfigurationError):
    """
    A threshold names a metric that nobody defined.

    Attributes:
        selector: The text as the user wrote it.
        known: Names of the metrics that there are.

    """

    def __init__(self, selector: str, known: Sequence[str]) -> None:
        name = selector.partition("{")[0]
        super().__init__(
            f"thresholds.{selector}: there is no metric {name!r}"
            f"{did_you_mean(name, known)}; a custom metric is defined at the top of the "
            "script"
        )
        self.args = (selector, known)


class ThresholdFormError(ConfigurationError):
    """
    An entry under ``thresholds`` is neither a text nor a mapping with one.

    Attributes:
        selector: The metric it stands under.
        entry: What the user wrote.

    """

    def __init__(self, selector: str, entry: object) -> None:
        super().__init__(
            f"thresholds.{selector}: {entry!r} is not a threshold; write for example "
            "'p(95)<200' or {threshold: 'p(95)<200', abortOnFail: true, "
            "delayAbortEval: '10s'}"
        )
        self.args = (selector, entry)


def parse_threshold(
    selector: str, text: str, *, abort_on_fail: bool = False, delay_abort_s: float = 0.0
) -> Threshold:
    """
    Return a threshold from its two texts.

    Raises:
        SelectorSyntaxError: If the metric's part cannot be read.
        ThresholdSyntaxError: If the condition cannot be read.

    """
    return Threshold(
        parse_selector(selector), parse_expression(text), abort_on_fail, delay_abort_s
    )


def check_threshold(threshold: Threshold, metrics: Mapping[str, Metric]) -> None:
    """
    Return if the metric exists and has what the condition asks for.

    Raises:
        UnknownThresholdMetricError: If there is no such metric.
        ThresholdMethodError: If its type has no such method.

    """
    metric = metrics.get(threshold.selector.metric)
    if metric is None:
        raise UnknownThresholdMetricError(threshold.selector.text, sorted(metrics))
    check_method(threshold.expression, metric)


def judge(
    thresholds: Sequence[Threshold],
    registry: Registry,
    *,
    duration_s: float,
    is_final: bool,
    needs_values: bool = False,
) -> list[Verdict]:
    """
    Judge each threshold by all values so far.

    While the run goes on, metrics without values are left out. At its end a rate without
    values passes and the others are judged as zero, or all of them fail. A counter always
    has a value: where nothing was counted, it is 0.

    Args:
        thresholds: What to judge.
        registry: All values.
        duration_s: Time in which they came, for rates.
        is_final: Whether the run is over.
        needs_values: Whether a threshold without values fails.

    Source:
        k6 v2.2, ``metrics/thresholds.go``.

    """
    verdicts = []
    for threshold in thresholds:
        metric = registry.find(threshold.selector.metric)
        if metric is None:
            continue
        sink = registry.merged(metric, threshold.selector)
        if sink.is_empty and not is_final:
            continue
        expression = threshold.expression
        percent = expression.percentile if expression.method == "p" else None
        value = Statistic(expression.stat, percent).of(sink, duration_s)
        if isinstance(sink, CounterSink):
            has_no_time = expression.method == "rate" and duration_s <= 0
            passed = has_no_time or expression.holds(value)
        elif sink.is_empty:
            passes_as_in_k6 = isinstance(sink, RateSink) or expression.holds(value)
            passed = passes_as_in_k6 and not needs_values
            value = math.nan
        else:
            passed = expression.holds(value)
        verdicts.append(Verdict(threshold, value, has_passed=passed))
    return verdicts


def aborting(verdicts: Sequence[Verdict], elapsed_s: float) -> tuple[Verdict, ...]:
    """
    Return the failed thresholds that end the run now.

    Args:
        verdicts: What `judge` found while the run goes on.
        elapsed_s: Time since the run's start.

    """
    return tuple(
        verdict
        for verdict in verdicts
        if not verdict.has_passed
        and verdict.threshold.abort_on_fail
        and elapsed_s >= verdict.threshold.delay_abort_s
    )


def parse_thresholds(
    definitions: Mapping[str, Sequence[str | Mapping[str, object]]],
) -> tuple[Threshold, ...]:
    """
    Return the thresholds of the option ``thresholds``, in its order.

    Args:
        definitions: By metric or sub-metric: texts, or mappings with ``threshold`` and,
            if wanted, ``abortOnFail`` and ``delayAbortEval``.

    Raises:
        SelectorSyntaxError: If a metric's part cannot be read.
        ThresholdSyntaxError: If a condition cannot be read.
        ThresholdFormError: If an entry is neither a text nor such a mapping.

    """
    return tuple(
        _parse_entry(selector, entry)
        for selector, entries in definitions.items()
        for entry in entries
    )


def check_thresholds(
    thresholds: Sequence[Threshold], metrics: Mapping[str, Metric]
) -> None:
    """
    Return if all metrics exist and have what is asked of them.

    Raises:
        UnknownThresholdMetricError: If there is no such metric.
        ThresholdMethodError: If its type has no such method.

    """
    for threshold in thresholds:
        check_threshold(threshold, metrics)


def _parse_entry(selector: str, entry: str | Mapping[str, object]) -> Threshold:
    if isinstance(entry, str):
        return parse_threshold(selector, entry)
    text = entry.get("threshold") if isinstance(entry, Mapping) else None
    if not isinstance(text, str):
        raise ThresholdFormError(selector, entry)
    delay = entry.get("delayAbortEval") or 0
    if not isinstance(delay, (str, int, float)):
        raise ThresholdFormError(selector, entry)
    return parse_threshold(
        selector,
        text,
        abort_on_fail=bool(entry.get("abortOnFail")),
        delay_abort_s=parse_duration(delay),
    )
