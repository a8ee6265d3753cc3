"""Where all that one process measures is added up."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from gharial.metrics import builtin
from gharial.metrics.exceptions import Exceptions
from gharial.metrics.failures import Failed, Failures
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.tags import EMPTY, TagSet
from gharial.virtual_user.script import ScriptError

# Loaded with the first socket.
if TYPE_CHECKING:
    from gharial.net.failures import Failure
    from gharial.virtual_user.lens_instruments import LensSinks
    from gharial.virtual_user.socket_sinks import SocketSinks

# Texts of failures that are told of; they may hold ports and the like.
NEW_FAILURES_MAXIMUM = 20


class Measurements:
    """
    All that one process measures.

    Attributes:
        registry: The metrics and their sinks.
        exceptions: What ended iterations.
        failures: What failed, with an example of each kind.
        open_sockets: How many sockets are open at this moment.
        errors: Failures of sockets since the start, over all tags.
        matched_sockets: Patterns of the option ``sockets`` that have matched one.
        tags: The run's; what belongs to no virtual user carries these alone.
        on_new_failure: Called with each failure's text and reason the first time, so that
            a user sees what is wrong even if the script does not listen.

    """

    __slots__ = (
        "_epoch_offset_s",
        "_lens_sinks",
        "_open_gauge",
        "_seen_failures",
        "_sinks",
        "errors",
        "exceptions",
        "failures",
        "matched_sockets",
        "on_new_failure",
        "open_sockets",
        "registry",
        "tags",
    )

    def __init__(
        self,
        registry: Registry,
        on_new_failure: Callable[[str, str], None] = lambda message, reason: None,
        *,
        tags: TagSet = EMPTY,
        epoch_offset_s: float = 0.0,
    ) -> None:
        """
        Take where measurements go.

        Args:
            registry: The metrics and their sinks.
            on_new_failure: See above.
            tags: See above.
            epoch_offset_s: Added to an instant of the monotonic clock, gives seconds
                since the Unix epoch.

        """
        self._epoch_offset_s = epoch_offset_s
        self.registry = registry
        self.tags = tags
        self.on_new_failure = on_new_failure
        self._seen_failures: set[str] = set()
        self._sinks: dict[tuple[TagSet, TagSet], SocketSinks] = {}
        # As long as a socket with these tags is open.
        self._lens_sinks: WeakValueDictionary[TagSet, LensSinks] = WeakValueDictionary()
        self._open_gauge: Any = None
        self.exceptions = Exceptions()
        self.matched_sockets: set[str] = set()
        self.failures = Failures()
        self.open_sockets = 0
        self.errors = 0
        registry.before_drain = self._forget_unused_sinks

    def add(self, metric: Metric, value: float, tags: TagSet) -> None:
        """Add one value to a metric under these tags."""
        self.registry.series(metric, tags).add(value)

    def record(self, sink: Any, value: float, at_s: float) -> None:
        """Add a value to a counter or a trend, of an instant of the monotonic clock."""
        if self.registry.samples is None:
            sink.add(value)
        else:
            sink.add_samples((at_s + self._epoch_offset_s,), (value,))

    def iteration_failed(self, error: BaseException, tags: TagSet) -> None:
        """Count an iteration that an error ended, and the error."""
        if isinstance(error, ScriptError):
            message, stack = error.message, error.stack
        else:
            message, stack = f"{type(error).__name__}: {error}", ""
        now_epoch_s = time.monotonic() + self._epoch_offset_s
        scenario = tags.get("scenario") or ""
        kind = self.exceptions.add(message, stack, now_epoch_s, scenario)
        self.add(builtin.ITERATIONS_FAILED, 1, tags.with_({"kind": kind}))

    def socket_sinks(self, tags: TagSet, vu_tags: TagSet) -> "SocketSinks":
        """
        Return the sinks for sockets with these tags, of VUs with those.

        Sockets with metadata share none: what is kept for them goes with them.
        """
        from gharial.virtual_user.socket_sinks import SocketSinks

        if tags.metadata:
            return SocketSinks(self.registry, tags, vu_tags, self._epoch_offset_s)
        sinks = self._sinks.get((tags, vu_tags))
        if sinks is None:
            sinks = SocketSinks(self.registry, tags, vu_tags, self._epoch_offset_s)
            self._sinks[tags, vu_tags] = sinks
        return sinks

    def keep(self, failed: Failed, at_s: float | None = None) -> None:
        """Keep what failed, at an instant of the monotonic clock; None for now."""
        at_s = time.monotonic() if at_s is None else at_s
        self.failures.add(failed, at_s + self._epoch_offset_s)

    def lens_sinks(self, tags: TagSet) -> "LensSinks":
        """Return the sinks for what lenses read on sockets with these tags."""
        from gharial.virtual_user.lens_instruments import LensSinks

        sinks = self._lens_sinks.get(tags)
        if sinks is None:
            sinks = self._lens_sinks[tags] = LensSinks(self.registry, self.record, tags)
        return sinks

    def failed(self, failure: "Failure", tags: TagSet) -> None:
        """Count a failure of a socket, and tell of it if it is a new one."""
        self.errors += 1
        self.add(builtin.WS_ERRORS, 1, tags.with_({"reason": failure.reason.value}))
        seen = self._seen_failures
        if failure.message not in seen and len(seen) < NEW_FAILURES_MAXIMUM:
            seen.add(failure.message)
            self.on_new_failure(failure.message, failure.reason.value)

    def socket_opened(self, change: int) -> None:
        """Count one open socket more (1) or less (-1)."""
        self.open_sockets += change
        if self._open_gauge is None:
            self._open_gauge = self.registry.series(builtin.WS_OPEN, self.tags)
        self._open_gauge.add(self.open_sockets)

    def _forget_unused_sinks(self) -> None:
        for key, sinks in list(self._sinks.items()):
            if not sinks.users:
                sinks.end(self.registry)
                del self._sinks[key]
