"""Where messages and sockets are counted: the sinks of all sockets with the same tags."""

import time
from array import array
from typing import Any

import numpy as np

from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.websocket.size_list import SizeList
from gharial.websocket.wire.frame_sizes import MASK_BYTES, wire_sizes


class _Tally:
    """The sizes of messages in one direction, until they are added to the metrics."""

    __slots__ = ("_bytes", "_largest", "_mask_bytes", "_messages", "_size")

    def __init__(self, messages: Any, size: Any, data: Any, *, is_masked: bool) -> None:
        self._messages = messages
        self._size = size
        self._bytes = data
        self._mask_bytes = MASK_BYTES if is_masked else 0
        self._largest = 0.0

    def settle(self) -> None:
        """Add what has come to the sinks; the registry asks before it is read."""
        raise NotImplementedError

    def largest(self) -> float:
        """Return the size of the largest message so far; 0 before the first."""
        self.settle()
        return self._largest


class MessageTally(_Tally):
    """
    Counts messages without their times.

    All that is measured of a message follows from its size: one append to an array is all
    that it costs on its way.

    Attributes:
        count: Takes the payload's size in bytes.
        count_at: The same; when the message came does not matter.

    """

    __slots__ = ("count", "count_at")

    def __init__(self, messages: Any, size: Any, data: Any, *, is_masked: bool) -> None:
        super().__init__(messages, size, data, is_masked=is_masked)
        self.count = self.count_at = SizeList()

    def settle(self) -> None:
        """Add what has come to the sinks; the registry asks before it is read."""
        taken = self.count.take()
        if not taken:
            return
        sizes = np.array(taken)
        self._largest = max(self._largest, float(sizes.max()))
        self._messages.value += len(sizes)
        self._size.add_all(sizes)
        self._bytes.value += int((wire_sizes(sizes) + self._mask_bytes).sum())


class SampledTally(_Tally):
    """
    Counts messages for a run that keeps the time of each.

    A message that came is dated as its event is: by when its bytes came.
    """

    __slots__ = ("_epoch_offset_s", "_sizes", "_times_s")

    def __init__(
        self,
        messages: Any,
        size: Any,
        data: Any,
        *,
        is_masked: bool,
        epoch_offset_s: float = 0.0,
    ) -> None:
        super().__init__(messages, size, data, is_masked=is_masked)
        self._epoch_offset_s = epoch_offset_s
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
        self._largest = max(self._largest, *sizes)
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
