"""Which virtual users, iterations and starts are one worker's share (arithmetic only)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deal:
    """
    An endless row that is dealt to workers, in a pattern that repeats.

    Attributes:
        period: After so many members the pattern repeats.
        index: The worker's number, from 0.
        count: How many workers there are.

    """

    period: int
    index: int
    count: int

    @property
    def size(self) -> int:
        """How many members of one period are the worker's; it may be none."""
        return len(range(self.index, self.period, self.count))

    def nth(self, own: int) -> int:
        """
        Return the place in the whole row of the worker's member number ``own``, from 0.

        The worker must have a share in it.
        """
        periods, rest = divmod(own, self.size)
        return periods * self.period + self.index + rest * self.count

    def among(self, first: int) -> int:
        """Return how many of the first so many members are the worker's."""
        periods, rest = divmod(first, self.period)
        return periods * self.size + len(range(self.index, rest, self.count))


@dataclass(frozen=True, slots=True)
class Segment:
    """
    One worker's share of a run: every ``count``-th member of what is divided.

    The shares of all workers together are the whole, each member exactly once.

    Attributes:
        index: The worker's number, from 0.
        count: How many workers there are, at least 1.

    Source:
        k6 v2.2, ``lib/execution_segment.go``, for segments of equal length.

    """

    index: int = 0
    count: int = 1

    def share(self, total: int) -> int:
        """Return how many of 0 to ``total`` - 1 are the worker's."""
        return len(range(self.index, total, self.count))

    def nth(self, own: int) -> int:
        """Return the place in the whole of the worker's member number ``own``, from 0."""
        return own * self.count + self.index

    def dealt(self, period: int) -> Deal:
        """
        Return the deal of an endless row in proportion to the shares of ``period``.

        Iterations are dealt so that each virtual user, of ``period`` many, has the same
        number of them: a worker without virtual users gets none.
        """
        return Deal(period, self.index, self.count)


WHOLE = Segment()
"""The share of the only worker."""
