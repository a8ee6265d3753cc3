import asyncio
from typing import Any

import pytest

from gharial.python.errors import RequestTimeoutError, SocketClosedError
from gharial.python.websocket.backlog import LOOKS_MAXIMUM
from gharial.websocket.errors import WebSocketError as SocketError


def ask(work: Any) -> asyncio.Task[Any]:
    return asyncio.ensure_future(work)


def test_a_request_lasts_from_its_sending_to_the_date_of_the_answer(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        asked = ask(socket.request("question", name="join"))
        await asyncio.sleep(0)
        sent_at_s = peer.loop.time()
        await asyncio.sleep(5)
        # The bytes came after 20 ms; the script was busy until now.
        at_ms = peer.user.clock.epoch_ms(sent_at_s + 0.02)
        socket._inbox.receive("answer", at_ms)
        assert await asked == "answer"
        assert peer.heard == ["question"]
        [(duration_s, name)] = peer.user.ended
        assert (duration_s, name) == (pytest.approx(0.02, abs=1e-6), "join")

    with_peer(script)


def test_an_answer_is_never_older_than_its_request(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        asked = ask(socket.request("question"))
        await asyncio.sleep(0.25)
        socket._inbox.receive("answer", 999.0)
        await asked
        assert peer.user.ended == [(pytest.approx(0.25, abs=1e-6), "")]

    with_peer(script)


def test_what_waits_for_a_busy_script_is_no_answer(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        deliver = socket._wire_listener._deliver
        socket._wire_listener.queued = 2
        asked = ask(socket.request("question"))
        await asyncio.sleep(0)
        for text in ("old", "also old", "answer"):
            deliver(text, 1.0)
        assert await asked == "answer"
        assert [await socket.receive() for _ in range(2)] == ["old", "also old"]

    with_peer(script)


def test_what_waits_is_no_answer_to_a_request_but_may_be_expected(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        peer.says("old")
        asked = ask(socket.request("question"))
        await asyncio.sleep(0)
        peer.says("answer")
        assert await asked == "answer"
        assert await socket.expect() == "old"
        assert peer.user.ended[1] == (0.0, "")

    with_peer(script)


def test_what_came_with_the_answer_is_expected_in_any_order(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        asked = ask(socket.request("question", match=lambda data: data == "answer"))
        await asyncio.sleep(0)
        peer.says("before", "answer", "behind", "last")
        await asked
        assert await socket.expect(lambda data: data == "behind") == "behind"
        assert await socket.expect(lambda data: data == "before") == "before"
        assert await socket.receive() == "last"

    with_peer(script)


def test_what_many_looked_at_in_vain_is_left_to_those_that_take_any(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        peer.says("news")
        looked_at: list[str] = []

        def looks(data: str) -> bool:
            looked_at.append(data)
            return False

        for _ in range(LOOKS_MAXIMUM * 2):
            with pytest.raises(RequestTimeoutError):
                await socket.expect(looks, timeout=1)
        assert looked_at == ["news"] * LOOKS_MAXIMUM
        assert await socket.receive() == "news"

    with_peer(script)


def test_one_that_is_not_answered_in_time_has_failed(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        began_at_s = peer.loop.time()
        with pytest.raises(RequestTimeoutError, match="within 2s") as caught:
            await socket.request("question", timeout="2s", name="join")
        assert peer.loop.time() - began_at_s == pytest.approx(2)
        assert peer.user.ended == [(None, "join")]
        call = r"^request\('question', name='join'\) at .*test_requests.py:\d+: no "
        assert caught.match(call)
        peer.says("late")
        assert await socket.receive() == "late"

    with_peer(script)


def test_all_that_wait_fail_when_the_socket_is_closed(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        asked = [ask(socket.request("x" * 100)), ask(socket.expect({"path": "$.a"}))]
        await asyncio.sleep(0)
        peer.transport.lose(ConnectionResetError("reset"))
        for one, call in zip(
            asked, [r"^request\('x{59}…\) at ", r"^expect\({'path.*\) at "], strict=True
        ):
            with pytest.raises(SocketClosedError, match=f"{call}.*reset"):
                await one
        assert peer.user.ended == [(None, ""), (None, "")]

    with_peer(script)


def test_one_on_a_socket_that_the_script_closed_is_refused(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        socket.close()
        with pytest.raises(SocketError, match=r"request\('x'\) at .* an open socket"):
            await socket.request("x")
        assert peer.user.ended == [(None, "")]

    with_peer(script)


def test_what_a_match_raises_fails_its_request_alone(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        broken = ask(socket.request("question", match=lambda data: 1 / 0))
        sound = ask(socket.request("question"))
        await asyncio.sleep(0)
        peer.says("first", "second")
        with pytest.raises(ZeroDivisionError):
            await broken
        assert await sound == "second"
        assert await socket.expect() == "first"

    with_peer(script)


def test_one_that_is_cancelled_takes_nothing(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        asked = ask(socket.request("question"))
        await asyncio.sleep(0)
        asked.cancel()
        peer.says("late")
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await socket.receive() == "late"
        assert peer.user.ended == []

    with_peer(script)


def test_listeners_hear_answers_as_ever(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        heard: list[str] = []
        socket.on_message = lambda event: heard.append(event.data)
        asked = ask(socket.request("question"))
        await asyncio.sleep(0)
        peer.says("answer")
        assert await asked == "answer"
        assert heard == ["answer"]

    with_peer(script)


def test_what_came_with_the_answer_is_expected_though_listeners_heard_it(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        socket = await peer.opened()
        heard: list[str] = []
        socket.on_message = lambda event: heard.append(event.data)
        asked = socket.request("question", match=lambda data: data == "answer")
        peer.loop.call_soon(peer.says, "answer", "behind", "last")
        await asked
        assert await socket.expect(lambda data: data == "last") == "last"
        assert heard == ["answer", "behind", "last"]
        await asyncio.sleep(1)
        assert socket._requests._overheard is None, "and is forgotten after that"
        with pytest.raises(RequestTimeoutError):
            await socket.expect(lambda data: data == "behind", timeout=1)

    with_peer(script)
