"""The system's counters of the CPU time of a thread, its process and the machine."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

NANO: Final = 1e-9
_THREAD: Final = Path("/proc/thread-self/schedstat")
_MACHINE: Final = Path("/proc/stat")
_CGROUPS: Final = (
    Path("/sys/fs/cgroup/cpu.stat"),
    Path("/sys/fs/cgroup/cpu/cpu.stat"),
)
# The columns of /proc/stat behind "cpu": the eighth is what a hypervisor took.
_STEAL: Final = 8


class CpuProbe:
    """
    Reads the system's counters; make it in the thread that is watched.

    Where the system does not tell something, it is None or stays at 0.

    Source:
        Linux, ``Documentation/scheduler/sched-stats.rst`` (``schedstat``: time on the
        CPU, time spent waiting for it), ``Documentation/filesystems/proc.rst``
        (``/proc/stat``), ``Documentation/admin-guide/cgroup-v2.rst`` (``cpu.stat``).

    """

    def __init__(
        self,
        thread_file: Path = _THREAD,
        machine_file: Path = _MACHINE,
        cgroup_files: tuple[Path, ...] = _CGROUPS,
    ) -> None:
        """Open what there is."""
        self._thread = _opened(thread_file)
        self._machine_file = machine_file
        self._cgroup_files = cgroup_files

    def process_s(self) -> float:
        """Return the CPU time of the process, in seconds."""
        return time.process_time()

    def computed_s(self) -> float:
        """Return the CPU time of the calling thread, in seconds."""
        return time.thread_time()

    def waited_s(self) -> float | None:
        """Return for how long the watched thread was ready to run and had no CPU."""
        if self._thread is None:
            return None
        try:
            _, waited_ns, _ = os.pread(self._thread, 100, 0).split()
            return int(waited_ns) * NANO
        except (OSError, ValueError):
            return None

    def stolen_s(self) -> float:
        """Return for how long a hypervisor kept a core back, on average over cores."""
        try:
            line = self._machine_file.read_text("ascii").partition("\n")[0].split()
            return int(line[_STEAL]) / os.sysconf("SC_CLK_TCK") / (os.cpu_count() or 1)
        except (OSError, ValueError, IndexError):
            return 0.0

    def throttled_s(self) -> float:
        """Return for how long the limit of a container held all of it back."""
        for path in self._cgroup_files:
            try:
                pairs = (line.split() for line in path.read_text("ascii").splitlines())
                found = {name: int(value) for name, value in pairs}
            except (OSError, ValueError):
                continue
            if "throttled_usec" in found:
                return found["throttled_usec"] * 1e-6
            return found.get("throttled_time", 0) * NANO
        return 0.0

    def close(self) -> None:
        """Let go of what is open."""
        if self._thread is not None:
            os.close(self._thread)
            self._thread = None


MakeProbe = Callable[[], CpuProbe]


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY)
    except OSError:
        return None
