"""The numbers that a series of values boils down to: ``avg``, ``p(95)``, ``rate``, ..."""

import math
from typing import Final

from gharial.errors import ConfigurationError, did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern
from gharial.metrics.metric import MetricType
from gharial.metrics.sinks import CounterSink, GaugeSink, RateSink, Sink, TrendSink

NAMES_BY_TYPE: Final[dict[MetricType, tuple[str, ...]]] = {
    MetricType.COUNTER: ("count", "rate"),
    MetricType.GAUGE: ("value",),
    MetricType.RATE: ("rate",),
    MetricType.TREND: ("avg", "min", "med", "max", "p(N)"),
}
"""What a threshold may ask of a metric; ``p(N)`` stands for every percentile."""

DEFAULT_TREND_STATISTICS: Final = ("avg", "min", "med", "max", "p(90)", "p(95)")
"""What the summary shows of a trend unless the user asks for something else."""

_PERCENTILE = lazy_pattern(r"p\(\s*(\d+(?:\.\d*)?|\.\d+)\s*\)")
_TREND_NAMES = ("avg", "min", "med", "max", "count")


class TrendStatisticError(ConfigurationError):
    """
    The summary is to show something that trends do not have.

    Attributes:
        text: What the user wrote.

    """

    def __init__(self, text: str) -> None:
        super().__init__(
            f"summaryTrendStats: {text!r} is none of avg, min, med, max, count and "
            f"p(0) to p(100){did_you_mean(text, _TREND_NAMES)}"
        )
        self.args = (text,)
        self.text = text


@dataclass(frozen=True, slots=True)
class Statistic:
    """
    One number to ask of a sink.

    Attributes:
        name: As the user wrote it: ``avg``, ``p(99.9)``.
        percent: The percentile asked for, None if it is none.

    """

    name: str
    percent: float | None = None

    def of(self, sink: Sink, duration_s: float) -> float:
        """
        Return the number.

        Args:
            sink: The values.
            duration_s: Time in which they came, for rates per second.

        Returns:
            NaN where the sink's type has no such number.

        """
        return statistics_of(sink, duration_s, (self,)).get(self.name, math.nan)


def parse_statistic(text: str) -> Statistic | None:
    """Return the statistic of this name; None if no type of metric has one."""
    percentile = _PERCENTILE.fullmatch(text)
    if percentile is not None:
        percent = float(percentile[1])
        return Statistic(text, percent) if percent <= 100 else None
    known = {"count", "rate", "value", *_TREND_NAMES}
    return Statistic(text) if text in known else None


def parse_trend_statistics(texts: tuple[str, ...]) -> tuple[Statistic, ...]:
    """
    Return what the summary is to show of a trend.

    Raises:
        TrendStatisticError: If trends do not have one of them.

    """
    statistics = []
    for text in texts:
        statistic = parse_statistic(text)
        if statistic is None or statistic.name in ("rate", "value"):
            raise TrendStatisticError(text)
        statistics.append(statistic)
    return tuple(statistics)


def statistics_of(
    sink: Sink, duration_s: float, trend_statistics: tuple[Statistic, ...]
) -> dict[str, float]:
    """
    Return the numbers of a sink by name.

    Args:
        sink: The values.
        duration_s: Time in which they came, for rates per second.
        trend_statistics: What to return of a trend; other types have few and return all.

    Returns:
        Zeros where there are no values.

    """
    match sink:
        case CounterSink():
            rate = sink.value / duration_s if duration_s > 0 else 0.0
            return {"count": sink.value, "rate": rate}
        case GaugeSink():
            low, high = sink.minimum, sink.maximum
            return {
                "value": sink.value,
                "min": low if math.isfinite(low) else sink.value,
                "max": high if math.isfinite(high) else sink.value,
            }
        case RateSink():
            return {
                "rate": sink.rate,
                "passes": float(sink.passes),
                "fails": float(sink.fails),
            }
        case TrendSink():
            return {
                statistic.name: _of_trend(sink, statistic)
                for statistic in trend_statistics
            }


def _of_trend(sink: TrendSink, statistic: Statistic) -> float:
    if statistic.percent is not None:
        return sink.percentile(statistic.percent)
    match statistic.name:
        case "avg":
            return sink.mean
        case "min":
            return sink.minimum
        case "med":
            return sink.percentile(50)
        case "max":
            return sink.maximum
        case "count":
            return float(sink.count)
        case _:
            return math.nan
