"""A run of Gharial as a process, and what its users say."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.libraries.client_library import Library

STOP_LIMIT_S: Final = 30.0


class RunProcess:
    """
    A ``gharial run`` of a library's script, in one process.

    Attributes:
        pid: The process.
        connected: How many users have said that they are.
        has_failed: Whether one has said that it failed.

    """

    def __init__(self, library: Library, folder: Path, users: int, *flags: str) -> None:
        self.connected = 0
        self.has_failed = False
        self._lines: list[str] = []
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gharial", "run", "--quiet"),
                *("--log-format=raw", "--log-output=stdout", "--summary-mode=disabled"),
                *(f"--vus={users}", f"--iterations={users}", "--workers=1"),
                *(*library.flags, *flags, str(folder / library.script.name)),
            ],
            env={k: v for k, v in os.environ.items() if not k.startswith("GHARIAL_")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def code(self) -> int | None:
        """Its exit code, None while it goes on."""
        return self._process.poll()

    @property
    def said(self) -> str:
        """What it wrote last."""
        return "\n".join(self._lines[-20:])

    def stop(self) -> None:
        """Ask it to end, if it has not, and wait until it has."""
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if line == "connected\n":
                    self.connected += 1
                elif line == "failed\n":
                    self.has_failed = True
                else:
                    self._lines.append(line.rstrip())
