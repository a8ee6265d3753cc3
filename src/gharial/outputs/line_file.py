"""A file that takes lines: plain, gzip, or the standard output."""

import gzip
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from gharial.outputs.base import OutputError

STANDARD_OUTPUT: Final = "-"

LINES_AT_ONCE: Final = 256
"""Lines that are made and written in one go: about a tenth of a millisecond's work."""

NAP_S: Final = 50e-6
"""
How long the thread rests after that many lines.

While it makes lines it holds Python's lock, and the event loop, once it has something to
do, waits up to 5 ms for it (``sys.getswitchinterval()``): too long for whoever measures
milliseconds. A rest hands the lock over at once.
"""

COMPRESSION: Final = 6
"""The level of gzip's own program; Python's default of 9 takes twice as long."""


class LineFile:
    """
    Lines on their way to a file.

    Attributes:
        path: Where they go; ``-`` is the standard output.

    """

    def __init__(self, output: str, path: str) -> None:
        """
        Take a path; nothing is opened yet.

        Args:
            output: The output's name, for messages.
            path: The file; ``.gz`` at its end compresses it, empty is ``-``.

        """
        self.path = path or STANDARD_OUTPUT
        self._output = output
        self._file: IO[bytes] | gzip.GzipFile | None = None
        self._lines: list[str] = []

    @property
    def is_stdout(self) -> bool:
        """Whether it is the standard output."""
        return self.path == STANDARD_OUTPUT

    def open(self) -> None:
        """
        Open the file; what it held is gone.

        Raises:
            OutputError: If that cannot be done.

        """
        if self.is_stdout:
            # What was printed as text comes first.
            sys.stdout.flush()
            self._file = sys.stdout.buffer
            return
        try:
            self._file = (
                gzip.open(self.path, "wb", compresslevel=COMPRESSION)  # noqa: SIM115
                if self.path.endswith(".gz")
                else Path(self.path).open("wb")  # noqa: SIM115 - closed by `close`
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise OutputError(
                f"--out {self._output}: cannot write {self.path!r}: {reason}"
            ) from error

    def add(self, lines: Iterable[str]) -> None:
        """Take lines, each with its end."""
        self._lines.extend(lines)
        if len(self._lines) >= LINES_AT_ONCE:
            self._write()
            time.sleep(NAP_S)

    def flush(self) -> None:
        """Write all lines so that others can read them."""
        self._write()
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Write all lines, and let go of the file."""
        try:
            self.flush()
        finally:
            file, self._file = self._file, None
            if file is not None and not self.is_stdout:
                file.close()

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        if self._file is not None and lines:
            # Half of a surrogate pair, which JavaScript's strings may hold, becomes its
            # escape: in JSON that is the same text.
            self._file.write("".join(lines).encode("utf-8", "backslashreplace"))
