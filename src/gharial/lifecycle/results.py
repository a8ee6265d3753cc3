"""Collects the measurements of all processes, and publishes them every second."""

import math
import time
from collections.abc import Callable
from typing import Final, Protocol

from gharial.lifecycle.run_result import RunResult
from gharial.metrics.batch import Batch
from gharial.metrics.exceptions import Exceptions
from gharial.metrics.failures import Failures
from gharial.metrics.registry import Registry
from gharial.metrics.samples import NO_SAMPLES, Samples
from gharial.metrics.sinks import GaugeSink
from gharial.metrics.snapshot import Snapshot

OWN: Final = "0"
"""The source of what this process measures itself."""

LATE_S: Final = 0.75
"""So long after a second's end what workers measured in it is waited for."""

LEAST_S: Final = 1e-3
"""No batch is shorter, even if a clock was set back."""

SHORT_S: Final = 0.5
"""Of less than that, what came a second says little."""

SECONDS_AT_ONCE_MAXIMUM: Final = 5
"""A process that stood still for longer tells of the time in one piece."""


class RunListener(Protocol):
    """Listens to a run, on the event loop's thread; its methods return at once."""

    def heard(self, batch: Batch) -> None:
        """Take what was measured in about a second."""
        ...

    def ended(self, result: RunResult) -> None:
        """Take what came of the run; nothing is heard after it."""
        ...


class Results:
    """
    The measurements so far, by second.

    Seconds are those of the clock on the wall, so that processes agree where each ends; it
    is looked at once, when the run begins, and may be set afterwards.

    Attributes:
        registry: All measurements that were collected.
        exceptions: What ended iterations.
        matched_sockets: Patterns of the option ``sockets`` that have matched one.
        failures: What failed.

    """

    def __init__(
        self,
        own: Registry,
        total: Registry,
        *,
        now_epoch_s: Callable[[], float] = time.time,
        late_s: float = 0.0,
    ) -> None:
        """
        Take the parts.

        Args:
            own: What this process measures.
            total: Where everything is added up.
            now_epoch_s: The time of day.
            late_s: How long after a second's end its batch is told: what other processes
                measured needs a while to come.

        """
        self.registry = total
        self.exceptions = Exceptions()
        self.matched_sockets: frozenset[str] = frozenset()
        self.failures = Failures()
        self._own = own
        self._now_epoch_s = now_epoch_s
        self._late_s = late_s
        self._began_at_s = self._told_until_s = now_epoch_s()
        # By the end of the second.
        self._pending: dict[int, tuple[Snapshot, Samples]] = {}
        self._listeners: list[RunListener] = []

    @property
    def began_at_epoch_s(self) -> float:
        """When the time of the batches begins."""
        return self._began_at_s

    def tell(self, listener: RunListener) -> None:
        """Tell somebody of everything from now on."""
        self._listeners.append(listener)

    def begin(self) -> None:
        """Count the time from now on; what was measured before is in the first batch."""
        self._began_at_s = self._told_until_s = self._now_epoch_s()

    def collect(self) -> None:
        """Add what this process has measured by now."""
        self.merge(
            self._own.drain(), self._own.collect_samples(), OWN, self._now_epoch_s()
        )

    def merge(
        self,
        snapshot: Snapshot,
        samples: Samples,
        source: str,
        at_epoch_s: float | None = None,
    ) -> None:
        """
        Add what one process measured.

        Args:
            snapshot: What it measured since the last one; this object's from now on.
            samples: Its single values.
            source: Which process.
            at_epoch_s: Until when; None for now.

        """
        self.registry.merge(snapshot, source)
        if not self._listeners:
            return
        at_s = self._now_epoch_s() if at_epoch_s is None else at_epoch_s
        second = max(math.ceil(at_s), math.ceil(self._told_until_s))
        delta, more = self._pending.get(second, (Snapshot(), NO_SAMPLES))
        _extend(delta, snapshot)
        self._pending[second] = (delta, more.plus(samples))

    def publish(self) -> None:
        """Tell the listeners of all seconds that are complete."""
        self.collect()
        now_s = self._now_epoch_s()
        if not self._late_s:
            # Everything is here: what came until now belongs to the time until now.
            self._tell_until(max(now_s, self._told_until_s + LEAST_S))
            return
        complete_s = math.floor(now_s - self._late_s)
        if complete_s - self._told_until_s > SECONDS_AT_ONCE_MAXIMUM:
            self._tell_until(complete_s)
        while (next_s := self._next_boundary_s()) <= complete_s:
            self._tell_until(next_s)

    def publish_all(self) -> None:
        """Tell the listeners of everything that is left."""
        self.collect()
        now_s = self._now_epoch_s()
        if self._late_s:
            while (next_s := self._next_boundary_s()) < now_s:
                self._tell_until(next_s)
        end_s = max(now_s, self._told_until_s + LEAST_S)
        self._tell_until(end_s, takes_all=True)

    def end(self, result: RunResult) -> None:
        """Tell the listeners what came of the run."""
        for listener in self._listeners:
            listener.ended(result)

    def _next_boundary_s(self) -> int:
        """Return where the next second ends; the first one is half a second at least."""
        next_s = math.floor(self._told_until_s) + 1
        is_short = next_s - self._told_until_s < SHORT_S
        return next_s + 1 if is_short else next_s

    def _tell_until(self, end_s: float, *, takes_all: bool = False) -> None:
        delta, samples = Snapshot(), NO_SAMPLES
        for second in sorted(self._pending):
            # At the end, also what another machine's clock put into the time to come.
            if second >= end_s + 1 and not takes_all:
                break
            some, more = self._pending.pop(second)
            _extend(delta, some)
            samples = samples.plus(more)
        begin_s, self._told_until_s = self._told_until_s, end_s
        batch = Batch(
            begin_s - self._began_at_s,
            end_s - self._began_at_s,
            end_s,
            self._with_gauges_as_they_are(delta),
            samples,
        )
        for listener in self._listeners:
            listener.heard(batch)

    def _with_gauges_as_they_are(self, delta: Snapshot) -> Snapshot:
        """Return the same with gauges over all sources in place of the last one's."""
        whole = Snapshot(self.registry.metrics())
        for metric, tags, sink in delta:
            total = self.registry.series(metric, tags)
            if isinstance(total, GaugeSink):
                gauge = GaugeSink(is_summed=metric.is_summed)
                gauge.add(total.value)
                whole.add(metric, tags, gauge)
            else:
                whole.add(metric, tags, sink)
        return whole


def _extend(snapshot: Snapshot, later: Snapshot) -> None:
    """Add what was measured later; ``later`` must not be used any more."""
    for metric, tags, sink in later:
        snapshot.add(metric, tags, sink)
