"""The values of one metric, for a test to assert on."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final

from gharial.errors import GharialError
from gharial.metrics.metric import Metric, MetricType
from gharial.metrics.sinks import CounterSink, GaugeSink, RateSink, Sink, TrendSink
from gharial.report.numbers import format_share, format_value

_TAGS_SHOWN_MAXIMUM: Final = 10


class NothingMeasuredError(GharialError, ValueError):
    """
    A test read a statistic of a metric that has no values.

    A zero would make ``p(95) < 200`` hold although nothing was measured.

    Attributes:
        name: The metric, or the part of one.
        statistic: What was asked for.
        present_tags: Tags that there are values for, if a part was asked for.

    """

    def __init__(
        self, name: str, statistic: str, present_tags: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(name, statistic, present_tags)
        self.name = name
        self.statistic = statistic
        self.present_tags = present_tags

    def __str__(self) -> str:
        text = f"{self.name} has no values, so there is no {self.statistic} of it"
        if not self.present_tags:
            return text
        shown = [f"{key}:{value}" for key, value in self.present_tags]
        more = "" if len(shown) <= _TAGS_SHOWN_MAXIMUM else ", …"
        return f"{text}; there are {', '.join(shown[:_TAGS_SHOWN_MAXIMUM])}{more}"


class MetricResult(ABC):
    """
    The values of one metric, or of a part of it.

    Attributes:
        name: Its name, with the braces if it is a part.
        type: Its type; it decides what can be asked for.
        is_empty: Whether there are no values.
        present_tags: Where a part has no values, tags for which there are some.

    """

    statistics: ClassVar[tuple[str, ...]] = ()

    def __init__(self, metric: Metric, name: str, *, is_empty: bool) -> None:
        self.name = name
        self.type: MetricType = metric.type
        self.is_empty = is_empty
        self.present_tags: tuple[tuple[str, str], ...] = ()
        self._contains = metric.contains

    def __getattr__(self, name: str) -> Any:
        """Refuse what the metric's type does not have."""
        own = ", ".join(type(self).statistics)
        raise AttributeError(
            f"{self.__dict__.get('name')} is a {self.__dict__.get('type')} and has no "
            f"{name!r}; it has {own}",
            name=name,
            obj=self,
        )

    def __repr__(self) -> str:
        if self.is_empty:
            return f"<{self.name}: {self.type} without values>"
        return f"<{self.name}: {self.type}, {self._shown()}>"

    @abstractmethod
    def _shown(self) -> str: ...

    def _with_unit(self, value: float) -> str:
        return format_value(value, self._contains)

    def _require(self, statistic: str) -> None:
        if self.is_empty:
            raise NothingMeasuredError(self.name, statistic, self.present_tags)


class CounterResult(MetricResult):
    """
    A sum.

    Attributes:
        count: The sum; 0 if nothing was added.
        rate: The sum for each second of the run.

    """

    statistics = ("count", "rate")

    def __init__(
        self, metric: Metric, sink: CounterSink, name: str, duration_s: float
    ) -> None:
        super().__init__(metric, name, is_empty=sink.is_empty)
        self.count: float = sink.value
        self.rate: float = sink.value / duration_s if duration_s > 0 else 0.0

    def _shown(self) -> str:
        return f"{self._with_unit(self.count)}, {self._with_unit(self.rate)}/s"


class GaugeResult(MetricResult):
    """The last of some values, with the lowest and the highest."""

    statistics = ("value", "min", "max")

    def __init__(self, metric: Metric, sink: GaugeSink, name: str) -> None:
        super().__init__(metric, name, is_empty=sink.is_empty)
        self._sink = sink

    @property
    def value(self) -> float:
        """The last value."""
        self._require("value")
        return self._sink.value

    @property
    def min(self) -> float:
        """The lowest value."""
        self._require("min")
        return self._sink.minimum

    @property
    def max(self) -> float:
        """The highest value."""
        self._require("max")
        return self._sink.maximum

    def _shown(self) -> str:
        shown = map(self._with_unit, (self.value, self.min, self.max))
        return "value {}, min {}, max {}".format(*shown)


class RateResult(MetricResult):
    """
    How often a value was not zero.

    Attributes:
        count: How many values there are.
        passes: How many were not zero.
        fails: How many were zero.

    """

    statistics = ("rate", "passes", "fails", "count")

    def __init__(self, metric: Metric, sink: RateSink, name: str) -> None:
        super().__init__(metric, name, is_empty=sink.is_empty)
        self.count = sink.total
        self.passes = sink.passes
        self.fails = sink.fails
        self._sink = sink

    @property
    def rate(self) -> float:
        """The share of values that were not zero, 0 to 1."""
        self._require("rate")
        return self._sink.rate

    def _shown(self) -> str:
        return f"{format_share(self.rate)}, {self.passes} of {self.count}"


class TrendResult(MetricResult):
    """
    The distribution of some values; times are in milliseconds.

    Attributes:
        count: How many values there are.

    """

    statistics = ("avg", "min", "med", "max", "p(N)", "count")

    def __init__(self, metric: Metric, sink: TrendSink, name: str) -> None:
        super().__init__(metric, name, is_empty=sink.is_empty)
        self.count = sink.count
        self._sink = sink

    @property
    def avg(self) -> float:
        """The average."""
        self._require("avg")
        return self._sink.mean

    @property
    def min(self) -> float:
        """The lowest value."""
        self._require("min")
        return self._sink.minimum

    @property
    def med(self) -> float:
        """The median."""
        self._require("med")
        return self._sink.percentile(50)

    @property
    def max(self) -> float:
        """The highest value."""
        self._require("max")
        return self._sink.maximum

    def p(self, percent: float) -> float:
        """
        Return the value below which this percentage of the values lies.

        Args:
            percent: 0 to 100.

        Raises:
            ValueError: If it is beyond that.
            NothingMeasuredError: If there are no values.

        """
        if not 0 <= percent <= 100:
            raise ValueError(f"p({percent:g}): a percentile is 0 to 100")
        self._require(f"p({percent:g})")
        return self._sink.percentile(percent)

    def _shown(self) -> str:
        numbers = {
            "avg": self.avg,
            "min": self.min,
            "med": self.med,
            "p(95)": self.p(95),
            "max": self.max,
        }
        shown = ", ".join(f"{key} {self._with_unit(n)}" for key, n in numbers.items())
        return f"{self.count} values, {shown}"


def metric_result(
    metric: Metric, sink: Sink, name: str, duration_s: float
) -> MetricResult:
    """
    Return what a test can ask of a metric.

    Args:
        metric: The metric.
        sink: Its values.
        name: How the test called it.
        duration_s: Time in which the values came, for rates.

    """
    match sink:
        case CounterSink():
            return CounterResult(metric, sink, name, duration_s)
        case GaugeSink():
            return GaugeResult(metric, sink, name)
        case RateSink():
            return RateResult(metric, sink, name)
        case TrendSink():
            return TrendResult(metric, sink, name)
