"""Turns what lenses read into measurements."""

from collections.abc import Callable
from typing import Any

from gharial.lenses.lens import Facts
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet

# Adds a value to a sink, of an instant of the monotonic clock.
Record = Callable[[Any, float, float], None]


class LensSinks:
    """
    The sinks for what lenses read on sockets with the same tags, by operation.

    Each is looked up once; there are not many operations (see `ValueLimit`).

    Attributes:
        record: Adds a value to a sink.
        keeps_samples: Whether single values are kept, with their times.
        ended: The sinks of requests: durations and failures.
        pushed: Those of what was pushed.

    """

    __slots__ = (
        "__weakref__",
        "_registry",
        "_tags",
        "ended",
        "keeps_samples",
        "pushed",
        "record",
    )

    def __init__(self, registry: Registry, record: Record, tags: TagSet) -> None:
        self._registry = registry
        self._tags = tags
        self.record = record
        self.keeps_samples = registry.samples is not None
        self.ended: dict[str, tuple[Any, Any]] = {}
        self.pushed: dict[str, Any] = {}

    def add_ended(self, operation: str) -> tuple[Any, Any]:
        """Return the sinks of requests with an operation, which is a new one here."""
        tags = self._with(operation)
        series = self._registry.series
        sinks = (
            series(builtin.WS_REQ_DURATION, tags),
            series(builtin.WS_REQ_FAILED, tags),
        )
        self.ended[operation] = sinks
        return sinks

    def add_pushed(self, operation: str) -> Any:
        """Return the sink of pushed messages with an operation, which is a new one here."""
        sink = self._registry.series(builtin.WS_EVENTS, self._with(operation))
        self.pushed[operation] = sink
        return sink

    def interval(self, operation: str, duration_s: float, at_s: float) -> None:
        """Record the time between two items of a subscription."""
        sink = self._registry.series(builtin.WS_EVENT_INTERVAL, self._with(operation))
        self.record(sink, duration_s * 1e3, at_s)

    def error(self, code: str, at_s: float) -> None:
        """Count an error of the protocol's."""
        known = self._registry.codes.value(code)
        tags = self._tags.with_({"code": known})
        sink = self._registry.series(builtin.WS_PROTOCOL_ERRORS, tags)
        self.record(sink, 1, at_s)

    def ready(self, duration_s: float, at_s: float) -> None:
        """Record how long it took until the socket could be used."""
        sink = self._registry.series(builtin.WS_READY, self._tags)
        self.record(sink, duration_s * 1e3, at_s)

    def _with(self, operation: str) -> TagSet:
        known = self._registry.operations.value(operation)
        return self._tags.with_({"operation": known})


class LensInstruments(Facts):
    """Records what a lens reads on one socket."""

    __slots__ = ("_keeps_samples", "_opened_at_s", "_record", "_sinks")

    def __init__(self, sinks: LensSinks, opened_at_s: float) -> None:
        """
        Take where measurements go.

        Args:
            sinks: Those of sockets with the same tags.
            opened_at_s: When the socket was open.

        """
        self._sinks = sinks
        self._record = sinks.record
        self._keeps_samples = sinks.keeps_samples
        self._opened_at_s = opened_at_s

    def ended(
        self, operation: str, duration_s: float | None, at_s: float, *, failed: bool
    ) -> None:
        """Record a request's duration, if it was answered, and whether it failed."""
        sinks = self._sinks.ended.get(operation) or self._sinks.add_ended(operation)
        duration, failures = sinks
        if duration_s is not None:
            self._record(duration, duration_s * 1e3, at_s)
        self._record(failures, float(failed), at_s)

    def pushed(self, operation: str, at_s: float) -> None:
        """Count what the server pushed."""
        sink = self._sinks.pushed.get(operation) or self._sinks.add_pushed(operation)
        if self._keeps_samples:
            self._record(sink, 1, at_s)
        else:
            sink.value += 1

    def interval(self, operation: str, duration_s: float, at_s: float) -> None:
        """Record the time between two items of a subscription."""
        self._sinks.interval(operation, duration_s, at_s)

    def error(self, code: str, at_s: float) -> None:
        """Count an error of the protocol's."""
        self._sinks.error(code, at_s)

    def ready(self, at_s: float) -> None:
        """Record how long it took until the socket could be used."""
        self._sinks.ready(at_s - self._opened_at_s, at_s)
