"""How many virtual users a run needs (arithmetic only)."""

from collections.abc import Iterable, Sequence


def most_vus(scenarios: Iterable[tuple[float, Sequence[tuple[float, int]]]]) -> int:
    """
    Return the greatest sum, over time, of the VUs that scenarios need.

    Args:
        scenarios: Each scenario's start in seconds, and its ascending pairs of offset
            from that start in seconds and count.

    """
    changes: list[tuple[float, int]] = []
    for start_s, steps in scenarios:
        before = 0
        for offset_s, count in steps:
            changes.append((start_s + offset_s, count - before))
            before = count
    needed = most = 0
    # At one instant those that are given back come before those that are taken.
    for _, change in sorted(changes):
        needed += change
        most = max(most, needed)
    return most
