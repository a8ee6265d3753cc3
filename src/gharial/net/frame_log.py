"""The sockets whose frames are logged, and where the lines go."""

from collections.abc import Callable

Write = Callable[[str], None]


class FrameLog:
    """
    Gives numbers to the sockets that are to be logged, and writes their lines.

    Attributes:
        left: How many more sockets are to be logged.

    """

    def __init__(self, sockets: int, write: Write) -> None:
        self.left = sockets
        self._write = write
        self._last = 0

    def begin(self, url: str, status: int, extensions: str) -> Write:
        """Log one socket's opening; return what writes its further lines."""
        self.left -= 1
        self._last += 1
        label = f"socket {self._last}"
        compressed = f", {extensions}" if extensions else ""
        self._write(f"{label} = {url}: status {status}{compressed}")
        return lambda text: self._write(f"{label} {text}")
