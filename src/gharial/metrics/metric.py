"""What a metric is: a name, a type, and what its values are."""

import re
from dataclasses import dataclass
from enum import StrEnum

from gharial.errors import ConfigurationError

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{1,128}")


class MetricType(StrEnum):
    """How values of a metric are summed up."""

    COUNTER = "counter"
    GAUGE = "gauge"
    RATE = "rate"
    TREND = "trend"


class Contains(StrEnum):
    """What the values of a metric are: plain numbers, milliseconds, or bytes."""

    DEFAULT = "default"
    TIME = "time"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Metric:
    """
    A metric.

    Attributes:
        name: Its name.
        type: How its values are summed up.
        contains: What its values are.

    """

    name: str
    type: MetricType
    contains: Contains = Contains.DEFAULT


class MetricNameError(ConfigurationError):
    """
    A text cannot be the name of a metric.

    Attributes:
        name: The text.

    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} cannot be the name of a metric: 2 to 129 letters, digits and "
            "underscores, not beginning with a digit"
        )
        self.args = (name,)
        self.name = name


class MetricRedefinedError(ConfigurationError):
    """
    A metric exists under this name with another type or other contents.

    Attributes:
        wanted: The metric that was asked for.
        present: The metric that exists.

    """

    def __init__(self, wanted: Metric, present: Metric) -> None:
        super().__init__(
            f"the metric {wanted.name!r} is a {present.type} of {present.contains} "
            f"values already and cannot be a {wanted.type} of {wanted.contains} values"
        )
        self.args = (wanted, present)


def check_name(name: str) -> None:
    """
    Return if ``name`` can be the name of a metric.

    Raises:
        MetricNameError: If it cannot.

    Source:
        k6 v2.2, ``metrics/registry.go``.

    """
    if _NAME.fullmatch(name) is None:
        raise MetricNameError(name)
