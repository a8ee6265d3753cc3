"""A server that says exactly what a test wants, and what a script hears of it."""

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.virtual_user.settings import VuSettings

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0

JAVASCRIPT = """
export default function () {
  const socket = new WebSocket(__ENV.URL, [], __PARAMS__);
  socket.binaryType = 'arraybuffer';
  const shown = (data) => (typeof data === 'string'
    ? (data.length > 40 ? `text of ${data.length}` : data)
    : `bytes ${data.byteLength > 20 ? `of ${data.byteLength}` : new Uint8Array(data).join(' ')}`);
  socket.onopen = () => console.log('open');
  socket.onmessage = ({ data }) => console.log('message', shown(data));
  socket.onping = () => console.log('ping');
  socket.onpong = () => console.log('pong');
  socket.onerror = () => console.log('error');
  socket.onclose = ({ code, reason, wasClean }) => console.log('close', code, reason, wasClean);
  __MORE__
}
"""
PYTHON = """
from gharial import WebSocket, env, log

def shown(data):
    if isinstance(data, str):
        return f"text of {len(data)}" if len(data) > 40 else data
    return "bytes " + (f"of {len(data)}" if len(data) > 20 else " ".join(map(str, data)))

def default():
    socket = WebSocket(env["URL"], [], __PARAMS__)
    socket.on_open = lambda event: log("open")
    socket.on_message = lambda event: log("message", shown(event.data))
    socket.on_ping = lambda event: log("ping")
    socket.on_pong = lambda event: log("pong")
    socket.on_error = lambda event: log("error")
    socket.on_close = lambda event: log(
        "close", event.code, event.reason, str(event.was_clean).lower()
    )
"""


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = False,
    length: int | None = None,
    length_bytes: int = 0,
) -> bytes:
    """Return a frame, with a wrong length or a length in too many bytes if wanted."""
    said = len(payload) if length is None else length
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    bit = 0x80 if masked else 0
    if length_bytes == 8 or said > 0xFFFF:
        head = struct.pack("!BBQ", first, bit | 127, said)
    elif length_bytes == 2 or said > 125:
        head = struct.pack("!BBH", first, bit | 126, said)
    else:
        head = struct.pack("!BB", first, bit | said)
    if masked:
        return head + b"\0\0\0\0" + payload
    return head + payload


def close(code: int | None = 1000, reason: bytes = b"") -> bytes:
    """Return a close frame."""
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


@dataclass
class Heard:
    """What the script heard, and what the server got from us after its frames."""

    events: list[str] = field(default_factory=list)
    received: list[tuple[int, bytes]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def close_code(self) -> int | None:
        """The code of our close frame; None if there was none, 1005 for an empty one."""
        for opcode, payload in self.received:
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0] if payload else 1005
        return None


def converse(
    folder: Path,
    language: str,
    sends: Sequence[bytes],
    *,
    answer: bytes | None = None,
    extensions: str = "",
    params: str = "null",
    more: str = "",
    ends: bool = False,
    settings: VuSettings | None = None,
) -> Heard:
    """
    Let a script connect to a server that sends these pieces, and answers a close.

    Args:
        folder: Where the script is put.
        language: ``javascript`` or ``python``.
        sends: Bytes, each written on its own.
        answer: The whole answer to the upgrade; ``%s`` stands for the accept value.
        extensions: The answer's ``Sec-WebSocket-Extensions``.
        params: The third argument, in the script's language.
        more: More of the script (JavaScript alone).
        ends: Whether the server ends TCP after what it sends.
        settings: Of the virtual user.

    """
    heard = Heard()

    @asynccontextmanager
    async def served() -> AsyncIterator[str]:
        async def talk(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            try:
                await _talk(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        async def _talk(reader: Any, writer: Any) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            for line in head.split("\r\n")[1:]:
                name, _, value = line.partition(": ")
                heard.headers[name.lower()] = value
            key = heard.headers["sec-websocket-key"]
            digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode())
            accept = base64.b64encode(digest.digest())
            more_headers = (
                f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
            )
            whole = answer or (
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
                + more_headers.encode()
                + b"\r\n"
            )
            writer.write(whole.replace(b"%s", accept))
            for piece in sends:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if ends:
                return
            has_closed = any(piece[:1] == b"\x88" for piece in sends)
            async for opcode, payload in _frames(reader):
                heard.received.append((opcode, payload))
                if opcode == CLOSE:
                    if not has_closed:
                        writer.write(frame(CLOSE, payload))
                    return

        server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**24)
        async with server:
            port = server.sockets[0].getsockname()[1]
            yield f"ws://127.0.0.1:{port}/"

    if language == "javascript":
        name, source = "s.js", JAVASCRIPT.replace("__MORE__", more)
    else:
        name, source = "s.py", PYTHON
        params = {"null": "None", "true": "True"}.get(params, params)
    ran = run_whole(
        folder,
        name,
        source.replace("__PARAMS__", params),
        [PerVuIterations(ScenarioPlan(), 1, 1, 30.0)],
        servers=[served()],
        settings=settings,
    )
    assert ran.errors == []
    heard.events = ran.console
    return heard


async def _frames(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int, bytes]]:
    while True:
        try:
            first, second = await reader.readexactly(2)
            length = second & 127
            if length == 126:
                [length] = struct.unpack("!H", await reader.readexactly(2))
            elif length == 127:
                [length] = struct.unpack("!Q", await reader.readexactly(8))
            assert second & 128, "RFC 6455, section 5.3: a client's frames are masked"
            mask = await reader.readexactly(4)
            data = await reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        repeated = mask * (length // 4 + 1)
        yield first & 15, bytes(a ^ b for a, b in zip(data, repeated, strict=False))
