"""When an output passes on what it has gathered."""

from typing import Final

SLACK_S: Final = 0.5
"""Batches last about a second: a push this much early is on time."""


class PushClock:
    """Says, batch by batch, whether it is time to push."""

    def __init__(self, interval_s: float) -> None:
        """
        Take the interval.

        Args:
            interval_s: Time between two pushes; batches are not parted for a shorter one.

        """
        self._interval_s = interval_s
        self._pushed_at_s = 0.0

    def is_due(self, now_s: float) -> bool:
        """Return whether to push at this instant of the run; if so, it counts as pushed."""
        if now_s - self._pushed_at_s < self._interval_s - SLACK_S:
            return False
        self._pushed_at_s = now_s
        return True
