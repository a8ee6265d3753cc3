"""How many virtual users a run needs, and when (arithmetic only)."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence

Steps = tuple[tuple[float, int], ...]
"""Ascending pairs of offset in seconds and the count from then on."""


def most_vus(scenarios: Iterable[tuple[float, Sequence[tuple[float, int]]]]) -> int:
    """
    Return the greatest sum, over time, of the VUs that scenarios need.

    Args:
        scenarios: Each scenario's start in seconds, and its ascending pairs of offset
            from that start in seconds and count.

    """
    return max((count for _, count in summed(scenarios)), default=0)


def summed(scenarios: Iterable[tuple[float, Sequence[tuple[float, int]]]]) -> Steps:
    """
    Return the sum, over time, of the VUs that scenarios need.

    Args:
        scenarios: As for `most_vus`.

    """
    changes: list[tuple[float, int]] = []
    for start_s, steps in scenarios:
        before = 0
        for offset_s, count in steps:
            changes.append((start_s + offset_s, count - before))
            before = count
    needed, total = 0, []
    # At one instant those that are given back come before those that are taken.
    for offset_s, change in sorted(changes):
        needed += change
        total.append((offset_s, needed))
    return tuple(total)


class Need:
    """How many VUs are needed at a moment or later."""

    def __init__(self, steps: Steps) -> None:
        self._offsets_s = [offset_s for offset_s, _ in steps]
        later = 0
        self._most: list[int] = []
        for _, count in reversed(steps):
            later = max(later, count)
            self._most.append(later)
        self._most.reverse()

    def at(self, offset_s: float) -> int:
        """Return the most that are needed from this moment on."""
        index = max(0, bisect_right(self._offsets_s, offset_s) - 1)
        return self._most[index] if self._most else 0


def ramp(start_vus: int, stages: Sequence[tuple[float, int]]) -> Steps:
    """
    Return when the number of VUs changes while a line goes through the stages' ends.

    Upwards, a VU is added when the line reaches its number; downwards it is removed when
    the line reaches the number below, so that up and down are symmetric.

    Args:
        start_vus: How many at the origin.
        stages: Pairs of duration in seconds and the count at the stage's end.

    Source:
        k6 v2.2, ``lib/executor/ramping_vus.go`` (``getRawExecutionSteps``).

    """
    steps = [(0.0, start_vus)]
    begins_s, before = 0.0, start_vus
    for duration_s, target in stages:
        change = target - before
        direction = 1 if change > 0 else -1
        for done in range(1, abs(change) + 1):
            offset_s = begins_s + duration_s * (done / abs(change))
            if steps[-1][0] == offset_s:
                steps.pop()
            steps.append((offset_s, before + direction * done))
        begins_s += duration_s
        before = target
    return tuple(steps)


def reserved(steps: Steps, hold_s: float, end_s: float) -> Steps:
    """
    Return how many VUs must be kept while those that were removed may still be busy.

    Args:
        steps: How many are wanted.
        hold_s: So long after its removal a VU may go on.
        end_s: From then on none is needed.

    """
    moments = sorted(
        {offset_s for offset_s, _ in steps}
        | {offset_s + hold_s for offset_s, _ in steps if offset_s + hold_s < end_s}
    )
    # The steps whose count may still be the greatest of the last `hold_s` seconds: each
    # with the moment until which it counts, greatest first.
    window: deque[tuple[float, int]] = deque()
    result: list[tuple[float, int]] = []
    following = 0
    for moment_s in moments:
        if moment_s >= end_s:
            break
        while following < len(steps) and steps[following][0] <= moment_s:
            count = steps[following][1]
            while window and window[-1][1] <= count:
                window.pop()
            until_s = end_s
            if following + 1 < len(steps):
                until_s = min(end_s, steps[following + 1][0] + hold_s)
            window.append((until_s, count))
            following += 1
        while len(window) > 1 and window[0][0] <= moment_s:
            window.popleft()
        if not result or result[-1][1] != window[0][1]:
            result.append((moment_s, window[0][1]))
    result.append((end_s, 0))
    return tuple(result)
