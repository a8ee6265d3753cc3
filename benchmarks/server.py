"""
The server of the benchmarks: a process of its own, which counts what it does.

Paths:
    /echo sends every message back;
    /flood?size=N&kind=text&count=M sends so many messages as fast as they are taken,
    once it is told to go, and a ping: its pong says that all was taken;
    /sink answers every hundredth message with one of two bytes.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import ssl
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import trustme
import uvloop
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from benchmarks.counters import DONE, GO, OPEN, OPENED, RECEIVED, SENT, Counters

UNSENT_MAXIMUM_BYTES = 256 * 1024
FLOOD_CHUNK_BYTES = 32 * 1024
ACKNOWLEDGED_EVERY = 100

_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY


class _Counted(WSListener):
    def __init__(self, counts: memoryview) -> None:
        self.counts = counts

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        transport.underlying_transport.set_write_buffer_limits(
            high=UNSENT_MAXIMUM_BYTES
        )
        self.counts[OPEN] += 1
        self.counts[OPENED] += 1
        self.begin()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.counts[OPEN] -= 1

    def begin(self) -> None:
        """Do what is to be done before the first message."""

    def control(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type is WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())


class _Echo(_Counted):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind is _TEXT or kind is _BINARY:
            transport.send(kind, frame.get_payload_as_memoryview())
            counts = self.counts
            counts[RECEIVED] += 1
            counts[SENT] += 1
        else:
            self.control(transport, frame)


class _Sink(_Counted):
    received = 0

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not _TEXT and frame.msg_type is not _BINARY:
            self.control(transport, frame)
            return
        self.counts[RECEIVED] += 1
        self.received += 1
        if self.received % ACKNOWLEDGED_EVERY == 0:
            transport.send(_TEXT, b"ok")


class _Flood(_Counted):
    """Writes frames that were made once, until the transport says that it is full."""

    def __init__(
        self, counts: memoryview, size_bytes: int, count: int, *, is_text: bool
    ) -> None:
        super().__init__(counts)
        self.left = count
        header = bytes([0x81 if is_text else 0x82])
        if size_bytes < 126:
            header += bytes([size_bytes])
        elif size_bytes < 65_536:
            header += bytes([126]) + size_bytes.to_bytes(2, "big")
        else:
            header += bytes([127]) + size_bytes.to_bytes(8, "big")
        frame = header + b"x" * size_bytes
        self.per_chunk = max(1, FLOOD_CHUNK_BYTES // len(frame))
        self.frame = frame
        self.chunk = frame * self.per_chunk
        self.is_full = False

    def begin(self) -> None:
        if self.counts[GO]:
            self.write()
        elif not self.transport.underlying_transport.is_closing():
            asyncio.get_running_loop().call_later(0.02, self.begin)

    def write(self) -> None:
        transport = self.transport.underlying_transport
        if self.is_full or transport.is_closing() or self.left < 0:
            return
        count = min(self.left, self.per_chunk)
        if not count:
            self.left = -1
            self.transport.send_ping(b"taken?")
            return
        transport.write(self.chunk if count == self.per_chunk else self.frame * count)
        self.left -= count
        self.counts[SENT] += count
        asyncio.get_running_loop().call_soon(self.write)

    def pause_writing(self) -> None:
        self.is_full = True

    def resume_writing(self) -> None:
        self.is_full = False
        self.write()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.PONG:
            self.counts[DONE] += 1
        else:
            self.control(transport, frame)


def _listener(request: WSUpgradeRequest, counts: memoryview) -> WSListener:
    url = urlsplit(request.path.decode())
    if url.path == "/flood":
        query = parse_qs(url.query)
        return _Flood(
            counts,
            int(query["size"][0]),
            int(query["count"][0]),
            is_text=query["kind"] == ["text"],
        )
    return _Sink(counts) if url.path == "/sink" else _Echo(counts)


async def _serve(counters: Counters, addresses: list[str], *, is_secure: bool) -> None:
    context: ssl.SSLContext | None = None
    if is_secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1", "localhost").configure_cert(context)

    def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        return WSUpgradeResponseWithListener(
            WSUpgradeResponse.create_101_response(),
            _listener(request, counters.values),
        )

    port = 0
    for address in addresses:
        server = await ws_create_server(
            accept, address, port, ssl=context, backlog=4096
        )
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    # Bounded, should nobody end it.
    stop = asyncio.get_running_loop().create_future()
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.cancel)
    try:
        await asyncio.wait_for(stop, 7200)
    except (asyncio.CancelledError, TimeoutError):
        os._exit(0)


def main() -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("counters", type=Path)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--addresses", default="127.0.0.1")
    arguments = parser.parse_args()
    counters = Counters(arguments.counters)
    uvloop.run(
        _serve(counters, arguments.addresses.split(","), is_secure=arguments.tls)
    )


if __name__ == "__main__":
    sys.exit(main())
