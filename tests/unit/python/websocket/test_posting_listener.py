"""What a socket in Python does while its script is busy: it waits, within a bound."""

from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from gharial.net.failures import Failure, FailureReason
from gharial.python.websocket.backlog import Backlog
from gharial.virtual_user.waiting import Waiting, waiting_bytes
from gharial.websocket.messages import MessageTaker

SIZE_BYTES = waiting_bytes("x" * 100)


class WhenBusy(MessageTaker):
    """Hands every message to the queue."""

    def __init__(self, queue: Callable[[Any, float], None]) -> None:
        self.queue = queue

    def take(self, data: Any, at_s: float) -> None:
        self.queue(data, at_s * 1e3)


class BusyScript:
    """A script that is busy once its socket is open, and does a task when told."""

    def __init__(self, peer: Any, limit: int) -> None:
        self.tasks: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self.waiting = Waiting(limit, peer.user.clock.now_s, peer.user.warn)
        self.peer = peer
        self.heard: list[str] = []
        self.is_busy = False
        peer.user.post = self.post
        peer.user.waiting = self.waiting
        peer.user.message_path = lambda receiver, queue: WhenBusy(queue)

    async def opened(self) -> Any:
        self.socket = await self.peer.opened()
        self.socket.on_message = lambda event: self.heard.append(event.data)
        self.is_busy = True
        return self.socket

    def post(self, call: Callable[..., object], *given: Any) -> None:
        if self.is_busy:
            self.tasks.append((call, given))
        else:
            call(*given)

    def do(self, count: int) -> None:
        for _ in range(count):
            call, given = self.tasks.popleft()
            call(*given)

    @property
    def is_read(self) -> bool:
        return bool(self.peer.transport.is_reading())


def text(number: int) -> str:
    return str(number).rjust(100, "x")


def test_a_socket_is_not_read_from_the_bound_until_half_of_it_is_taken(
    with_peer: Any,
) -> None:
    async def script(peer: Any) -> None:
        busy = BusyScript(peer, 4 * SIZE_BYTES)
        socket = await busy.opened()
        peer.says(*map(text, range(3)))
        assert busy.is_read
        assert socket._wire_listener.queued == 3
        peer.says(text(3))
        assert (busy.is_read, busy.waiting.size_bytes) == (False, 4 * SIZE_BYTES)
        # It stays in the network.
        peer.says(text(4))
        assert len(busy.tasks) == 4
        busy.do(1)
        assert not busy.is_read
        busy.do(1)
        assert busy.is_read
        busy.do(3)
        assert busy.heard == [text(n) for n in range(5)]
        assert (socket._wire_listener.queued, busy.waiting.size_bytes) == (0, 0)
        assert "not read for" in peer.user.warnings[0]

    with_peer(script)


def test_pings_and_pongs_wait_within_the_same_bound(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        control_bytes = waiting_bytes("ping")
        busy = BusyScript(peer, 2 * control_bytes)
        socket = await busy.opened()
        kinds: list[str] = []
        socket.on_ping = lambda event: kinds.append("ping")
        socket.on_pong = lambda event: kinds.append("pong")
        listener = socket._wire_listener
        listener.on_ping(0.0)
        assert (busy.is_read, busy.waiting.size_bytes) == (True, control_bytes)
        listener.on_pong(0.0)
        assert (busy.is_read, busy.waiting.size_bytes) == (False, 2 * control_bytes)
        busy.do(2)
        assert (busy.is_read, busy.waiting.size_bytes) == (True, 0)
        assert kinds == ["ping", "pong"]

    with_peer(script)


@pytest.mark.parametrize("first", ["taken", "room"])
def test_it_is_read_again_once_both_reasons_not_to_are_gone(
    with_peer: Any, first: str
) -> None:
    async def script(peer: Any) -> None:
        busy = BusyScript(peer, SIZE_BYTES)
        socket = await busy.opened()
        reading = socket._connection.reading
        kept = Backlog(SIZE_BYTES)
        kept.pause(reading)
        assert not busy.is_read
        busy.waiting.add(reading, SIZE_BYTES)
        if first == "taken":
            kept.read_on()
        else:
            busy.waiting.remove(SIZE_BYTES)
        assert not busy.is_read
        if first == "taken":
            busy.waiting.remove(SIZE_BYTES)
        else:
            kept.read_on()
        assert busy.is_read

    with_peer(script)


def test_a_closed_socket_is_not_waited_for(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        busy = BusyScript(peer, SIZE_BYTES)
        socket = await busy.opened()
        codes: list[int] = []
        socket.on_close = lambda event: codes.append(event.code)
        peer.says(text(0))
        assert not busy.is_read
        peer.transport.lose(None)
        assert len(peer.user.warnings) == 1
        # What it brought is taken all the same, and then nothing waits.
        busy.do(len(busy.tasks))
        assert busy.heard == [text(0)]
        assert busy.waiting.size_bytes == 0
        assert codes == [1006]

    with_peer(script)


def test_what_happens_is_dated_and_errors_are_handed_on(with_peer: Any) -> None:
    async def script(peer: Any) -> None:
        busy = BusyScript(peer, SIZE_BYTES)
        socket = await busy.opened()
        busy.is_busy = False
        seen: list[tuple[str, float]] = []
        socket.on_ping = lambda event: seen.append(("ping", event.timestamp))
        socket.on_error = lambda event: seen.append((event.error, event.timestamp))
        listener = socket._wire_listener
        listener.on_ping(2.0)
        listener.on_closing(2.5)
        assert socket.ready_state == 2
        listener.on_error(Failure(FailureReason.EOF, "it ended"), 3.0)
        epoch_ms = peer.user.clock.epoch_ms
        assert [what for what, _ in seen] == ["ping", "it ended"]
        expected = [epoch_ms(2.0), epoch_ms(3.0)]
        assert [at_ms for _, at_ms in seen] == pytest.approx(expected, rel=0, abs=0.01)

    with_peer(script)
