"""The wire on sockets of the kernel's: frames as they are sent, and when bytes came in."""

import asyncio
import gc
import os
import socket
import ssl
import sys
import time
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiofastnet
import pytest
import trustme
import uvloop
from default_settings import limits_with
from memory_wire import BINARY, PING, TEXT, client_frames, server_frame
from safety_net import LIMIT_S

from gharial.process.build import IS_COMPILED
from gharial.websocket.size_list import SizeList
from gharial.websocket.task_count import TaskCount
from gharial.websocket.wire.attach import attach
from gharial.websocket.wire.picows import PicowsWire
from gharial.websocket.wire.sender import Sender
from gharial.websocket.wire.stream import stream_on

# The two clocks are told apart as closely as this.
EXACT_S = 0.0005
SIZES = [0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 70_001, 1 << 20, (1 << 20) + 1]

HAS_STREAMS = IS_COMPILED and sys.platform.startswith("linux")

needs_stamps = pytest.mark.skipif(
    not IS_COMPILED or not hasattr(socket, "SO_INCOMING_CPU"),
    reason="the kernel's stamps are read in C only, and from Linux",
)


class Events:
    """Keeps what a wire tells."""

    def __init__(self) -> None:
        self.lost_by: asyncio.Future[BaseException | None] = (
            asyncio.get_running_loop().create_future()
        )
        self.pinged_at_s: asyncio.Future[float] = (
            asyncio.get_running_loop().create_future()
        )

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *facts: None

    def ping_received(self, payload: bytes, at_s: float) -> None:
        self.pinged_at_s.set_result(at_s)

    def lost(self, error: BaseException | None, at_s: float) -> None:
        self.lost_by.set_result(error)


class Peer:
    """The other end: a socket that blocks, in the hands of a test."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    async def do(self, act: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.wait_for(asyncio.to_thread(act, *arguments), LIMIT_S)

    def send_to_the_busy(self, data: bytes) -> tuple[float, float]:
        """Send within a long turn of the loop; return the instants before and after."""
        before_s = time.monotonic()
        self.sock.sendall(data)
        after_s = time.monotonic()
        time.sleep(0.05)
        return before_s - EXACT_S, after_s + EXACT_S

    def receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            assert part, "the wire ended"
            data += part
        return data


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def connected(
    authority: trustme.CA | None = None, *, by_stream: bool = True
) -> AsyncIterator[tuple[PicowsWire, Events, Peer]]:
    """A wire and its peer, with TLS if there is an authority; a stream if need be."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT_S)
        context = None

        def accept() -> socket.socket:
            accepted, _ = listener.accept()
            accepted.settimeout(LIMIT_S)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if authority is None:
                return accepted
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(server)
            return server.wrap_socket(accepted, server_side=True)

        if authority is not None:
            context = ssl.create_default_context()
            authority.configure_trust(context)
        accepting = asyncio.create_task(asyncio.to_thread(accept))
        transport: Any
        if authority is None and by_stream and HAS_STREAMS:
            sock = socket.create_connection(listener.getsockname())
            sock.setblocking(False)
            transport = stream_on(sock)
        else:
            transport, _ = await aiofastnet.create_connection(
                asyncio.get_running_loop(),
                asyncio.Protocol,
                *listener.getsockname(),
                ssl=context,
            )
        with await asyncio.wait_for(accepting, LIMIT_S) as accepted:
            events = Events()
            transport.pause_reading()
            wire = attach(transport, events, limits=limits_with())
            wire.start(b"")
            try:
                yield wire, events, Peer(accepted)
            finally:
                wire.abort()
                await asyncio.wait_for(events.lost_by, LIMIT_S)


# A plain socket is read by a stream where there are any, else by a transport.
kinds = pytest.mark.parametrize("kind", ["stream", "transport", "TLS"])


def of_kind(
    kind: str, authority: trustme.CA
) -> AbstractAsyncContextManager[tuple[PicowsWire, Events, Peer]]:
    return connected(authority if kind == "TLS" else None, by_stream=kind == "stream")


def on_loop(main: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


@kinds
@pytest.mark.parametrize("size", SIZES)
def test_a_message_is_one_frame_with_a_mask(
    size: int, kind: str, authority: trustme.CA
) -> None:
    async def main() -> None:
        async with of_kind(kind, authority) as (wire, _, peer):
            sender, sizes = Sender(TaskCount()), SizeList()
            sender.open(wire, sizes, lambda size: None)
            payload = os.urandom(size)
            text = "".join(chr(97 + byte % 26) for byte in payload)
            sender.send_binary(payload)
            sender.send_text(text)
            header = 2 + 4 + (0 if size < 126 else 2 if size < 65_536 else 8)
            sent = await peer.do(peer.receive, 2 * (header + size))
            binary, letters = client_frames(sent)
            assert (binary.opcode, binary.payload) == (BINARY, payload)
            assert (letters.opcode, letters.payload) == (TEXT, text.encode())
            assert binary.is_final
            assert letters.is_final
            assert list(sizes.take()) == [size, size]

    on_loop(main)


def test_no_two_masks_are_alike() -> None:
    async def main() -> None:
        async with connected() as (wire, _, peer):
            sender = Sender(TaskCount())
            sender.open(wire, SizeList(), lambda size: None)
            for _ in range(100):
                sender.send_text("")
            sent = await peer.do(peer.receive, 600)
            assert len({sent[at + 2 : at + 6] for at in range(0, 600, 6)}) == 100

    on_loop(main)


@needs_stamps
@kinds
def test_a_message_is_dated_by_when_it_came_however_busy_we_were(
    kind: str, authority: trustme.CA
) -> None:
    async def main() -> None:
        async with of_kind(kind, authority) as (wire, events, peer):
            dates: list[float] = []
            taken = asyncio.Event()

            def take(data: object, at_s: float) -> None:
                dates.append(at_s)
                if len(dates) == 2:
                    taken.set()

            wire.hand_over(lambda size, at_s: None, take)
            # TLS begins with what is no message.
            await asyncio.sleep(0.05)
            from_s, until_s = peer.send_to_the_busy(
                server_frame(TEXT, b"a") + server_frame(BINARY, b"b")
            )
            await asyncio.wait_for(taken.wait(), LIMIT_S)
            assert dates[0] == dates[1]
            assert from_s <= dates[0] <= until_s
            from_s, until_s = peer.send_to_the_busy(server_frame(PING, b""))
            assert (
                from_s <= await asyncio.wait_for(events.pinged_at_s, LIMIT_S) <= until_s
            )

    on_loop(main)


@needs_stamps
def test_a_long_message_is_dated_by_its_last_byte() -> None:
    async def main() -> None:
        async with connected() as (wire, _, peer):
            taken = asyncio.get_running_loop().create_future()
            wire.hand_over(
                lambda size, at_s: None, lambda data, at_s: taken.set_result(at_s)
            )
            frame = server_frame(BINARY, bytes(100_000))
            peer.sock.sendall(frame[:-1])
            await asyncio.sleep(0.05)
            from_s, until_s = peer.send_to_the_busy(frame[-1:])
            assert from_s <= await asyncio.wait_for(taken, LIMIT_S) <= until_s

    on_loop(main)


@kinds
def test_a_reset_is_told_as_one(kind: str, authority: trustme.CA) -> None:
    async def main() -> None:
        async with of_kind(kind, authority) as (_, events, peer):
            # TLS begins with what is no message.
            await asyncio.sleep(0.05)
            peer.sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
            )
            peer.sock.close()
            error = await asyncio.wait_for(asyncio.shield(events.lost_by), LIMIT_S)
            assert isinstance(error, ConnectionResetError)

    on_loop(main)


def test_the_end_is_told_without_an_error_and_frees_the_transport() -> None:
    there: list[weakref.ref[Any]] = []

    async def main() -> None:
        async with connected() as (wire, events, peer):
            there.append(weakref.ref(wire._transport.underlying_transport))
            peer.sock.shutdown(socket.SHUT_WR)
            assert (
                await asyncio.wait_for(asyncio.shield(events.lost_by), LIMIT_S) is None
            )

    on_loop(main)
    gc.collect()
    assert there[0]() is None
