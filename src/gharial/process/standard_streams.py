"""
Standard streams that never end a program: closed ones, full disks, lost terminals.

A program's work does not depend on who reads its output, so a failed write is
remembered, not raised.
"""

import errno
import io
import os
import sys
from typing import IO, Any, Final, cast

from gharial.harmless import harmless_but_colored

_NOBODY_READS: Final = frozenset({errno.EPIPE, errno.EIO, errno.EBADF})
"""What a write fails with once the reader, the terminal or the descriptor has gone."""


class EnduringStream(io.TextIOWrapper):
    """
    A text stream whose writes never fail.

    Attributes:
        failure: Why some of what was written got nowhere, although it should have; None
            if all arrived, or there is nobody who would read it.

    """

    failure: OSError | None = None

    def write(self, text: str) -> int:
        """
        Write a string; nothing happens if that is no longer possible.

        A terminal gets no control characters but those of colours.
        """
        shown = harmless_but_colored(text) if self.isatty() else text
        self._write_out(shown)
        return len(text)

    def write_unfiltered(self, text: str) -> None:
        """Write a string that may move the cursor."""
        self._write_out(text)

    def _write_out(self, text: str) -> None:
        try:
            super().write(text)
        except OSError as error:
            self._give_up(error)

    def flush(self) -> None:
        """Send off what was written; nothing happens if that cannot be done any more."""
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        if isinstance(error, BlockingIOError):
            # Another program on the same terminal asked for that (Node does).
            os.set_blocking(self.fileno(), True)
            return
        if error.errno not in _NOBODY_READS and self.failure is None:
            self.failure = error
        # What is still in buffers would fail again and again, also at Python's own end.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self.fileno())
        os.close(null)


def make_enduring() -> None:
    """
    Have all three standard streams there, and none that raises; may be called again.

    A descriptor that is closed is opened, to nowhere: the next socket would get its
    number, and what is printed would be sent to a server.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is taken: this one.
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stdout = _enduring(sys.stdout, is_error=False)
    sys.stderr = _enduring(sys.stderr, is_error=True)


class _Unfiltered:
    def __init__(self, stream: EnduringStream) -> None:
        self._stream = stream
        self.write = stream.write_unfiltered

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def unfiltered(stream: IO[str]) -> IO[str]:
    """Return a stream that hands on control characters: what is written is our own."""
    if isinstance(stream, EnduringStream):
        return cast(IO[str], _Unfiltered(stream))
    return stream


def failure_of(stream: IO[str]) -> OSError | None:
    """Return why some of what was written to a stream got nowhere, if that is so."""
    return stream.failure if isinstance(stream, EnduringStream) else None


def _enduring(stream: IO[str] | None, *, is_error: bool) -> IO[str]:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
    if isinstance(stream, EnduringStream) or not isinstance(stream, io.TextIOWrapper):
        # A test's, for one.
        return stream
    encoding, errors = stream.encoding, "backslashreplace" if is_error else "replace"
    is_by_lines = is_error or stream.line_buffering
    # A terminal without Unicode shows '?' instead of ending the run.
    return EnduringStream(
        stream.detach(), encoding=encoding, errors=errors, line_buffering=is_by_lines
    )
