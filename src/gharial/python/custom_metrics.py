"""The metrics that a script makes: Counter, Gauge, Rate, Trend."""

import logging
import math
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from gharial.errors import GharialError
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.python.checks import TagValue, tag_texts
from gharial.python.current import (
    CURRENT,
    OnlyInInitContextError,
    RunningInstance,
    running_instance,
    running_user,
)

if TYPE_CHECKING:
    from gharial.virtual_user.virtual_user import VirtualUser


class MetricValueError(GharialError, ValueError):
    """
    A value added to a metric is not a number.

    Attributes:
        name: The metric.
        value: What was added, as a string.

    """

    def __init__(self, name: str, value: str) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value

    def __str__(self) -> str:
        return f"{self.value} is not a number, so it cannot be added to {self.name!r}"


class CustomMetric:
    """
    A custom metric.

    Make it at the script's top level, once for each name.

    Attributes:
        name: Its name in the summary, in thresholds and in outputs.

    """

    __slots__ = ("_instance", "_metric", "name")

    _type: ClassVar[MetricType]

    def __init__(self, name: str, is_time: bool = False) -> None:  # noqa: FBT001, FBT002 - as in k6
        """
        Define the metric.

        Args:
            name: Letters, digits and underscores, a letter first.
            is_time: Whether the values are milliseconds, to be shown as times.

        Raises:
            OnlyInInitContextError: If a running virtual user calls it.
            MetricRedefinedError: If it exists with another type or unit.

        """
        what = f"{type(self).__name__}()"
        instance = running_instance(what)
        if not instance.is_starting:
            raise OnlyInInitContextError(what)
        self.name = name
        # Whose it is: a thread of the script's does not know.
        self._instance: RunningInstance = instance
        contains = Contains.TIME if is_time else Contains.DEFAULT
        registry = instance.user.services.measurements.registry
        self._metric: Metric = registry.metric(name, self._type, contains)

    def add(
        self, value: float | str, tags: Mapping[str, TagValue] | None = None
    ) -> None:
        """
        Add one value.

        Any thread may call it. A value that is not a number is left out with a warning, or
        raises where the option ``throw`` is set.

        Args:
            value: A number, or what ``float()`` makes one of, such as ``"12.5"``;
                ``True`` counts as 1, ``False`` as 0.
            tags: Set on this value, next to those of the virtual user.

        Raises:
            MetricValueError: If the value is not a number and ``throw`` is set.

        """
        user = self._user()
        number = _number(value)
        if math.isnan(number):
            error = MetricValueError(self.name, repr(value))
            if user.services.settings.throw:
                raise error
            self._instance.log(logging.WARNING, str(error))
            return
        extra_tags = tag_texts(tags) if tags else None
        if threading.get_ident() == self._instance.thread:
            self._add(user, number, extra_tags)
        else:
            # Measurements belong to the event loop's thread.
            loop = user.services.event_loop
            loop.call_soon_threadsafe(self._add, user, number, extra_tags)

    def _user(self) -> "VirtualUser":
        what = f"{type(self).__name__}.add()"
        if CURRENT.get() is None and threading.get_ident() != self._instance.thread:
            return self._instance.user
        return running_user(what)

    def _add(
        self, user: "VirtualUser", number: float, tags: dict[str, str] | None
    ) -> None:
        user_tags = user.tags
        if tags:
            user_tags = user_tags.with_(tags)
        user.services.measurements.add(self._metric, number, user_tags)


def _number(value: Any) -> float:
    """Return a value as a number, NaN if it is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


class Counter(CustomMetric):
    """
    A sum that only grows, for example of bytes or errors.

    Example::

        errors = Counter("chat_errors")

        def default():
            errors.add(1, {"kind": "late"})
    """

    __slots__ = ()
    _type = MetricType.COUNTER


class Gauge(CustomMetric):
    """The last of some values, with the minimum and the maximum."""

    __slots__ = ()
    _type = MetricType.GAUGE


class Rate(CustomMetric):
    """How often a value was not zero (not false), among all values added."""

    __slots__ = ()
    _type = MetricType.RATE


class Trend(CustomMetric):
    """
    The distribution of some values: average, median, percentiles and so on.

    Example::

        round_trip = Trend("round_trip", is_time=True)
    """

    __slots__ = ()
    _type = MetricType.TREND
