"""Who gets the messages of a socket, and what waits for whom."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from default_settings import users_with
from memory_wire import BINARY, server_frame

from gharial.python.errors import SocketClosedError
from gharial.python.websocket import reception
from gharial.python.websocket.blob import Blob

KEPT_BYTES = users_with().message_queue_size_bytes
LARGE = "x" * (KEPT_BYTES // 8)


def segment(*texts: str, close: int = 0) -> bytes:
    frames = [server_frame(1, text.encode()) for text in texts]
    if close:
        frames.append(server_frame(8, close.to_bytes(2, "big")))
    return b"".join(frames)


async def by_receiving(socket: Any, count: int) -> list[Any]:
    return [await socket.receive() for _ in range(count)]


async def by_loop(socket: Any, count: int) -> list[Any]:
    got = []
    async for message in socket:
        got.append(message)
        if len(got) == count:
            break
    return got


async def by_expecting(socket: Any, count: int) -> list[Any]:
    return [await socket.expect() for _ in range(count)]


async def by_handler(socket: Any, count: int) -> list[Any]:
    got: list[Any] = []
    socket.on_message = lambda event: got.append(event.data)
    assert got == [], "no event fires within the call that adds a listener"
    await asyncio.sleep(0.1)
    assert len(got) == count
    return got


async def by_listener(socket: Any, count: int) -> list[Any]:
    got: list[Any] = []
    socket.add_event_listener("message", lambda event: got.append(event.data))
    assert got == []
    await asyncio.sleep(0.1)
    assert len(got) == count
    return got


TAKERS = [by_receiving, by_loop, by_expecting, by_handler, by_listener]
Taker = Callable[[Any, int], Awaitable[list[Any]]]


@pytest.mark.parametrize("take", TAKERS)
@pytest.mark.parametrize("opens", ["opened", "with"])
def test_what_came_with_the_answer_waits_for_whoever_takes_it(
    with_peer: Any, take: Taker, opens: str
) -> None:
    async def script(peer: Any) -> None:
        peer.with_answer = segment("hello")
        socket = peer.socket()
        await (socket.opened() if opens == "opened" else socket.__aenter__())
        await asyncio.sleep(1)
        peer.says("more", "still more")
        assert await take(socket, 3) == ["hello", "more", "still more"]

    with_peer(script)


@pytest.mark.parametrize("take", TAKERS)
def test_a_socket_that_is_opened_and_closed_in_one_segment_tells_all(
    with_peer: Any, take: Taker
) -> None:
    async def script(peer: Any) -> None:
        peer.with_answer = segment("sorry", close=4401)
        async with peer.socket() as socket:
            assert await take(socket, 1) == ["sorry"]
            assert (await socket.closed()).code == 4401
            with pytest.raises(SocketClosedError) as caught:
                await socket.receive()
            assert caught.value.code == 4401
        assert peer.user.held == 0

    with_peer(script)


@pytest.mark.parametrize("call", ["request", "expect", "receive", "for"])
def test_the_code_of_the_end_reaches_whoever_awaits(with_peer: Any, call: str) -> None:
    async def script(peer: Any) -> None:
        peer.with_answer = segment(close=4401)
        socket = await peer.opened()
        if call == "for":
            assert [message async for message in socket] == []
            assert (await socket.closed()).code == 4401
            return
        calls = {
            "request": lambda: socket.request("question"),
            "expect": socket.expect,
            "receive": socket.receive,
        }
        with pytest.raises(SocketClosedError, match="4401"):
            await calls[call]()

    with_peer(script)


def test_handlers_of_the_end_that_come_late_are_called_after_the_messages(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        peer.with_answer = segment("one", "two", close=4401)
        socket = await peer.opened()
        peer.transport.lose(None)
        await asyncio.sleep(1)
        assert peer.user.held == 0
        told: list[Any] = []
        socket.on_close = lambda event: told.append(event.code)
        socket.on_message = lambda event: told.append(event.data)
        assert told == []
        assert peer.user.held == 1, "the iteration lives until they were called"
        await asyncio.sleep(1)
        assert told == ["one", "two", 4401]
        assert peer.user.held == 0
        socket.add_event_listener("close", lambda event: told.append("again"))
        await asyncio.sleep(1)
        assert told[-1] == 4401, "each event is told of once"

    with_peer(script)


def test_the_end_waits_for_listeners_that_are_being_told(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        told: list[Any] = []
        socket.on_close = lambda event: told.append(event.code)
        peer.says("one", "two")
        socket.on_message = lambda event: told.append(event.data)
        peer.transport.deliver(segment("three", close=4401))
        peer.transport.lose(None)
        await asyncio.sleep(1)
        assert told == ["one", "two", "three", 4401]

    with_peer(script)


def test_messages_that_come_while_listeners_are_told_wait_their_turn(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        peer.says("one", "two")
        got: list[str] = []
        socket.on_message = lambda event: got.append(event.data)
        peer.says("three")
        await asyncio.sleep(0)
        peer.says("four")
        await asyncio.sleep(1)
        peer.says("five")
        assert got == ["one", "two", "three", "four", "five"]

    with_peer(script)


def test_a_listener_that_listens_once_gets_one(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        peer.with_answer = segment("one", "two")
        socket = await peer.opened()
        got: list[str] = []
        socket.add_event_listener(
            "message", lambda event: got.append(event.data), once=True
        )
        await asyncio.sleep(1)
        assert got == ["one"]
        assert await socket.receive() == "two"

    with_peer(script)


def test_the_last_word_says_whether_what_listeners_hear_is_kept(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        peer.with_answer = segment("hello")
        socket = await peer.opened()
        assert await socket.receive() == "hello"
        got: list[str] = []
        socket.on_message = lambda event: got.append(event.data)
        peer.says("for the listener")
        waiting = asyncio.ensure_future(socket.receive())
        await asyncio.sleep(0)
        peer.says("for both", "for both, too")
        assert await waiting == "for both"
        assert await socket.receive() == "for both, too"
        assert got == ["for the listener", "for both", "for both, too"]

    with_peer(script)


def test_a_loop_misses_nothing_because_of_a_listener(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        peer.says("1", "2")
        heard: list[str] = []
        got = []
        async for message in socket:
            got.append(message)
            if message == "1":
                socket.on_message = lambda event: heard.append(event.data)
                peer.says("3", "4")
                await asyncio.sleep(1)
            if message == "4":
                break
        assert got == ["1", "2", "3", "4"]
        assert heard == ["3", "4"]

    with_peer(script)


def test_what_a_request_takes_is_not_received_as_well(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        asked = asyncio.ensure_future(socket.request("question"))
        await asyncio.sleep(0)
        peer.says("answer", "news")
        assert await asked == "answer"
        assert await socket.receive() == "news"

    with_peer(script)


def test_binary_messages_are_what_the_script_wants_when_it_takes_them(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        peer.with_answer = server_frame(BINARY, b"ab") * 2
        socket = await peer.opened()
        assert await socket.receive() == b"ab"
        socket.binary_type = "blob"
        taken = await socket.receive()
        assert isinstance(taken, Blob) and taken.bytes() == b"ab"

    with_peer(script)


# -- The bound ------------------------------------------------------------------------------


async def fill(peer: Any, count: int = 9) -> None:
    for number in range(count):
        peer.says(f"{number}{LARGE}")
        await asyncio.sleep(0)


def test_a_socket_is_not_read_while_too_much_waits(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        await fill(peer)
        assert not peer.transport.is_reading()
        for number in range(9):
            assert (await socket.receive())[0] == str(number)
        assert peer.transport.is_reading()
        assert peer.user.warnings == []

    with_peer(script)


def test_many_small_messages_are_bounded_by_what_they_take(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        await peer.opened()
        count = 0
        while peer.transport.is_reading():
            peer.says(*["x"] * 100)
            count += 100
        assert 1_000 < count <= KEPT_BYTES / 150

    with_peer(script)


def test_a_request_is_answered_however_much_waits(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        for _ in range(3):
            await fill(peer, 12)
            asked = asyncio.ensure_future(
                socket.request("question", match=lambda data: data == "answer")
            )
            await asyncio.sleep(0)
            await fill(peer, 12)
            peer.says("answer")
            assert await asked == "answer"
        assert peer.loop.time() < 1, "and nobody had to wait for it"
        assert peer.user.warnings == [], "nobody misses what was dropped"

    with_peer(script)


def test_one_who_receives_late_is_told_of_what_is_missing(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        await fill(peer)
        assert not peer.transport.is_reading()
        await asyncio.sleep(reception.PATIENCE_S + 0.1)
        assert peer.transport.is_reading(), "a socket is not left unread for ever"
        peer.says("latest")
        assert peer.user.warnings == []
        while await socket.receive() != "latest":
            pass
        [warning] = peer.user.warnings
        assert "ws://host/" in warning and "8,388,608 bytes" in warning

    with_peer(script)


def test_a_slow_loop_loses_nothing(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        filling = asyncio.ensure_future(fill(peer, 20))
        got = []
        async for message in socket:
            got.append(message.partition("x")[0])
            await asyncio.sleep(reception.PATIENCE_S * 3)
            if len(got) == 20:
                break
        await filling
        assert got == [str(number) for number in range(20)]
        assert peer.user.warnings == []

    with_peer(script)


def test_a_socket_is_read_on_where_nobody_could_receive(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        peer.user.has_tasks = False
        await peer.opened()
        await fill(peer, 30)
        assert peer.transport.is_reading()

    with_peer(script)


def test_the_end_is_heard_of_behind_what_nobody_receives(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        await fill(peer)
        closed = asyncio.ensure_future(socket.closed())
        await asyncio.sleep(0)
        await fill(peer, 30)
        peer.transport.deliver(segment(close=4401))
        peer.transport.lose(None)
        assert (await closed).code == 4401
        assert peer.loop.time() < 1

    with_peer(script)


def test_leaving_does_not_wait_behind_what_nobody_received(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        async with peer.socket() as socket:
            await fill(peer)
            assert not peer.transport.is_reading()
            peer.loop.call_later(
                0.1, peer.transport.deliver, segment(LARGE, close=1000)
            )
            peer.loop.call_later(0.2, peer.transport.lose, None)
        assert (await socket.closed()).code == 1000
        assert peer.loop.time() < 1

    with_peer(script)


def test_a_listener_takes_the_weight_off(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        await fill(peer)
        assert not peer.transport.is_reading()
        got: list[str] = []
        socket.on_message = lambda event: got.append(event.data)
        await fill(peer, 20)
        await asyncio.sleep(1)
        assert len(got) == 29
        assert peer.transport.is_reading()

    with_peer(script)
