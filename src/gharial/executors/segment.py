"""Which virtual users, iterations and starts are one worker's share (arithmetic only)."""

from bisect import bisect_left
from functools import lru_cache

from gharial.errors import ConfigurationError
from gharial.lazy_dataclass import dataclass

MAX_WEIGHT = 1_000
"""The heaviest weight that a worker can have; see `Segment`."""


@lru_cache(maxsize=64)
def pattern(weights: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """
    Return, for each worker, its places in a row that is dealt by weight.

    Args:
        weights: One for each worker, each 1 to `MAX_WEIGHT`.

    Returns:
        Ascending places below the sum of all weights, as many as the worker's weight. Each
        place is one worker's, and each worker's places lie evenly apart.

    """
    # Spread each worker's members over the period, then take all in order; with equal
    # weights the workers come in turn.
    due = sorted(
        ((2 * own + 1) / weight, index)
        for index, weight in enumerate(weights)
        for own in range(weight)
    )
    places: list[list[int]] = [[] for _ in weights]
    for place, (_, index) in enumerate(due):
        places[index].append(place)
    return tuple(tuple(each) for each in places)


@dataclass(frozen=True, slots=True)
class Segment:
    """
    One worker's share of a run.

    The shares of all workers together are the whole, each member exactly once.

    Attributes:
        index: The worker's number, from 0.
        count: How many workers there are, at least 1.
        weights: One for each worker, each 1 to `MAX_WEIGHT`: shares are in proportion to
            them. Empty if all shares are equal; then every ``count``-th member is the
            worker's.

    Raises:
        ConfigurationError: If the weights do not fit.

    Source:
        k6 v2.2, ``lib/execution_segment.go``, for segments of equal length.

    """

    index: int = 0
    count: int = 1
    weights: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Check the weights."""
        if self.weights and (
            len(self.weights) != self.count
            or not all(1 <= weight <= MAX_WEIGHT for weight in self.weights)
        ):
            raise ConfigurationError(
                f"the weights {list(self.weights)} do not fit {self.count} workers: give "
                f"one whole number from 1 to {MAX_WEIGHT:,} for each"
            )

    @property
    def proportion(self) -> float:
        """The share of the whole, 0 to 1."""
        places, period = self._places()
        return len(places) / period

    def share(self, total: int) -> int:
        """Return how many of 0 to ``total`` - 1 are the worker's."""
        places, period = self._places()
        periods, rest = divmod(total, period)
        return periods * len(places) + bisect_left(places, rest)

    def nth(self, own: int) -> int:
        """Return the place in the whole of the worker's member number ``own``, from 0."""
        places, period = self._places()
        periods, rest = divmod(own, len(places))
        return periods * period + places[rest]

    def dealt(self, period: int) -> "Deal":
        """
        Return the deal of an endless row in proportion to the shares of ``period``.

        Iterations are dealt so that each virtual user, of ``period`` many, has the same
        number of them: a worker without virtual users gets none.
        """
        return Deal(period, self)

    def _places(self) -> tuple[tuple[int, ...], int]:
        if not self.weights:
            return (self.index,), self.count
        return pattern(self.weights)[self.index], sum(self.weights)


@dataclass(frozen=True, slots=True)
class Deal:
    """
    An endless row that is dealt to workers, in a pattern that repeats.

    Attributes:
        period: After so many members the pattern repeats.
        segment: The worker's share of each period.

    """

    period: int
    segment: Segment

    @property
    def size(self) -> int:
        """How many members of one period are the worker's; it may be none."""
        return self.segment.share(self.period)

    def nth(self, own: int) -> int:
        """
        Return the place in the whole row of the worker's member number ``own``, from 0.

        The worker must have a share in it.
        """
        periods, rest = divmod(own, self.size)
        return periods * self.period + self.segment.nth(rest)

    def among(self, first: int) -> int:
        """Return how many of the first so many members are the worker's."""
        periods, rest = divmod(first, self.period)
        return periods * self.size + self.segment.share(rest)


WHOLE = Segment()
"""The share of the only worker."""
