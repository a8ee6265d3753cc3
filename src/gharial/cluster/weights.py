"""The share of the load for each worker, by the speed of its machine."""

import time
from collections.abc import Callable, Sequence
from typing import Final

CALIBRATION_S: Final = 0.2
STEPS: Final = 20
"""Weights are whole numbers up to this: finer differences are noise."""

ALIKE: Final = 0.1
"""Machines that differ by less than this share of the fastest one count as alike."""


def measured_speed(
    cpu_s: Callable[[], float] = time.process_time, limit_s: float = CALIBRATION_S
) -> float:
    """
    Return rounds of a fixed calculation for each second of CPU time of this process.

    It is over after ``limit_s`` of CPU time, and says nothing of other machines' absolute
    speed: only ratios between machines that run the same version of Python count.
    """
    began_s = cpu_s()
    rounds = 0
    while (taken_s := cpu_s() - began_s) < limit_s:
        _one_round()
        rounds += 1
    return rounds / taken_s


def weights_of(speeds: Sequence[float]) -> tuple[int, ...]:
    """
    Return whole weights in proportion to speeds; empty if all machines are alike.

    Args:
        speeds: One for each worker, above zero.

    Returns:
        One for each worker, 1 to `STEPS`, the fastest one's `STEPS`.

    """
    fastest = max(speeds)
    if min(speeds) >= fastest * (1 - ALIKE):
        return ()
    return tuple(max(1, round(speed / fastest * STEPS)) for speed in speeds)


def _one_round() -> None:
    # Dictionaries, strings and calls, as handling an event takes them.
    found: dict[str, int] = {}
    for number in range(500):
        name = f"key-{number % 50}"
        found[name] = found.get(name, 0) + number
    ",".join(sorted(found))
