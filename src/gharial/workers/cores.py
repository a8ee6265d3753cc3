"""How many cores this process may use, and how many workers a run has."""

import os
from collections.abc import Callable
from pathlib import Path

from gharial.executors.catalog import executors_of
from gharial.lifecycle.plan import most_vus_of
from gharial.options.model import Options

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


def worker_count(options: Options, cores: Callable[[], int] = usable_cores) -> int:
    """Return how many workers a run has: at most as many as virtual users."""
    wanted = options.workers or cores()
    return max(1, min(wanted, most_vus_of(executors_of(options))))
