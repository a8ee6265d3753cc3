"""
Gharial as users start it, for tests that look at what comes of a whole start.

Loading it takes longer than most of them: a process loads it once, and each start is a
fork of that. Tests of how it starts and ends (signals, terminals) start `GHARIAL` themselves.
"""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from safety_net import LIMIT_S

GHARIAL = (sys.executable, "-m", "gharial")
_FORKS = Path(__file__).with_name("program_forks.py")
# What would change what the program does, or how wide it prints.
_OURS = ("GHARIAL_", "K6_", "OTEL_", "GITHUB_", "COLUMNS", "NO_COLOR")


def environment(**variables: str) -> dict[str, str]:
    """Return ours, without what would change the program, and with these variables."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    return {**kept, "NO_PROXY": "*", **variables}


def gharial(
    *arguments: str, cwd: Path | str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end; return its exit code and what it wrote."""
    if hasattr(os, "fork"):
        return _forked(arguments, Path(cwd or "."), environment(**variables))
    return subprocess.run(
        [*GHARIAL, *arguments],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )


def _forked(
    arguments: tuple[str, ...], folder: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    order = {
        "arguments": arguments,
        "folder": str(folder.absolute()),
        "environment": variables,
    }
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        with theirs:
            given = [each.fileno() for each in (theirs, stdout, stderr)]
            socket.send_fds(_forks(), [b"!"], given)
        ours.settimeout(LIMIT_S)
        ours.sendall(json.dumps(order).encode() + b"\n")
        with ours.makefile("r") as answers:
            pid = int(answers.readline())
            try:
                code = int(answers.readline())
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise
        written = []
        for file in (stdout, stderr):
            file.seek(0)
            written.append(file.read().decode().replace("\r\n", "\n"))
    return subprocess.CompletedProcess(arguments, code, *written)


@functools.cache
def _forks() -> socket.socket:
    """Start what forks; it ends once nobody holds this socket."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, str(_FORKS), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=environment(),
        )

    def end() -> None:
        ours.close()
        process.wait(LIMIT_S)

    atexit.register(end)
    return ours
