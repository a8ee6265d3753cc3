"""Streams: what plain sockets are read by where a C compiler was there, on Linux."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from default_settings import limits_with
from memory_wire import BINARY, CLOSE, CONTINUATION, PING, TEXT, server_frame
from safety_net import LIMIT_S

from gharial.process.build import IS_COMPILED
from gharial.websocket.wire.attach import attach
from gharial.websocket.wire.stream import stream_on

pytestmark = pytest.mark.skipif(
    not IS_COMPILED or not sys.platform.startswith("linux"),
    reason="there are none in plain Python, nor on other systems",
)

LIMIT_BYTES = 100_000


class Events:
    """Keeps what a wire tells, in order."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.changed = asyncio.Event()

    def _hear(self, *facts: Any) -> None:
        self.heard.append(facts)
        self.changed.set()

    def __getattr__(self, name: str) -> Callable[..., None]:
        # All but the time.
        return lambda *facts: self._hear(name, *facts[:-1])

    def bytes_received(self, wire_bytes: int) -> None: ...

    def muted(self) -> None: ...

    def drained(self) -> None:
        self._hear("drained")

    async def until(self, count: int) -> list[tuple[Any, ...]]:
        async with asyncio.timeout(LIMIT_S):
            while len(self.heard) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.heard


@asynccontextmanager
async def streamed(
    leftover: bytes = b"",
) -> AsyncIterator[tuple[Any, Events, socket.socket]]:
    """A wire on a stream, which begins with bytes read before, and its other end."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs:
        theirs.setblocking(False)
        events = Events()
        stream = stream_on(ours)
        stream.pause_reading()
        wire = attach(
            stream, events, limits=limits_with(max_message_size_bytes=LIMIT_BYTES)
        )
        wire.start(leftover)
        try:
            yield wire, events, theirs
        finally:
            wire.abort()
            await asyncio.sleep(0)


def on_loop(main: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_it_makes_no_difference_where_frames_are_cut() -> None:
    data = (
        server_frame(TEXT, b"one")
        + server_frame(BINARY, b"2" * 200)
        + server_frame(PING, b"3")
        + server_frame(TEXT, b"fo", is_final=False)
        + server_frame(CONTINUATION, b"ur")
        + server_frame(CLOSE, b"\x03\xe8")
    )

    async def main() -> None:
        for cut in range(len(data) + 1):
            async with streamed() as (_, events, theirs):
                loop = asyncio.get_running_loop()
                await loop.sock_sendall(theirs, data[:cut])
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                await loop.sock_sendall(theirs, data[cut:])
                assert await events.until(5) == [
                    ("text_received", "one", 3),
                    ("binary_received", b"2" * 200),
                    ("ping_received", b"3"),
                    ("text_received", "four", 4),
                    ("close_received", 1000, ""),
                ]

    on_loop(main)


def test_an_error_ends_the_stream_that_it_was_in_alone() -> None:
    class Protocol:
        def __init__(self, error: Exception | None) -> None:
            self.error = error
            self.heard: asyncio.Queue[Any] = asyncio.Queue()

        def data_received(self, data: bytes) -> None:
            if self.error is not None:
                raise self.error
            self.heard.put_nowait(data)

        def connection_lost(self, error: Exception | None) -> None:
            self.heard.put_nowait(error)

    async def main() -> None:
        failing = Protocol(ValueError("no such answer"))
        protocols = [failing, Protocol(None), failing]
        pairs = [socket.socketpair() for _ in protocols]
        streams = []
        for (ours, theirs), protocol in zip(pairs, protocols, strict=True):
            ours.setblocking(False)
            theirs.send(b"bytes")
            streams.append(stream_on(ours))
            streams[-1].set_protocol(protocol)
        async with asyncio.timeout(LIMIT_S):
            assert await protocols[1].heard.get() == b"bytes"
            assert [await failing.heard.get() for _ in range(2)] == [failing.error] * 2
        assert [stream.is_closing() for stream in streams] == [True, False, True]
        streams[1].abort()
        await asyncio.sleep(0)
        for _, theirs in pairs:
            theirs.close()

    on_loop(main)


@pytest.mark.parametrize("size", [65_535, 65_536, LIMIT_BYTES])
def test_a_frame_that_comes_in_many_pieces_is_whole(size: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)

    async def main() -> None:
        async with streamed() as (_, events, theirs):
            data = server_frame(BINARY, payload[:size]) * 3
            await asyncio.get_running_loop().sock_sendall(theirs, data)
            assert await events.until(3) == [("binary_received", payload[:size])] * 3

    on_loop(main)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\x83\x00", 1002, id="a kind that is unknown"),
        pytest.param(b"\x8b\x00", 1002, id="a control frame that is unknown"),
        pytest.param(b"\x09\x00", 1002, id="a ping in fragments"),
        pytest.param(b"\x89\x7e", 1002, id="a ping that is too long"),
        pytest.param(b"\x81\x80", 1002, id="a mask"),
        pytest.param(b"\x81\x7e\x00\x7d", 1002, id="a short length in two bytes"),
        pytest.param(b"\x81\x7f" + bytes(6) + b"\xff\xff", 1002, id="… in eight"),
        pytest.param(b"\x81\x7f\x80" + bytes(7), 1002, id="a length below zero"),
        pytest.param(b"\x81\x7f" + bytes(5) + b"\x01\x86\xa1", 1009, id="too large"),
        pytest.param(b"\xc1\x00", 1002, id="a reserved bit"),
        pytest.param(b"\x80\x00", 1002, id="a continuation of nothing"),
        pytest.param(b"\x81\x01\xff", 1007, id="no UTF-8"),
    ],
)
def test_what_is_no_frame_fails_the_connection_behind_what_came_before(
    data: bytes, code: int
) -> None:
    async def main() -> None:
        async with streamed() as (_, events, theirs):
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(
                theirs, server_frame(TEXT, b"a") + data + server_frame(TEXT, b"b")
            )
            heard = await events.until(2)
            assert heard[0] == ("text_received", "a", 1)
            assert heard[1][:2] == ("violated", code)
            sent = await asyncio.wait_for(loop.sock_recv(theirs, 1000), LIMIT_S)
            masked = bytes(a ^ b for a, b in zip(sent[2:4], sent[6:8], strict=True))
            assert (sent[0], int.from_bytes(masked, "big")) == (0x88, code)
            await asyncio.sleep(0)
            assert len(events.heard) == 2

    on_loop(main)


def test_nothing_counts_after_the_close_frame() -> None:
    async def main() -> None:
        async with streamed() as (_, events, theirs):
            theirs.send(server_frame(CLOSE, b"\x03\xe8") + b"\x83\x00")
            theirs.shutdown(socket.SHUT_WR)
            assert await events.until(2) == [
                ("close_received", 1000, ""),
                ("lost", None),
            ]

    on_loop(main)


def test_a_pause_between_two_frames_that_were_read_at_once_holds_the_second() -> None:
    async def main() -> None:
        async with streamed() as (wire, events, theirs):
            got: list[Any] = []
            first, second = asyncio.Event(), asyncio.Event()

            def take(data: Any, at_s: float) -> None:
                got.append(data)
                wire.pause_reading()
                (second if first.is_set() else first).set()

            wire.hand_over(lambda size, at_s: None, take)
            theirs.send(server_frame(TEXT, b"a") + server_frame(TEXT, b"b"))
            theirs.shutdown(socket.SHUT_WR)
            await asyncio.wait_for(first.wait(), LIMIT_S)
            await asyncio.sleep(0.01)
            assert got == ["a"]
            wire.resume_reading()
            await asyncio.wait_for(second.wait(), LIMIT_S)
            assert got == ["a", "b"]
            assert events.heard == []
            wire.resume_reading()
            assert await events.until(1) == [("lost", None)]

    on_loop(main)


def test_what_cannot_be_written_at_once_is_written_in_order() -> None:
    async def main() -> None:
        async with streamed() as (wire, events, theirs):
            loop = asyncio.get_running_loop()
            payload = bytes(3_000_000)
            wire.send_binary(payload)
            wire.send_text(b"last")
            assert wire.is_blocked
            assert wire.unsent_bytes() > 0
            wire.close()
            size = 0
            while part := await asyncio.wait_for(
                loop.sock_recv(theirs, 1 << 20), LIMIT_S
            ):
                size += len(part)
            assert size == 14 + len(payload) + 6 + 4
            assert await events.until(1) == [("lost", None)]

    on_loop(main)


@pytest.mark.parametrize("before", [b"", server_frame(CLOSE, b"\x03\xe8")])
def test_the_end_is_heard_though_what_came_with_the_upgrade_is_no_frame(
    before: bytes,
) -> None:
    async def main() -> None:
        async with streamed(before + server_frame(3)) as (_, events, theirs):
            await events.until(1)
            theirs.close()
            heard = await events.until(2)
            assert heard[0][0] == ("close_received" if before else "violated")
            assert heard[1][0] == "lost"

    on_loop(main)
