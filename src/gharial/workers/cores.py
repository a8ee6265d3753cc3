"""How many cores this process may use."""

import os
from pathlib import Path

_CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(quota_file: Path = _CGROUP_QUOTA) -> int:
    """
    Return the cores that are ours: of the machine, minus what affinity or quota forbid.

    Source:
        Linux, ``Documentation/admin-guide/cgroup-v2.rst``: ``cpu.max`` holds a quota and
        a period, or ``max``.

    """
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    try:
        quota, period = quota_file.read_text("ascii").split()
        cores = min(cores, int(int(quota) / int(period)))
    except (OSError, ValueError):
        # No such limits here, or none set.
        return max(1, cores)
    return max(1, cores)
