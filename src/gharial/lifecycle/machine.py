"""Facts of the machine that a run used, to compare it with others."""

import os
import platform
import socket
import sys
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import psutil

from gharial.process.build import IS_COMPILED

_CPU_INFO: Final = Path("/proc/cpuinfo")

LANGUAGES: Final = {"javascript": "JavaScript (QuickJS)", "python": "Python"}
"""Names for people of what runs scripts."""


def machine_facts() -> dict[str, str]:
    """Return facts of the machine, and the versions of the libraries that run a test."""
    return {
        "CPU": cpu_model(_CPU_INFO),
        "Cores": str(_cores()),
        "Memory": f"{psutil.virtual_memory().total / 1e9:.1f} GB",
        "System": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Event loop": _versioned("uvloop") or f"asyncio ({sys.platform})",
        "Wire": _versioned("picows"),
        "Hot path": "compiled" if IS_COMPILED else "plain Python",
        "JavaScript engine": _versioned("quickjs-bindings"),
        "Time zone": time_zone(),
    }


def time_zone() -> str:
    """Return the machine's time zone: ``UTC+01:00``."""
    return f"UTC{datetime.now().astimezone().isoformat()[-6:]}"


def own_addresses() -> tuple[str, ...]:
    """Return the addresses of this machine's networks, without those of loopback."""
    families = {socket.AF_INET, socket.AF_INET6}
    found = []
    for interface in psutil.net_if_addrs().values():
        for each in interface:
            address = each.address.partition("%")[0]
            is_local = address.startswith(("127.", "fe80:")) or address == "::1"
            if each.family in families and not is_local:
                found.append(address)
    return tuple(found)


def cpu_model(cpu_info: Path) -> str:
    """Return the processor's name; the kind of machine where that is all that is known."""
    try:
        lines = cpu_info.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "model name" and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    # Those that this process may use: in a container they are often fewer.
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _versioned(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""
