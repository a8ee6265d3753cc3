"""
Threshold expressions: ``p(95)<200``.

Grammar: a method, an operator, a number. Which methods there are depends on the metric's
type.

Source:
    k6 v2.2, ``metrics/thresholds_parser.go``.
"""

import operator
from collections.abc import Callable

from gharial.errors import ConfigurationError, did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern
from gharial.metrics.metric import Metric, MetricType
from gharial.metrics.statistics import NAMES_BY_TYPE

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "===": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_EXPRESSION = lazy_pattern(
    r"\s*(?P<method>[a-z]+(?:\(\s*[^)]*\))?)?\s*(?P<operator><=|>=|===|==|!=|<|>)?"
    r"\s*(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)?\s*"
)
_BARE_PERCENTILE = lazy_pattern(r"\s*p(\d+(?:\.\d+)?)\s*[<>=!]")
_PERCENTILE = lazy_pattern(r"p\(\s*(\d+(?:\.\d+)?)\s*\)")


class ThresholdSyntaxError(ConfigurationError):
    """
    A threshold expression cannot be read.

    Attributes:
        expression: The text as the user wrote it.
        column: Index of the first character not understood, from 0.
        expected: What would have been accepted there.

    """

    def __init__(self, expression: str, column: int, expected: str) -> None:
        super().__init__(
            f"threshold {expression!r}, column {column + 1}: expected {expected}"
        )
        self.args = (expression, column, expected)
        self.expression = expression
        self.column = column
        self.expected = expected


class ThresholdMethodError(ConfigurationError):
    """
    A method that metrics of this type do not have.

    Attributes:
        expression: The text as the user wrote it.
        metric: The metric.

    """

    def __init__(self, expression: str, metric: Metric) -> None:
        methods = ", ".join(NAMES_BY_TYPE[metric.type])
        super().__init__(
            f"threshold {expression!r} on {metric.name!r}: a {metric.type} has {methods}"
        )
        self.args = (expression, metric)


@dataclass(frozen=True, slots=True)
class Expression:
    """
    A condition.

    Attributes:
        text: As the user wrote it.
        method: ``count``, ``rate``, ``value``, ``avg``, ``min``, ``max``, ``med``, ``p``.
        percentile: With ``p``: 0 to 100.
        operator: One of ``< <= > >= == === !=``.
        limit: The number.

    """

    text: str
    method: str
    percentile: float
    operator: str
    limit: float

    @property
    def stat(self) -> str:
        """The method as it is shown: ``p(95)``."""
        return f"p({self.percentile:g})" if self.method == "p" else self.method

    def holds(self, value: float) -> bool:
        """Return whether the value satisfies the condition."""
        return _OPERATORS[self.operator](value, self.limit)


def parse_expression(text: str) -> Expression:
    """
    Return the condition that a text states.

    Raises:
        ThresholdSyntaxError: If it states none.

    """
    bare = _BARE_PERCENTILE.match(text)
    if bare is not None:
        raise ThresholdSyntaxError(
            text,
            _first_non_blank(text, 0),
            f"a method such as avg, p(95), rate or count; did you mean p({bare[1]})?",
        )
    match = _EXPRESSION.match(text)
    assert match is not None, "every part of the pattern is optional"
    if match["method"] is None:
        raise ThresholdSyntaxError(
            text,
            _first_non_blank(text, 0),
            "a method such as avg, p(95), rate or count",
        )
    if match["operator"] is None:
        column = _first_non_blank(text, match.end("method"))
        raise ThresholdSyntaxError(text, column, "one of < <= > >= == === !=")
    if match["number"] is None:
        column = _first_non_blank(text, match.end("operator"))
        raise ThresholdSyntaxError(text, column, "a number")
    if match.end() != len(text):
        raise ThresholdSyntaxError(text, match.end(), "nothing more")
    method, percentile = _method(text, match["method"], match.start("method"))
    return Expression(
        text, method, percentile, match["operator"], float(match["number"])
    )


def check_method(expression: Expression, metric: Metric) -> None:
    """
    Return if metrics of this type have the method.

    Raises:
        ThresholdMethodError: If they have not.

    """
    methods = NAMES_BY_TYPE[metric.type]
    if expression.method not in methods and not (
        expression.method == "p" and metric.type is MetricType.TREND
    ):
        raise ThresholdMethodError(expression.text, metric)


def _method(text: str, written: str, start: int) -> tuple[str, float]:
    percentile = _PERCENTILE.fullmatch(written)
    if percentile is not None:
        value = float(percentile[1])
        if value > 100:
            raise ThresholdSyntaxError(text, start + 2, "a percentile from 0 to 100")
        return "p", value
    if written.startswith("p("):
        raise ThresholdSyntaxError(text, start + 2, "a percentile from 0 to 100")
    known = {name for names in NAMES_BY_TYPE.values() for name in names} - {"p(N)"}
    if written not in known:
        hint = did_you_mean(written, known)
        raise ThresholdSyntaxError(
            text, start, f"a method such as avg, p(95), rate or count{hint}"
        )
    return written, 0.0


def _first_non_blank(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
