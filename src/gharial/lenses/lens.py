"""
The port of a lens, and what all of them share.

A lens is told of each whole message of one socket, in both directions, and says to its
`Facts` what that means. It changes nothing, waits for nothing and knows no clock: the times
are those of the wire.
"""

from collections.abc import Hashable
from typing import ClassVar

TEXT = 1
"""The kind of a text message, as RFC 6455's opcodes have it."""

BINARY = 2
"""The kind of a binary message."""

PENDING_MAXIMUM = 4_096
"""Requests of one socket that may wait for their answers; the oldest is given up then.
So many of them may be answered by streams."""


class UnreadableError(Exception):
    """A message is not of the protocol that the lens reads; its string says why."""


class Facts:
    """
    Hears what a lens reads on one socket.

    ``operation`` is what was asked for or pushed, in the protocol's words (an event, a
    method, a topic's pattern), and never an id. ``at_s`` is on the monotonic clock.
    """

    __slots__ = ()

    def ended(
        self, operation: str, duration_s: float | None, at_s: float, *, failed: bool
    ) -> None:
        """A request was answered, perhaps by an error; None for one that never was."""
        raise NotImplementedError

    def pushed(self, operation: str, at_s: float) -> None:
        """The server sent something that answers no request."""
        raise NotImplementedError

    def interval(self, operation: str, duration_s: float, at_s: float) -> None:
        """So long after the one before it, a subscription or stream had its next item."""
        raise NotImplementedError

    def error(self, code: str, at_s: float) -> None:
        """The server said, in the protocol's own way, that something is wrong."""
        raise NotImplementedError

    def ready(self, at_s: float) -> None:
        """The protocol says that the socket can be used."""
        raise NotImplementedError


class Exchanges:
    """
    The requests of one socket that wait for their answers.

    Attributes:
        is_silent: Whether requests that begin now are measured by somebody else: their
            answers are still recognised.

    """

    __slots__ = ("_facts", "_pending", "is_silent")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._pending: dict[Hashable, tuple[str, float]] = {}
        self.is_silent = False

    def begin(self, key: Hashable, operation: str, at_s: float) -> None:
        """Take note of a request that was sent; ``key`` is what its answer will have."""
        pending = self._pending
        if key in pending or len(pending) >= PENDING_MAXIMUM:
            self._give_up(key if key in pending else next(iter(pending)), at_s)
        pending[key] = ("" if self.is_silent else operation, at_s)

    def end(self, key: Hashable, at_s: float, *, failed: bool = False) -> bool:
        """Take note of an answer; return whether it answers a request."""
        found = self._pending.pop(key, None)
        if found is None:
            return False
        operation, began_at_s = found
        if operation:
            self._facts.ended(operation, at_s - began_at_s, at_s, failed=failed)
        return True

    def forget(self, key: Hashable) -> None:
        """Take note that nobody waits for this answer any more."""
        self._pending.pop(key, None)

    def forget_all(self) -> None:
        """Take note that nobody waits for any answer."""
        self._pending.clear()

    def operation(self, key: Hashable) -> str | None:
        """Return what a request that waits asked for; None if there is no such request."""
        found = self._pending.get(key)
        return None if found is None else found[0]

    def give_up_all(self, at_s: float) -> None:
        """Take note that what waits will never be answered."""
        while self._pending:
            self._give_up(next(iter(self._pending)), at_s)

    def _give_up(self, key: Hashable, at_s: float) -> None:
        operation, _ = self._pending.pop(key)
        if operation:
            self._facts.ended(operation, None, at_s, failed=True)


class Streams:
    """
    The requests of one socket that are answered by any number of items.

    The first item answers the request; each further one is pushed.
    """

    __slots__ = ("_exchanges", "_facts", "_going")

    def __init__(self, facts: Facts, exchanges: Exchanges) -> None:
        self._facts = facts
        self._exchanges = exchanges
        # By key: the operation, and when its last item came.
        self._going: dict[Hashable, tuple[str, float]] = {}

    def item(
        self, key: Hashable, at_s: float, *, unknown: str, failed: bool = False
    ) -> None:
        """
        Take note of an item.

        Args:
            key: That of the request.
            at_s: When it came.
            unknown: The operation where no request waits that has this key.
            failed: Whether the item says that something went wrong.

        """
        going = self._going.get(key)
        if going is not None:
            operation, last_at_s = going
            self._facts.interval(operation, at_s - last_at_s, at_s)
            self._facts.pushed(operation, at_s)
        else:
            operation = self._exchanges.operation(key) or unknown
            self._exchanges.end(key, at_s, failed=failed)
        if going is not None or len(self._going) < PENDING_MAXIMUM:
            self._going[key] = operation, at_s

    def forget(self, key: Hashable) -> None:
        """Take note that no more items of this request will come."""
        self._going.pop(key, None)

    def forget_all(self) -> None:
        """Take note that no more items will come."""
        self._going.clear()


class Lens:
    """
    Reads one socket.

    Attributes:
        name: Its name in options, in scripts and in the tag ``protocol``.
        exchanges: The requests that wait.

    Args:
        facts: Hears what is read.

    """

    __slots__ = ("exchanges", "facts")

    name: ClassVar[str]

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.exchanges = Exchanges(facts)

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """
        Read a whole message that was sent; ``kind`` is `TEXT` or `BINARY`.

        Raises:
            UnreadableError: If it is not of this protocol.

        """
        raise NotImplementedError

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """
        Read a whole message that came.

        Raises:
            UnreadableError: If it is not of this protocol.

        """
        raise NotImplementedError

    def closed(self, code: int, at_s: float) -> None:
        """Take note of the end, with the close event's code: nothing more will come."""
        self.exchanges.give_up_all(at_s)
