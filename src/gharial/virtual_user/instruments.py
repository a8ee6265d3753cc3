"""
Turns facts into measurements: each is added at once to a sink with its tags.

A sink is looked up once per socket and set of tags; on the hot path there are only
additions.
"""

import time
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np

from gharial.metrics import builtin
from gharial.metrics.exceptions import Exceptions
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.tags import EMPTY, TagSet
from gharial.net.failures import Failure
from gharial.virtual_user.script import ScriptError
from gharial.virtual_user.socket_errors import error_tags
from gharial.websocket.observer import OpeningFacts
from gharial.websocket.size_list import SizeList
from gharial.websocket.wire.frame_sizes import MASK_BYTES, wire_sizes

# Texts of failures that are told of; they may hold ports and the like.
NEW_FAILURES_MAXIMUM = 20


class MessageTally:
    """
    The sizes of messages in one direction, until they are added to the metrics.

    All that is measured of a message follows from its size: one append to an array is all
    that it costs on its way.

    Attributes:
        count: Takes the payload's size in bytes.
        count_at: The same; when the message came does not matter.

    """

    __slots__ = ("_bytes", "_mask_bytes", "_messages", "_size", "count", "count_at")

    def __init__(self, messages: Any, size: Any, data: Any, *, is_masked: bool) -> None:
        self._messages = messages
        self._size = size
        self._bytes = data
        self._mask_bytes = MASK_BYTES if is_masked else 0
        self.count = self.count_at = SizeList()

    def settle(self) -> None:
        """Add what has come to the sinks; the registry asks before it is read."""
        taken = self.count.take()
        if not taken:
            return
        sizes = np.array(taken)
        self._messages.value += len(sizes)
        self._size.add_all(sizes)
        self._bytes.value += int((wire_sizes(sizes) + self._mask_bytes).sum())


class SampledTally:
    """
    The same for a run that keeps each message's time.

    A message that came is dated as its event is: by when its bytes came.
    """

    __slots__ = (
        "_bytes",
        "_epoch_offset_s",
        "_mask_bytes",
        "_messages",
        "_size",
        "_sizes",
        "_times_s",
    )

    def __init__(
        self,
        messages: Any,
        size: Any,
        data: Any,
        *,
        is_masked: bool,
        epoch_offset_s: float = 0.0,
    ) -> None:
        self._epoch_offset_s = epoch_offset_s
        self._messages = messages
        self._size = size
        self._bytes = data
        self._mask_bytes = MASK_BYTES if is_masked else 0
        self._sizes = array("d")
        self._times_s = array("d")

    def count(self, size: int) -> None:
        """Take the size of one message of this moment."""
        self._sizes.append(size)
        self._times_s.append(time.monotonic() + self._epoch_offset_s)

    def count_at(self, size: int, at_s: float) -> None:
        """Take the size of one message, and when it came on the monotonic clock."""
        self._sizes.append(size)
        self._times_s.append(at_s + self._epoch_offset_s)

    def settle(self) -> None:
        """Add what has come to the sinks; the registry asks before it is read."""
        if not self._sizes:
            return
        sizes, times_s = self._sizes, self._times_s
        self._sizes, self._times_s = array("d"), array("d")
        self._messages.add_samples(times_s, array("d", [1.0]) * len(sizes))
        self._size.add_samples(times_s, sizes)
        framed = wire_sizes(np.array(sizes)) + self._mask_bytes
        self._bytes.add_samples(times_s, framed.tolist())


class SocketSinks:
    """
    The sinks of all sockets that carry the same tags.

    Attributes:
        users: How many open sockets use them.

    """

    __slots__ = ("closed", "ping", "received", "sent", "session_duration", "users")

    def __init__(
        self,
        registry: Registry,
        tags: TagSet,
        vu_tags: TagSet,
        epoch_offset_s: float = 0.0,
    ) -> None:
        series = registry.series

        def tally(*sinks: Any, is_masked: bool) -> MessageTally | SampledTally:
            if registry.samples is None:
                return MessageTally(*sinks, is_masked=is_masked)
            return SampledTally(
                *sinks, is_masked=is_masked, epoch_offset_s=epoch_offset_s
            )

        self.sent = tally(
            series(builtin.WS_MSGS_SENT, tags),
            series(builtin.WS_MSG_SIZE_SENT, tags),
            series(builtin.DATA_SENT, vu_tags),
            is_masked=True,
        )
        self.received = tally(
            series(builtin.WS_MSGS_RECEIVED, tags),
            series(builtin.WS_MSG_SIZE_RECEIVED, tags),
            series(builtin.DATA_RECEIVED, vu_tags),
            is_masked=False,
        )
        self.ping: Any = series(builtin.WS_PING, tags)
        self.session_duration: Any = series(builtin.WS_SESSION_DURATION, tags)
        self.closed: dict[int, Any] = {}
        self.users = 0
        registry.settle_first(self.sent.settle)
        registry.settle_first(self.received.settle)

    def end(self, registry: Registry) -> None:
        """Add what has come to the metrics, and be forgotten there."""
        registry.settle_last(self.sent.settle)
        registry.settle_last(self.received.settle)


class Measurements:
    """
    All that one process measures.

    Attributes:
        registry: The metrics and their sinks.
        exceptions: What ended iterations.
        open_sockets: How many sockets are open at this moment.
        errors: Failures of sockets since the start, over all tags.
        tags: The run's; what belongs to no virtual user carries these alone.
        on_new_failure: Called with each failure's text and reason the first time, so that
            a user sees what is wrong even if the script does not listen.

    """

    __slots__ = (
        "_epoch_offset_s",
        "_open_gauge",
        "_seen_failures",
        "_sinks",
        "errors",
        "exceptions",
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
        self._open_gauge: Any = None
        self.exceptions = Exceptions()
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
        kind = self.exceptions.add(message, stack, now_epoch_s)
        self.add(builtin.ITERATIONS_FAILED, 1, tags.with_({"kind": kind}))

    def socket_sinks(self, tags: TagSet, vu_tags: TagSet) -> SocketSinks:
        """
        Return the sinks for sockets with these tags, of VUs with those.

        Sockets with metadata share none: what is kept for them goes with them.
        """
        if tags.metadata:
            return SocketSinks(self.registry, tags, vu_tags, self._epoch_offset_s)
        sinks = self._sinks.get((tags, vu_tags))
        if sinks is None:
            sinks = SocketSinks(self.registry, tags, vu_tags, self._epoch_offset_s)
            self._sinks[tags, vu_tags] = sinks
        return sinks

    def failed(self, failure: Failure, tags: TagSet) -> None:
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


class SocketInstruments:
    """
    The observer of one socket: turns what it hears into measurements.

    ``url``, ``name``, ``status`` and ``subproto`` are known when the dial has ended; what
    is measured before that carries the tags of the virtual user only.

    Source:
        k6 v2.2, ``internal/js/modules/k6/websockets/websockets.go`` for the tags and for
        what is counted when.
    """

    __slots__ = (
        "_base_tags",
        "_data_received",
        "_data_sent",
        "_is_open",
        "_measurements",
        "_sinks",
        "_started_at_s",
        "_system_tags",
        "_tags",
        "_url",
        "_vu_tags",
    )

    def __init__(
        self,
        measurements: Measurements,
        *,
        url: str,
        vu_tags: TagSet,
        socket_tags: TagSet,
        system_tags: frozenset[str],
    ) -> None:
        series = measurements.registry.series
        self._measurements = measurements
        self._url = url
        self._base_tags = socket_tags
        self._vu_tags = vu_tags
        self._system_tags = system_tags
        self._data_sent: Any = series(builtin.DATA_SENT, vu_tags)
        self._data_received: Any = series(builtin.DATA_RECEIVED, vu_tags)
        self._tags = socket_tags
        self._sinks: Any = None
        self._started_at_s = 0.0
        self._is_open = False

    def opening_ended(self, facts: OpeningFacts) -> None:
        """Record the attempt, its phases and, if it failed, why."""
        self._started_at_s = facts.started_at_s
        tags = self._tags = self._base_tags.with_(self._tags_of(facts))
        connecting_s = facts.ended_at_s - facts.started_at_s
        record, series = self._measurements.record, self._measurements.registry.series
        record(series(builtin.WS_SESSIONS, tags), 1, facts.ended_at_s)
        for metric, phase_s in (
            (builtin.WS_CONNECTING, connecting_s),
            (builtin.WS_DNS, facts.dns_s),
            (builtin.WS_TCP, facts.tcp_s),
            (builtin.WS_TLS, facts.tls_s),
            (builtin.WS_UPGRADE, facts.upgrade_s),
        ):
            if phase_s is not None:
                record(series(metric, tags), phase_s * 1e3, facts.ended_at_s)
        self._data_sent.value += facts.sent_bytes
        self._data_received.value += facts.received_bytes
        if facts.failure is not None:
            self._count_failure(facts.failure)
            return
        self._sinks = self._measurements.socket_sinks(tags, self._vu_tags)
        self._sinks.users += 1
        self._is_open = True
        self._measurements.socket_opened(1)

    @property
    def count_sent(self) -> Callable[[int], None]:
        """What counts a message sent; there once the socket is open."""
        count: Callable[[int], None] = self._sinks.sent.count
        return count

    @property
    def count_received(self) -> Callable[[int, float], None]:
        """What counts a message received; there once the socket is open."""
        count: Callable[[int, float], None] = self._sinks.received.count_at
        return count

    def bytes_sent(self, wire_bytes: int) -> None:
        """Count bytes besides messages."""
        self._data_sent.value += wire_bytes

    def bytes_received(self, wire_bytes: int) -> None:
        """Count bytes besides messages."""
        self._data_received.value += wire_bytes

    def pong_matched(self, round_trip_s: float, at_s: float) -> None:
        """Record a round trip."""
        self._measurements.record(self._sinks.ping, round_trip_s * 1e3, at_s)

    def pings_lost(self, count: int, at_s: float) -> None:
        """Count pings that were not answered when the socket ended."""
        self._measurements.add(builtin.WS_PINGS_LOST, count, self._tags)

    def request_ended(self, duration_s: float | None, name: str) -> None:
        """Record a request over the socket; ``name`` stands for the socket's, if given."""
        tags = self._tags.with_({"name": name}) if name else self._tags
        add = self._measurements.add
        add(builtin.WS_REQ_FAILED, float(duration_s is None), tags)
        if duration_s is not None:
            add(builtin.WS_REQ_DURATION, duration_s * 1e3, tags)

    def failed(self, failure: Failure, at_s: float) -> None:
        """Count a failure after the socket had opened."""
        self._count_failure(failure)

    def closed(self, code: int, at_s: float) -> None:
        """Record the session's length and how it ended, also when it was cut off."""
        if not self._is_open:
            return
        self._is_open = False
        self._measurements.socket_opened(-1)
        sinks = self._sinks
        record = self._measurements.record
        record(sinks.session_duration, (at_s - self._started_at_s) * 1e3, at_s)
        counter = sinks.closed.get(code)
        if counter is None:
            counter = sinks.closed[code] = self._measurements.registry.series(
                builtin.WS_CLOSE, self._tags.with_({"code": str(code)})
            )
        record(counter, 1, at_s)
        sinks.users -= 1
        if self._tags.metadata:
            sinks.end(self._measurements.registry)

    def _count_failure(self, failure: Failure) -> None:
        tags = self._tags.with_(error_tags(failure, self._system_tags))
        self._measurements.failed(failure, tags)

    def _tags_of(self, facts: OpeningFacts) -> dict[str, str]:
        wanted = self._system_tags
        tags: dict[str, str] = {}
        # k6 lets a name given by the script stand for the URL too, so that URLs with
        # unique parts do not make a series each.
        name = self._base_tags.get("name") or self._url
        if "url" in wanted:
            tags["url"] = name
        if "name" in wanted:
            tags["name"] = name
        if facts.status is not None:
            if "status" in wanted:
                tags["status"] = str(facts.status)
            if "subproto" in wanted:
                tags["subproto"] = facts.protocol
        if facts.ip and "ip" in wanted:
            tags["ip"] = facts.ip
        if facts.failure is not None:
            tags |= error_tags(facts.failure, wanted)
        return tags
