"""What a virtual user keeps over its iterations: what ``vuSetup`` left open."""

import asyncio

from gharial.virtual_user.iteration import LiveSocket


class Kept:
    """The sockets, and in Python tasks, that live as long as their virtual user."""

    __slots__ = ("_gone", "_sockets")

    def __init__(self) -> None:
        self._sockets: dict[LiveSocket, None] = {}
        self._gone: asyncio.Event | None = None

    def __bool__(self) -> bool:
        return bool(self._sockets)

    def add(self, socket: LiveSocket) -> None:
        """Keep one more."""
        self._sockets[socket] = None

    def closed(self, socket: LiveSocket) -> bool:
        """Let go of one that has ended; return whether it was the last."""
        if self._sockets.pop(socket, self) is self or self._sockets:
            return False
        if self._gone is not None:
            self._gone.set()
        return True

    def shut(self, code: int) -> None:
        """Close all with this code; bounded by the close limit."""
        for socket in list(self._sockets):
            socket.shut(code)

    def abort(self) -> None:
        """End all at once."""
        for socket in list(self._sockets):
            socket.abort()
        self._sockets.clear()

    async def shut_and_wait(self, code: int, limit_s: float) -> None:
        """Close all with this code, and return once they are gone or after a time."""
        if self._sockets:
            self._gone = asyncio.Event()
            self.shut(code)
            try:
                await asyncio.wait_for(self._gone.wait(), limit_s)
            except TimeoutError:
                return
