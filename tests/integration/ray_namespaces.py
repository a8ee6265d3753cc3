"""Two machines of a Ray cluster in network namespaces: addresses of their own, and a cable."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

START_LIMIT_S = 60.0
PORT = 6379


def why_not() -> str:
    """Return why there can be no network namespaces here; empty if there can."""
    if not sys.platform.startswith("linux") or shutil.which("ip") is None:
        return "network namespaces need Linux and iproute2"
    name = f"gtry{os.getpid()}"
    if _ip("netns", "add", name, check=False).returncode:
        return "this process may not make network namespaces"
    _ip("netns", "del", name)
    return ""


@dataclass(frozen=True, slots=True)
class Machine:
    """
    A namespace with a machine of the cluster in it.

    Attributes:
        namespace: Its name.
        addresses: Its addresses in the network of the cluster.
        process: What holds Ray there.

    """

    namespace: str
    addresses: tuple[str, ...]
    process: subprocess.Popen[bytes]

    def command(self, *command: str) -> list[str]:
        """Return a command that runs on it."""
        return ["ip", "netns", "exec", self.namespace, *command]

    def workers(self) -> list[psutil.Process]:
        """Return the processes of Gharial's workers on it."""
        return [
            child
            for child in psutil.Process(self.process.pid).children(recursive=True)
            if "WorkerActor" in " ".join(child.cmdline())
        ]

    def unplug(self) -> None:
        """Cut its cable."""
        _ip("-n", self.namespace, "link", "set", "cable", "down")


@contextmanager
def two_machines(folder: Path) -> Iterator[tuple[Machine, Machine]]:
    """Start two machines with one CPU and two addresses each, the head first."""
    names = [f"g{os.getpid()}{letter}" for letter in "ab"]
    addresses = [("10.231.0.1", "10.231.0.11"), ("10.231.0.2", "10.231.0.12")]
    processes: list[subprocess.Popen[bytes]] = []
    # Ray puts Unix sockets below it, whose names may not be long.
    short = tempfile.mkdtemp(prefix="gray-")
    try:
        for name in names:
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip(
            *("link", "add", "cable", "netns", names[0], "type", "veth"),
            *("peer", "name", "cable", "netns", names[1]),
        )
        for name, own in zip(names, addresses, strict=True):
            for address in own:
                _ip("-n", name, "addr", "add", f"{address}/24", "dev", "cable")
            _ip("-n", name, "link", "set", "cable", "up")
        head = addresses[0][0]
        for index, (name, own) in enumerate(zip(names, addresses, strict=True)):
            where = [f"--address={head}:{PORT}"]
            if index == 0:
                where = ["--head", f"--port={PORT}", "--include-dashboard=false"]
                where += [f"--temp-dir={short}"]
            processes.append(_ray(folder, name, own[0], where))
            _await_raylet(processes[-1])
        yield (
            Machine(names[0], addresses[0], processes[0]),
            Machine(names[1], addresses[1], processes[1]),
        )
    finally:
        for process in processes:
            _end(process)
        for name in names:
            _ip("netns", "del", name, check=False)
        shutil.rmtree(short, ignore_errors=True)


def _ray(
    folder: Path, namespace: str, address: str, where: list[str]
) -> subprocess.Popen[bytes]:
    command = [
        *(
            "ip",
            "netns",
            "exec",
            namespace,
            sys.executable,
            "-m",
            "ray.scripts.scripts",
        ),
        *("start", "--block", "--num-cpus=1", f"--node-ip-address={address}"),
        *("--disable-usage-stats", *where),
    ]
    with (folder / f"{namespace}.log").open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _await_raylet(process: subprocess.Popen[bytes]) -> None:
    give_up_at_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < give_up_at_s:
        assert process.poll() is None, "Ray could not be started"
        children = psutil.Process(process.pid).children(recursive=True)
        if any(child.name() == "raylet" for child in children):
            # It answers once it has registered itself.
            time.sleep(3)
            return
        time.sleep(0.2)
    raise AssertionError("there is no raylet")


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(psutil.Error):
        parent = psutil.Process(process.pid)
        for each in [*parent.children(recursive=True), parent]:
            with suppress(psutil.Error):
                each.kill()
    process.wait()


def _ip(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ip", *arguments], check=check, capture_output=True)
