"""
A connection's wire without sockets: bytes go in and out of memory.

:class:`MemoryTransport` stands in for an upgraded transport; what the peer would send is
handed to :meth:`MemoryTransport.deliver`, and what would go to the peer is kept.
"""

import asyncio
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TEXT, BINARY, CONTINUATION = 0x1, 0x2, 0x0
CLOSE, PING, PONG = 0x8, 0x9, 0xA


@dataclass(frozen=True, slots=True)
class Frame:
    """
    One frame that a client sent, unmasked.

    Attributes:
        opcode: What it is.
        payload: Its content.
        is_final: Whether the message ends with it.
        is_compressed: Whether the first reserved bit is set.

    """

    opcode: int
    payload: bytes
    is_final: bool
    is_compressed: bool


def server_frame(
    opcode: int,
    payload: bytes = b"",
    *,
    is_final: bool = True,
    reserved: int = 0,
    mask: bytes = b"",
) -> bytes:
    """
    Return a frame as a server sends it.

    Args:
        opcode: What it is; illegal ones are allowed.
        payload: Its content.
        is_final: Whether the message ends with it.
        reserved: The three reserved bits, 0 to 7.
        mask: Four bytes to mask with, which a server must not do.

    """
    first = (0x80 if is_final else 0) | reserved << 4 | opcode
    size = len(payload)
    bit = 0x80 if mask else 0
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 65_536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    if mask:
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return head + mask + payload


def client_frames(data: bytes) -> Iterator[Frame]:
    """Give the frames that a client sent."""
    while data:
        first, second = data[0], data[1]
        size, position = second & 0x7F, 2
        if size == 126:
            size, position = struct.unpack("!H", data[2:4])[0], 4
        elif size == 127:
            size, position = struct.unpack("!Q", data[2:10])[0], 10
        mask = data[position : position + 4]
        body = data[position + 4 : position + 4 + size]
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(body))
        yield Frame(first & 0xF, payload, bool(first & 0x80), bool(first & 0x40))
        data = data[position + 4 + size :]


class _NoSocket:
    """What asks a transport for its socket gets this."""

    def fileno(self) -> int:
        return -1

    def setsockopt(self, *arguments: Any) -> None: ...

    def getsockopt(self, *arguments: Any) -> int:
        return 0


class MemoryTransport(asyncio.Transport):
    """
    An upgraded transport in memory.

    Attributes:
        written: Bytes that were written and have left.
        unsent: Bytes that were written and wait, while ``is_blocked``.
        is_blocked: Whether the peer does not read.

    """

    def __init__(self) -> None:
        # With TLS, or what looks like it, nothing is written to a socket directly.
        super().__init__({"socket": _NoSocket(), "ssl_object": self})
        self.written = b""
        self.unsent = b""
        self.is_blocked = False
        self._reads = False
        self._waiting = b""
        self._protocol: Any = None
        self._is_closing = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Take a protocol over."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol."""
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def set_write_buffer_limits(
        self, high: int | None = None, low: int | None = None
    ) -> None:
        """Do nothing: writing pauses as soon as the peer does not read."""

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait."""
        return len(self.unsent)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write, or keep what cannot be written."""
        if self.is_blocked:
            if not self.unsent:
                self._protocol.pause_writing()
            self.unsent += bytes(data)
        else:
            self.written += bytes(data)

    def unblock(self) -> None:
        """Let the peer read all that waits."""
        self.is_blocked = False
        self.written += self.unsent
        self.unsent = b""
        self._protocol.resume_writing()

    def is_reading(self) -> bool:
        """Return whether delivered bytes are passed on at once."""
        return self._reads

    def pause_reading(self) -> None:
        """Keep what is delivered."""
        self._reads = False

    def resume_reading(self) -> None:
        """Pass on what is delivered."""
        self._reads = True
        waiting, self._waiting = self._waiting, b""
        if waiting:
            self.deliver(waiting)

    def is_closing(self) -> bool:
        """Return whether the transport was closed."""
        return self._is_closing

    def close(self) -> None:
        """Close, and tell so."""
        self.lose(None)

    def abort(self) -> None:
        """Close, and tell so."""
        self.lose(None)

    def lose(self, error: BaseException | None) -> None:
        """Let the connection end, cleanly or with an error."""
        if not self._is_closing:
            self._is_closing = True
            self._protocol.connection_lost(error)

    def deliver(self, data: bytes) -> None:
        """Let bytes arrive from the peer."""
        view = memoryview(data)
        while view and not self._is_closing:
            if not self._reads:
                self._waiting += bytes(view)
                return
            buffer = self._protocol.get_buffer(len(view))
            size = min(len(buffer), len(view))
            buffer[:size] = view[:size]
            self._protocol.buffer_updated(size)
            view = view[size:]

    @property
    def frames(self) -> list[Frame]:
        """The frames that were written."""
        return list(client_frames(self.written))
