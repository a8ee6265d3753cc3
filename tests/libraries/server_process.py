"""A library's server as a process that can be killed and started again."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Final, Self

START_LIMIT_S: Final = 60.0


class ServerError(Exception):
    """The server did not start, or failed."""


class ServerProcess:
    """
    A server program of ``servers``, on the loopback address.

    Attributes:
        heard: Texts that it says it got from users, over all its lives, with counts.

    """

    def __init__(self, script: Path, folder: Path) -> None:
        self.heard: Counter[str] = Counter()
        self.port = 0
        self._folder = folder
        starter = sys.executable if script.suffix == ".py" else "node"
        self._command = (starter, str(folder / script.name))
        self._process: subprocess.Popen[str] | None = None
        self._reader = threading.Thread()
        self._is_listening = threading.Event()
        self._has_ended = False
        self._other_lines: list[str] = []

    @property
    def address(self) -> str:
        """Where it listens, for scripts to add scheme and path."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """
        Listen, on the port of the first time.

        Raises:
            ServerError: If it does not.

        """
        self._is_listening.clear()
        self._has_ended = False
        self._process = subprocess.Popen(
            [*self._command, str(self.port)],
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": str(self._folder / "python")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,))
        self._reader.start()
        self._is_listening.wait(START_LIMIT_S)
        if self._has_ended or not self._is_listening.is_set():
            self.kill()
            raise ServerError("the server did not start: " + self.said)

    @property
    def said(self) -> str:
        """The last lines that it wrote of its own accord."""
        return "\n".join(self._other_lines[-20:])

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            # Some have processes of their own.
            if hasattr(os, "killpg"):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
            self._process.wait()
            self._reader.join()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                word, _, rest = line.strip().partition(" ")
                if word == "LISTENING":
                    self.port = int(rest)
                    self._is_listening.set()
                elif word == "HEARD":
                    self.heard[rest] += 1
                else:
                    self._other_lines.append(line.rstrip())
        # Who waits for it sees that it has ended.
        self._has_ended = True
        self._is_listening.set()
