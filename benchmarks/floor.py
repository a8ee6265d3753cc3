"""
The floor: the same load by a bare picows loop, without script, metrics or limits.

Nothing that is written in Python alone and keeps to WebSocket's rules can cost less.
"""

import argparse
import asyncio
import ssl
import sys

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY


class _Echo(WSListener):
    def __init__(self, kind: WSMsgType, payload: bytes) -> None:
        self.kind = kind
        self.payload = payload

    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send(self.kind, self.payload)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        # A client hands on a text or bytes of its own: so does this.
        if frame.msg_type is _TEXT:
            transport.send(_TEXT, frame.get_payload_as_utf8_text().encode())
        elif frame.msg_type is _BINARY:
            transport.send(_BINARY, frame.get_payload_as_bytes())


class _Receive(WSListener):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is _TEXT:
            frame.get_payload_as_utf8_text()
        elif frame.msg_type is _BINARY:
            frame.get_payload_as_bytes()
        elif frame.msg_type is WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())


class _Send(WSListener):
    def __init__(self, kind: WSMsgType, payload: bytes) -> None:
        self.kind = kind
        self.payload = payload

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.send_some(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self.send_some(transport)

    def send_some(self, transport: WSTransport) -> None:
        for _ in range(100):
            transport.send(self.kind, self.payload)


class _Idle(WSListener):
    pass


class _Connect(WSListener):
    """Connects again as soon as it is connected."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send_close(1000)
        transport.disconnect()


async def _load(arguments: argparse.Namespace) -> None:
    kind = _TEXT if arguments.kind == "text" else _BINARY
    payload = b"x" * arguments.size

    def listener() -> WSListener:
        match arguments.mode:
            case "echo":
                return _Echo(kind, payload)
            case "receive":
                return _Receive()
            case "send":
                return _Send(kind, payload)
            case "connect":
                return _Connect()
            case _:
                return _Idle()

    context: ssl.SSLContext | None = None
    if arguments.url.startswith("wss:"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    gate = asyncio.Semaphore(50)

    async def connect() -> WSTransport:
        async with gate:
            transport, _ = await ws_connect(
                listener, arguments.url, ssl_context=context
            )
        return transport

    async def again() -> None:
        while True:
            await (await connect()).wait_disconnected()

    if arguments.mode == "connect":
        await asyncio.gather(*(again() for _ in range(arguments.connections)))
    transports = await asyncio.gather(
        *(connect() for _ in range(arguments.connections))
    )
    await asyncio.wait(
        [asyncio.create_task(one.wait_disconnected()) for one in transports]
    )


async def _ticks(count: int, interval_s: float) -> None:
    """Call back for each of so many timers, again and again."""
    loop = asyncio.get_running_loop()

    def tick() -> None:
        loop.call_later(interval_s, tick)

    for index in range(count):
        loop.call_later(interval_s * index / count, tick)
    await asyncio.Event().wait()


def main() -> None:
    """Load until killed, or for two hours."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mode")
    parser.add_argument("url")
    parser.add_argument("connections", type=int)
    parser.add_argument("size", type=int)
    parser.add_argument("kind", choices=("text", "binary"))
    arguments = parser.parse_args()
    work = (
        _ticks(arguments.connections, 1.0)
        if arguments.mode == "timers"
        else _load(arguments)
    )
    uvloop.run(asyncio.wait_for(work, 7200))


if __name__ == "__main__":
    sys.exit(main())
