"""What a metric is: a name, a way to sum up, and a unit."""

from enum import StrEnum

from gharial.lazy_dataclass import dataclass


class MetricType(StrEnum):
    """How the values of a metric are summed up."""

    COUNTER = "counter"
    GAUGE = "gauge"
    RATE = "rate"
    TREND = "trend"


class Contains(StrEnum):
    """
    What the values of a metric are.

    ``TIME`` is milliseconds, ``DATA`` is bytes, ``DEFAULT`` is a plain number.
    """

    DEFAULT = "default"
    TIME = "time"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One metric, as everybody in a run knows it.

    Attributes:
        name: Unique in a run.
        type: How its values are summed up.
        contains: Their unit.
        is_summed: For gauges that count things which live in one worker each (open
            sockets, VUs): the value of the run is the sum over the workers. Any other
            gauge has the value that was set last.
        is_custom: Whether a script made it; it may have the name of a metric of ours,
            which is not measured then.

    """

    name: str
    type: MetricType
    contains: Contains = Contains.DEFAULT
    is_summed: bool = False
    is_custom: bool = False
