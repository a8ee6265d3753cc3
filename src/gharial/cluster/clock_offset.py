"""Computes how far one machine's clocks are from another's, from exchanges of times."""

import time
from collections.abc import Iterable

from gharial.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ClockReading:
    """
    Both clocks of a machine, at one moment.

    Attributes:
        monotonic_s: The one that never steps, from an origin of the machine's own.
        epoch_s: The time of day, in seconds since the Unix epoch.

    """

    monotonic_s: float
    epoch_s: float


def read_clocks() -> ClockReading:
    """Return this machine's clocks as they are now."""
    return ClockReading(time.monotonic(), time.time())


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    A question for the time, and its answer.

    Attributes:
        asked_at: When it was asked, by the clocks of who asked.
        answer: The answer, by the clocks of who was asked.
        answered_at: When the answer was there, by the clocks of who asked.

    """

    asked_at: ClockReading
    answer: ClockReading
    answered_at: ClockReading

    @property
    def round_trip_s(self) -> float:
        """How long it took."""
        return self.answered_at.monotonic_s - self.asked_at.monotonic_s


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """
    How far another machine's clocks are ahead of ours.

    Attributes:
        ahead_s: The time of day, in seconds; negative if it is behind.
        monotonic_ahead_s: The clock that never steps; its origin is each machine's own.
        error_s: The truth is at most this far from it, on either side.

    """

    ahead_s: float = 0.0
    monotonic_ahead_s: float = 0.0
    error_s: float = 0.0


def clock_offset(exchanges: Iterable[Exchange]) -> ClockOffset:
    """
    Return how far the clocks of who was asked are ahead of ours.

    The fastest exchange counts: its answer was given at some moment of the round trip, so
    the middle is wrong by half of it at most.

    Args:
        exchanges: One at least.

    Source:
        RFC 5905 section 8, with one timestamp for the arrival and the answer.

    """
    fastest = min(exchanges, key=lambda each: each.round_trip_s)
    half_s = fastest.round_trip_s / 2
    answer, asked = fastest.answer, fastest.asked_at
    return ClockOffset(
        answer.epoch_s - asked.epoch_s - half_s,
        answer.monotonic_s - asked.monotonic_s - half_s,
        half_s,
    )
