import asyncio
from typing import Any

import pytest

from gharial.testing.virtual_time import run
from gharial.websocket.errors import RequestTimeoutError, SocketClosedError
from gharial.websocket.event_target import EventTarget
from gharial.websocket.events import CloseEvent, MessageEvent
from gharial.websocket.requests import Requests
from gharial.websocket.state import ReadyState


class Socket(EventTarget):
    """What requests need of a socket; its clock is the loop's."""

    def __init__(self) -> None:
        super().__init__()
        self.ready_state = ReadyState.OPEN
        self.sent: list[Any] = []
        self.ended: list[tuple[float | None, str]] = []

    def send(self, data: Any) -> None:
        self.sent.append(data)

    def hear(self, data: str, at_ms: float) -> None:
        self.dispatch_event(MessageEvent("message", at_ms, data=data))

    def _now_ms(self) -> float:
        return asyncio.get_running_loop().time() * 1e3

    def _request_ended(self, duration_s: float | None, name: str) -> None:
        self.ended.append((duration_s, name))

    def _closed_error(self) -> SocketClosedError:
        return SocketClosedError(1006, "", "gone")

    @property
    def is_listened_to(self) -> bool:
        return bool(self._registrations)


def ask(requests: Requests, **options: Any) -> asyncio.Task[Any]:
    given = {"is_sent": True, "match": None, "timeout": None, "name": "", **options}
    return asyncio.ensure_future(requests.exchange("question", **given))


def test_a_request_lasts_from_its_sending_to_the_date_of_the_answer() -> None:
    async def main() -> None:
        socket = Socket()
        await asyncio.sleep(1)
        asked = ask(Requests(socket), name="join")
        await asyncio.sleep(5)
        # The bytes came after 20 ms; the script was busy until now.
        socket.hear("answer", 1_020)
        assert await asked == "answer"
        assert socket.sent == ["question"]
        [(duration_s, name)] = socket.ended
        assert (duration_s, name) == (pytest.approx(0.02), "join")
        assert not socket.is_listened_to

    run(main())


def test_an_answer_is_never_older_than_its_request() -> None:
    async def main() -> None:
        socket = Socket()
        await asyncio.sleep(1)
        asked = ask(Requests(socket))
        await asyncio.sleep(0.25)
        socket.hear("answer", 999)
        await asked
        assert socket.ended == [(pytest.approx(0.25), "")]

    run(main())


def test_one_that_is_not_answered_in_time_has_failed() -> None:
    async def main() -> None:
        socket = Socket()
        asked = ask(Requests(socket), timeout="2s")
        with pytest.raises(RequestTimeoutError, match="within 2s"):
            await asked
        assert asyncio.get_running_loop().time() == pytest.approx(2)
        assert socket.ended == [(None, "")]
        assert not socket.is_listened_to

    run(main())


def test_all_that_wait_fail_when_the_socket_is_closed() -> None:
    async def main() -> None:
        socket = Socket()
        requests = Requests(socket)
        asked = [ask(requests), ask(requests, is_sent=False)]
        await asyncio.sleep(0)
        socket.dispatch_event(CloseEvent("close", code=1006))
        for one in asked:
            with pytest.raises(SocketClosedError):
                await one
        assert socket.ended == [(None, ""), (None, "")]
        assert socket.sent == ["question"]
        assert not socket.is_listened_to

    run(main())


def test_what_a_match_raises_fails_its_request_alone() -> None:
    async def main() -> None:
        socket = Socket()
        requests = Requests(socket)
        broken, sound = ask(requests, match=lambda data: 1 / 0), ask(requests)
        await asyncio.sleep(0)
        socket.hear("first", 0)
        socket.hear("second", 0)
        with pytest.raises(ZeroDivisionError):
            await broken
        assert await sound == "second"

    run(main())


def test_one_that_is_cancelled_leaves_nothing_behind() -> None:
    async def main() -> None:
        socket = Socket()
        asked = ask(Requests(socket))
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert not socket.is_listened_to
        socket.hear("late", 0)
        assert socket.ended == []

    run(main())
