"""Counts that the server keeps where the benchmark can read them at any moment."""

import mmap
from pathlib import Path

# Places of the counts.
OPEN, OPENED, RECEIVED, SENT, GO, DONE = range(6)
_SIZE_BYTES = 6 * 8


class Counters:
    """
    Six 64-bit counts in a file that two processes map.

    Attributes:
        values: The counts: open connections, connections ever opened, data messages
            received, data messages sent; whether floods may begin (set by the reader),
            and connections whose flood has been taken whole.

    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if create:
            path.write_bytes(bytes(_SIZE_BYTES))
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), _SIZE_BYTES)
        self._view = memoryview(self._map)
        self.values = self._view.cast("q")

    def close(self) -> None:
        """Unmap the file."""
        self.values.release()
        self._view.release()
        self._map.close()
        self._file.close()
