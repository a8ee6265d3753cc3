"""Judging metrics against thresholds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gharial.errors import ConfigurationError, did_you_mean
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.selectors import Selector, parse_selector
from gharial.metrics.sinks import (
    AnySink,
    CounterSink,
    GaugeSink,
    RateSink,
    TrendSink,
    make_sink,
)
from gharial.metrics.thresholds.expression import (
    Expression,
    check_method,
    parse_expression,
)


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
    abort_on_fail: bool = False
    delay_abort_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    A threshold, judged.

    Attributes:
        threshold: The threshold.
        value: What it was judged by.
        has_passed: Whether the condition holds.

    """

    threshold: Threshold
    value: float
    has_passed: bool


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


def merged_sink(registry: Registry, selector: Selector) -> AnySink | None:
    """Return all values that a selector selects, as one; None for no such metric."""
    metric = registry.find(selector.metric)
    if metric is None:
        return None
    merged = make_sink(metric.type)
    for tags, sink in registry.series_of(metric):
        if selector.matches(tags):
            merged.merge(sink)  # type: ignore[arg-type]
    return merged


def stat(sink: AnySink, expression: Expression, duration_s: float) -> float:
    """Return what an expression's method gives for the values of a sink."""
    match sink:
        case CounterSink():
            if expression.method == "count":
                return sink.value
            return sink.value / duration_s if duration_s > 0 else 0.0
        case GaugeSink():
            return sink.value
        case RateSink():
            return sink.rate
        case TrendSink():
            return _trend_stat(sink, expression)


def _trend_stat(sink: TrendSink, expression: Expression) -> float:
    match expression.method:
        case "avg":
            return sink.average
        case "min":
            return sink.minimum
        case "max":
            return sink.maximum
        case "med":
            return sink.percentile(50)
        case _:
            return sink.percentile(expression.percentile)


def judge(
    thresholds: Sequence[Threshold],
    registry: Registry,
    *,
    duration_s: float,
    is_final: bool,
) -> list[Verdict]:
    """
    Judge each threshold by all values so far.

    While the run goes on, metrics without values are left out. At its end they are
    judged: a rate passes, the others are judged as zero.

    Source:
        k6 v2.2, ``metrics/thresholds.go``.
    """
    verdicts = []
    for threshold in thresholds:
        sink = merged_sink(registry, threshold.selector)
        if sink is None or (sink.is_empty and not is_final):
            continue
        if isinstance(sink, RateSink) and sink.is_empty:
            verdicts.append(Verdict(threshold, 0.0, has_passed=True))
            continue
        value = stat(sink, threshold.expression, duration_s)
        verdicts.append(
            Verdict(threshold, value, has_passed=threshold.expression.holds(value))
        )
    return verdicts
