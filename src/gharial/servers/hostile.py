"""A WebSocket server that does harm, one way at a time, to test clients against."""

import asyncio
import contextlib
import functools
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Self, TypeAlias

from gharial.errors import ConfigurationError, did_you_mean
from gharial.servers.certificates import Certificates
from gharial.servers.listening import listening_error, url_of
from gharial.websocket.handshake import accept_of

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
Play: TypeAlias = Callable[[Reader, Writer], Awaitable[None]]

# No scenario goes on for longer, whatever the client does.
SCENARIO_LIMIT_S = 120.0
TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


class NoSuchScenarioError(ConfigurationError):
    """
    There is no scenario of this name.

    Attributes:
        name: What was asked for.

    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no hostile scenario {name!r}{did_you_mean(name, SCENARIOS)} "
            f"(there are {', '.join(SCENARIOS)})"
        )
        self.args = (name,)
        self.name = name


class HostileServer:
    """
    Plays one of the `SCENARIOS` with every client.

    Use it with ``async with``.

    Attributes:
        scenario: The scenario's name.
        host: The address that it listens on.
        port: The port that it listens on, once it does.
        connections: How many were made so far.

    """

    def __init__(
        self,
        scenario: str,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: Certificates | None = None,
    ) -> None:
        """
        Choose a scenario.

        Raises:
            NoSuchScenarioError: If there is none of this name.

        """
        if scenario not in SCENARIOS:
            raise NoSuchScenarioError(scenario)
        self.scenario = scenario
        self.host = host
        self.port = port
        self.connections = 0
        self._tls = tls
        self._play = SCENARIOS[scenario]
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where to connect to."""
        return url_of(self.host, self.port, is_secure=self._tls is not None)

    async def __aenter__(self) -> Self:
        """
        Listen.

        Raises:
            AddressInUseError: If the address cannot be listened on.

        """
        context = self._tls.server_context() if self._tls is not None else None
        try:
            self._server = await asyncio.start_server(
                self._serve, self.host, self.port, ssl=context, backlog=4096
            )
        except OSError as error:
            raise listening_error(self.host, self.port, error) from None
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        """End all connections, and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def serve_forever(self) -> None:
        """Serve until cancelled."""
        assert self._server is not None
        await self._server.serve_forever()

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with asyncio.timeout(SCENARIO_LIMIT_S):
                await self._play(reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            # The client has gone, which is what it should do.
            pass
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.close()


# -- The beginning, and what frames are made of ------------------------------------------


async def _upgrade(reader: Reader, writer: Writer, extensions: str = "") -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    fields = {name.lower(): value.strip() for name, _, value in lines}
    accept = accept_of(fields[b"sec-websocket-key"].decode("latin-1"))
    offered = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept.encode()
        + f"\r\n{offered}\r\n".encode()
    )


def _frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    length: int | None = None,
    mask: bytes = b"",
) -> bytes:
    said = len(payload) if length is None else length
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    bit = 0x80 if mask else 0
    if said > 0xFFFF:
        return struct.pack("!BBQ", first, bit | 127, said) + mask + payload
    if said > 125:
        return struct.pack("!BBH", first, bit | 126, said) + mask + payload
    return struct.pack("!BB", first, bit | said) + mask + payload


async def _until_gone(reader: Reader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(65_536):
            pass


def _reset(writer: Writer) -> None:
    """End TCP with RST, as a server that crashes does."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _sends(*pieces: bytes, extensions: str = "") -> Play:
    """Return what upgrades, sends some bytes and then waits until the client goes."""

    async def play(reader: Reader, writer: Writer) -> None:
        await _upgrade(reader, writer, extensions)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        await _until_gone(reader)

    return play


def _answers(answer: bytes) -> Play:
    """Return what answers the upgrade with these bytes, and waits."""

    async def play(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        await _until_gone(reader)

    return play


# -- The scenarios -----------------------------------------------------------------------


async def _silent(reader: Reader, writer: Writer) -> None:
    await _until_gone(reader)


async def _one_byte_a_second(reader: Reader, writer: Writer) -> None:
    for byte in b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1.0)


async def _reset_at_once(reader: Reader, writer: Writer) -> None:
    _reset(writer)


async def _reset_in_handshake(reader: Reader, writer: Writer) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 101 Switching")
    await writer.drain()
    _reset(writer)


async def _reset_after_open(reader: Reader, writer: Writer) -> None:
    await _upgrade(reader, writer)
    await writer.drain()
    await asyncio.sleep(0.05)
    _reset(writer)


async def _reset_in_frame(reader: Reader, writer: Writer) -> None:
    await _upgrade(reader, writer)
    writer.write(_frame(BINARY, b"half", length=1000))
    await writer.drain()
    await asyncio.sleep(0.05)
    _reset(writer)


async def _drops(reader: Reader, writer: Writer) -> None:
    await _upgrade(reader, writer)
    await writer.drain()


async def _flood(reader: Reader, writer: Writer) -> None:
    await _upgrade(reader, writer)
    chunk = _frame(BINARY, bytes(1000)) * 64
    while True:
        writer.write(chunk)
        await writer.drain()


async def _pings(reader: Reader, writer: Writer) -> None:
    await _upgrade(reader, writer)
    chunk = _frame(PING, b"ping") * 1000
    for _ in range(1000):
        writer.write(chunk)
        await writer.drain()
    writer.write(_frame(CLOSE, struct.pack("!H", 1000)))
    await _until_gone(reader)


async def _stops_reading(reader: Reader, writer: Writer) -> None:
    await _upgrade(reader, writer)
    await writer.drain()
    writer.transport.pause_reading()  # type: ignore[attr-defined] # it is a real one
    await asyncio.sleep(SCENARIO_LIMIT_S)


async def _endless_header(reader: Reader, writer: Writer) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    while True:
        writer.write(b"X-Header: " + b"x" * 1000 + b"\r\n")
        await writer.drain()


# Made for the first client: it takes half a second.
@functools.cache
def _bomb() -> bytes:
    deflater = zlib.compressobj(9, wbits=-15)
    data = b"".join(deflater.compress(bytes(1 << 20)) for _ in range(128))
    return (data + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


async def _deflate_bomb(reader: Reader, writer: Writer) -> None:
    await _upgrade(reader, writer, "permessage-deflate")
    # In a thread, so that other clients are served meanwhile.
    writer.write(_frame(BINARY, await asyncio.to_thread(_bomb), reserved=4))
    await writer.drain()
    await _until_gone(reader)


_OVER_LIMIT = 65 * 1024 * 1024
_GOODBYE = _frame(CLOSE, struct.pack("!H", 1000))

SCENARIOS: Mapping[str, Play] = {
    "silent": _silent,
    "silent-in-handshake": _answers(b"HTTP/1.1 101 Switching Protocols\r\nUpgra"),
    "one-byte-a-second": _one_byte_a_second,
    "status-503": _answers(
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\n"
        b"Content-Length: 5\r\n\r\nlater"
    ),
    "endless-header": _endless_header,
    "bad-accept": _answers(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: nonsense\r\n\r\n"
    ),
    "no-http": _answers(b"\x00\xff\xfe not HTTP at all\r\n\r\n"),
    "never-answers-close": _sends(),
    "drops": _drops,
    "reset-at-once": _reset_at_once,
    "reset-in-handshake": _reset_in_handshake,
    "reset-after-open": _reset_after_open,
    "reset-in-frame": _reset_in_frame,
    "data-after-close": _sends(_GOODBYE, _frame(TEXT, b"late") * 100),
    "masked": _sends(_frame(TEXT, b"x", mask=b"\0\0\0\0")),
    "shorter-than-said": _sends(_frame(TEXT, b"short", length=50) + _GOODBYE),
    "longer-than-said": _sends(_frame(TEXT, b"long", length=1)),
    "length-of-2-to-the-63": _sends(_frame(BINARY, b"", length=2**63)),
    "reserved-bit": _sends(_frame(TEXT, b"x", reserved=2)),
    "reserved-opcode": _sends(_frame(3, b"x")),
    "fragmented-ping": _sends(_frame(PING, b"x", fin=False)),
    "continuation-of-nothing": _sends(_frame(0, b"x")),
    "too-big": _sends(_frame(BINARY, b"", length=_OVER_LIMIT), bytes(1 << 20)),
    "too-big-in-fragments": _sends(
        _frame(BINARY, bytes(1 << 20), fin=False),
        *[_frame(0, bytes(1 << 20), fin=False)] * 70,
    ),
    "deflate-bomb": _deflate_bomb,
    "a-million-pings": _pings,
    "flood": _flood,
    "stops-reading": _stops_reading,
    "no-utf-8": _sends(_frame(TEXT, b"ab\xffcd")),
    "no-utf-8-in-a-fragment": _sends(
        _frame(TEXT, b"good", fin=False) + _frame(0, b"\xff", fin=False)
    ),
}
"""What each scenario does, by its name."""
