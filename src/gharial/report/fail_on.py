"""
Conditions on how a run differs from another: ``ws_req_duration:p(95)>+10%``.

Grammar: a metric, a colon, a statistic, an operator, and a signed change: per cent of what
was before, or an amount in a unit of the metric's.
"""

import math
import operator
import re
from collections.abc import Callable, Sequence
from typing import Final

from gharial.errors import ConfigurationError, did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern
from gharial.metrics.builtin import BUILTIN
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.selectors import SelectorSyntaxError, parse_selector
from gharial.metrics.statistics import Statistic, parse_statistic
from gharial.report.comparison import relative_change, value_of
from gharial.report.document import RunDocument
from gharial.report.numbers import format_value

OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}

STATISTICS: Final = {
    MetricType.COUNTER: ("count", "rate"),
    MetricType.GAUGE: ("value", "avg", "min", "max"),
    MetricType.RATE: ("rate",),
    MetricType.TREND: ("avg", "min", "med", "max", "count", "p(N)"),
}

UNITS: Final = {
    Contains.TIME: {"us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3},
    Contains.DATA: {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9},
    Contains.DEFAULT: {"": 1.0},
}
"""Factors to the unit that values have."""

_PER_CENT: Final = "%"
_FORM: Final = lazy_pattern(
    r"\s*(?P<metric>.+?)\s*:\s*(?P<statistic>[a-z]+(?:\([^)]*\))?)\s*"
    r"(?P<operator><=|>=|<|>)\s*(?P<number>[-+]\s*(?:\d+\.?\d*|\.\d+))\s*"
    r"(?P<unit>%|[A-Za-zµ]*)\s*"
)
_EXAMPLES: Final = (
    "'ws_req_duration:p(95)>+10%', 'ws_req_duration:avg>+20ms', 'checks:rate<-1%' or "
    "'ws_errors:count>+0'"
)


class FailOnError(ConfigurationError):
    """
    A condition cannot be read, or names something that does not exist.

    Attributes:
        text: What the user wrote.
        expected: What would be right.

    """

    def __init__(self, text: str, expected: str) -> None:
        super().__init__(f"--fail-on {text!r}: {expected}")
        self.args = (text, expected)
        self.text = text
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Condition:
    """
    A change that is too much.

    Attributes:
        text: As the user wrote it.
        metric: The metric's name, with ``{tag:value}`` behind it for a part.
        statistic: Which number of it.
        operator: One of ``> >= < <=``.
        change: The change, with its sign: a share of what was before, or an amount.
        unit: Of an amount; ``%`` for a share.

    """

    text: str
    metric: str
    statistic: Statistic
    operator: str
    change: float
    unit: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    A condition, judged.

    Attributes:
        condition: The condition.
        holds: Whether it holds, which means that something is wrong; also if one of the
            runs has no such number.
        reason: Both numbers and the change, for people.

    """

    condition: Condition
    holds: bool
    reason: str


def parse_condition(text: str) -> Condition:
    """
    Return the condition that a string states.

    Raises:
        FailOnError: If it states none.

    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise FailOnError(text, f"{_missing(text)}, as in {_EXAMPLES}")
    statistic = parse_statistic(match["statistic"])
    if statistic is None:
        raise FailOnError(
            text,
            f"there is no statistic {match['statistic']!r}; there are count, rate, value, "
            "avg, min, med, max and p(0) to p(100)",
        )
    try:
        parse_selector(match["metric"])
    except SelectorSyntaxError as error:
        raise FailOnError(text, str(error)) from error
    amount = float(match["number"].replace(" ", ""))
    unit = match["unit"]
    if unit == _PER_CENT:
        amount /= 100
    return Condition(text, match["metric"], statistic, match["operator"], amount, unit)


def judge(condition: Condition, before: RunDocument, after: RunDocument) -> Judgement:
    """
    Return whether a condition holds for two runs.

    Raises:
        FailOnError: If there is no such metric in either run, it has no such statistic,
            or its values have another unit.

    """
    metric = _metric(condition, before, after)
    _check(condition, metric)
    first, second = (
        value_of(each, metric, condition.statistic) for each in (before, after)
    )
    named = f"{metric.name}:{condition.statistic.name}"
    if first is None or second is None or math.isnan(first) or math.isnan(second):
        which = "first" if first is None or math.isnan(first) else "second"
        return Judgement(condition, True, f"{named} has no value in the {which} run")
    if condition.unit == _PER_CENT:
        change = relative_change(first, second)
        if change is None:
            change = math.copysign(math.inf, second - first)
        limit = condition.change
        told = f"{change * 100:+.1f}%" if math.isfinite(change) else "from 0"
    else:
        change = second - first
        limit = condition.change * UNITS[_unit_kind(condition, metric)][condition.unit]
        told = f"{'+' if change >= 0 else ''}{_shown(change, condition, metric)}"
    holds = OPERATORS[condition.operator](change, limit)
    values = " to ".join(_shown(each, condition, metric) for each in (first, second))
    return Judgement(condition, holds, f"{named} went from {values} ({told})")


def _metric(condition: Condition, before: RunDocument, after: RunDocument) -> Metric:
    found = before.metric(condition.metric) or after.metric(condition.metric)
    if found is not None:
        return Metric(found.name, found.type, found.contains)
    base = condition.metric.partition("{")[0].strip()
    row = BUILTIN.get(base)
    if row is not None and row.metric.type is MetricType.COUNTER:
        # Nothing was counted in either run, which is a number like any other.
        return Metric(condition.metric, row.metric.type, row.metric.contains)
    names = [each.name for each in (*before.metrics, *after.metrics)]
    hint = did_you_mean(condition.metric, names)
    part = (
        "; parts are saved if a threshold asks for them"
        if "{" in condition.metric
        else ""
    )
    raise FailOnError(
        condition.text,
        f"neither run has a metric {condition.metric!r}{hint or part}",
    )


def _check(condition: Condition, metric: Metric) -> None:
    known: Sequence[str] = STATISTICS[metric.type]
    is_percentile = condition.statistic.percent is not None
    wanted = "p(N)" if is_percentile else condition.statistic.name
    if wanted not in known:
        raise FailOnError(
            condition.text,
            f"{metric.name} is a {metric.type} and has {', '.join(known)}",
        )
    units = UNITS[_unit_kind(condition, metric)]
    if condition.unit != _PER_CENT and condition.unit not in units:
        right = " or ".join(["%", *(unit for unit in units if unit)])
        right += "" if "" not in units else " or no unit"
        raise FailOnError(
            condition.text,
            f"a change of {metric.name}'s {condition.statistic.name} is given in {right}",
        )


def _unit_kind(condition: Condition, metric: Metric) -> Contains:
    # How many there were has no unit, whatever they are.
    is_count = metric.type is MetricType.TREND and condition.statistic.name == "count"
    return Contains.DEFAULT if is_count else metric.contains


def _shown(value: float, condition: Condition, metric: Metric) -> str:
    kind = _unit_kind(condition, metric)
    text = format_value(value, kind)
    is_per_second = (
        metric.type is MetricType.COUNTER and condition.statistic.name == "rate"
    )
    return f"{text}/s" if is_per_second else text


def _missing(text: str) -> str:
    """Return what of a condition is not there."""
    if ":" not in text:
        return "expected a metric, a colon and a statistic"
    if not re.search(r"[<>]", text):
        return "expected one of > >= < <= and a change"
    if not re.search(r"[<>]=?\s*[-+]", text):
        return "expected a change with its sign after the operator"
    return "expected METRIC:STATISTIC, an operator, and a signed number with its unit"
