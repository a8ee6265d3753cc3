"""Checks before the load starts whether this machine has enough resources."""

import contextlib
from pathlib import Path

from gharial.lazy_dataclass import dataclass

# Measured, with one open socket: what a virtual user takes, in each language.
VU_BYTES = {"javascript": 190_000, "python": 45_000}
WORKER_BYTES = 75_000_000
# What a process has open besides sockets: libraries, pipes, logs.
OTHER_FILES = 100

_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_CGROUP = Path("/sys/fs/cgroup")
_MEMORY_INFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Demand:
    """
    What a run will need at least.

    Attributes:
        vus: Virtual users, over all workers; one socket each is reckoned with.
        workers: Processes.
        language: ``javascript`` or ``python``.
        local_addresses: Addresses to connect from; 0 for the system's choice.

    """

    vus: int
    workers: int
    language: str
    local_addresses: int = 0


@dataclass(frozen=True, slots=True)
class Supply:
    """
    What this machine gives; None for what is not known or not limited.

    Attributes:
        files: Files and sockets that one process may have open.
        ports: Local ports for each address that we connect from.
        memory_bytes: Memory that is free for us.

    """

    files: int | None
    ports: int | None
    memory_bytes: int | None


def supply() -> Supply:
    """Return what there is, once this process may open as many files as it can."""
    return Supply(_files(), _ports(_PORT_RANGE), _memory(_CGROUP))


def shortages(demand: Demand, given: Supply) -> list[str]:
    """Return what there will not be enough of, each with what helps."""
    found = []
    files = -(-demand.vus // demand.workers) + OTHER_FILES
    if given.files is not None and files > given.files:
        found.append(
            f"{demand.vus:,} virtual users with a socket each need about {files:,} open "
            f"files in each of {demand.workers} processes, and only {given.files:,} are "
            f"allowed; raise the limit with 'ulimit -n {_rounded(files)}' (LimitNOFILE= "
            "of systemd, --ulimit nofile of Docker), or use more --workers"
        )
    addresses = max(1, demand.local_addresses)
    if given.ports is not None and demand.vus > given.ports * addresses:
        found.append(
            f"{demand.vus:,} sockets to one server need as many local ports, and there are "
            f"{given.ports * addresses:,}; widen the range with 'sysctl -w "
            'net.ipv4.ip_local_port_range="1024 65535"\', or connect from several '
            "addresses with --local-ips"
        )
    memory = demand.vus * VU_BYTES.get(demand.language, 0)
    memory += demand.workers * WORKER_BYTES
    if given.memory_bytes is not None and memory > given.memory_bytes:
        found.append(
            f"{demand.vus:,} virtual users in {demand.language} take about "
            f"{_gigabytes(memory)} of memory, and {_gigabytes(given.memory_bytes)} are "
            "free; use fewer virtual users with several sockets each, or another machine"
        )
    return found


def _rounded(files: int) -> int:
    """Return the next power of two, as people write such limits."""
    return int(1 << (files - 1).bit_length())


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB"


def _files() -> int | None:
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # macOS refuses numbers that Linux takes; then what there was has to do.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else int(soft)


def _ports(path: Path) -> int | None:
    try:
        first, last = path.read_text("ascii").split()
        return int(last) - int(first) + 1
    except (OSError, ValueError):
        return None


def _memory(cgroup: Path) -> int | None:
    free = _available(_MEMORY_INFO)
    try:
        limit = int((cgroup / "memory.max").read_text("ascii"))
        used = int((cgroup / "memory.current").read_text("ascii"))
    except (OSError, ValueError):
        return free
    return min(free, max(0, limit - used))


def _available(memory_info: Path) -> int:
    """Return the free memory; on Linux without psutil, which is slow to load."""
    try:
        lines = memory_info.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return int(amount.removesuffix("kB")) * 1024
    import psutil

    return int(psutil.virtual_memory().available)
