"""A real Ray cluster of two machines, both on this one; run as a module by tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

# What makes the Python code of the second machine believe in another time of day, that it
# calculates a quarter as fast, and, while there is such a file, in another version of picows.
_OTHER_MACHINE = """
import importlib.metadata, os, time
_ahead_s, _time = float(os.environ["CLOCK_AHEAD_S"]), time.time
time.time = lambda: _time() + _ahead_s
_thread_time = time.thread_time
time.thread_time = lambda: _thread_time() * 4
_version, _file = importlib.metadata.version, __file__ + ".picows"
importlib.metadata.version = lambda name: (
    "0.0.1" if name == "picows" and os.path.exists(_file) else _version(name)
)
"""
CLOCK_AHEAD_S = 3.0
START_LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class TwoNodes:
    """
    A cluster.

    Attributes:
        address: Its head's.
        environment: What a driver needs to join it.
        raylets: Process ids of the machines' own processes, the head's first.
        folder: What the second machine is made of.

    """

    address: str
    environment: dict[str, str]
    raylets: tuple[int, ...]
    folder: Path = Path()

    @contextmanager
    def other_version(self) -> Iterator[None]:
        """Let the second machine have another version of picows inside the block."""
        file = self.folder / "sitecustomize.py.picows"
        file.touch()
        try:
            yield
        finally:
            file.unlink()

    def workers(self) -> list[psutil.Process]:
        """Return the processes of Gharial's workers on both machines."""
        found = []
        for raylet in self.raylets:
            if psutil.pid_exists(raylet):
                for child in psutil.Process(raylet).children(recursive=True):
                    if "WorkerActor" in " ".join(child.cmdline()):
                        found.append(child)
        return found


@contextmanager
def two_nodes(folder: Path) -> Iterator[TwoNodes]:
    """Start two machines with one CPU each; the second's clock is 3 s ahead, and it is slow."""
    (folder / "sitecustomize.py").write_text(_OTHER_MACHINE, "utf-8")
    environment = os.environ | {"RAY_USAGE_STATS_ENABLED": "0"}
    process = subprocess.Popen(
        [sys.executable, __file__, str(folder)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, "Ray could not be started"
        said = json.loads(line)
        yield TwoNodes(said["address"], environment, tuple(said["raylets"]), folder)
    finally:
        process.stdin.close()
        try:
            process.wait(START_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()


def main(folder: str) -> None:
    """Hold the cluster until the input ends."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    other = os.environ | {"PYTHONPATH": folder, "CLOCK_AHEAD_S": str(CLOCK_AHEAD_S)}
    cluster.add_node(num_cpus=1, env_vars=other)
    raylets = [
        process.pid
        for process in psutil.Process().children(recursive=True)
        if process.name() == "raylet"
    ]
    print(json.dumps({"address": cluster.address, "raylets": raylets}), flush=True)
    sys.stdin.buffer.read()
    cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
