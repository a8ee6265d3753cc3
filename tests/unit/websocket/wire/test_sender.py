import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from default_settings import limits_with
from memory_wire import BINARY, TEXT, MemoryTransport, client_frames
from twins import both
from virtual_time import VirtualLoop

from gharial.websocket.errors import WebSocketError
from gharial.websocket.size_list import SizeList
from gharial.websocket.task_count import TaskCount
from gharial.websocket.wire.attach import attach


class Wire:
    """A wire that is not plain: it compresses, say, or is logged."""

    plain_transport = None
    is_mute = False

    def __init__(self, *, framed: int | None = None, is_blocked: bool = False) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.is_blocked = is_blocked
        self.held = 0
        self._framed = framed

    def unsent_bytes(self) -> int:
        return self.held

    def send_text(self, payload: bytes) -> int | None:
        self.sent.append(("text", payload))
        return self._framed

    def send_binary(self, payload: bytes) -> int | None:
        self.sent.append(("binary", payload))
        return self._framed


def in_a_task() -> TaskCount:
    tasks = TaskCount()
    tasks.is_busy = True
    return tasks


def nothing(size: int) -> None:
    raise AssertionError("nothing was compressed")


Maker = Callable[[TaskCount], Any]


@pytest.fixture(params=both("websocket.wire.sender"))
def make_sender(request: pytest.FixtureRequest) -> Maker:
    made: Maker = request.param.Sender
    return made


def test_messages_are_sent_and_counted(make_sender: Maker) -> None:
    wire, sizes = Wire(), SizeList()
    sender = make_sender(in_a_task())
    sender.open(wire, sizes, nothing)
    sender.send_text("\u20ac")
    sender.send_binary(b"ab")
    sender.send_text("a\ud800")
    assert wire.sent == [
        ("text", "\u20ac".encode()),
        ("binary", b"ab"),
        ("text", "a\ufffd".encode()),
    ]
    assert sizes.take().tolist() == [3, 2, 4]
    assert sender.unsent.amount() == 9


def test_what_compression_saved_is_counted(make_sender: Maker) -> None:
    saved: list[int] = []
    sender = make_sender(in_a_task())
    sender.open(Wire(framed=7), SizeList(), saved.append)
    sender.send_text("abc")
    sender.send_binary(b"a" * 200)
    assert saved == [7 - 9, 7 - 208]


def test_what_the_transport_holds_is_unsent(make_sender: Maker) -> None:
    wire, tasks = Wire(is_blocked=True), in_a_task()
    sender = make_sender(tasks)
    sender.open(wire, SizeList(), nothing)
    sender.send_text("abc")
    sender.send_binary(b"ab")
    tasks.is_busy = False
    for held, amount in ((1, 1), (8, 2), (10, 4), (12, 5), (17, 5)):
        wire.held = held
        assert sender.unsent.amount() == amount
    sender.unsent.written()
    assert sender.unsent.amount() == 0


def test_before_and_after_nothing_is_sent(make_sender: Maker) -> None:
    wire = Wire()
    sender = make_sender(in_a_task())
    with pytest.raises(WebSocketError, match="connecting"):
        sender.send_text("early")
    with pytest.raises(WebSocketError, match="connecting"):
        sender.send_binary(b"early")
    sender.open(wire, SizeList(), nothing)
    sender.close()
    sender.send_text("late")
    sender.send_binary(b"too late")
    assert wire.sent == []
    assert sender.unsent.dropped_bytes == 12


@pytest.mark.parametrize("send", ["send_text", "send_binary"])
def test_what_a_failed_write_took_along_is_dropped(
    make_sender: Maker, send: str
) -> None:
    class Failing(Wire):
        def send_text(self, payload: bytes) -> int | None:
            self.is_mute = self.is_blocked = True
            sender.unsent.drop_rest()
            sender.close()
            return None

        send_binary = send_text

    sender = make_sender(in_a_task())
    sender.open(Failing(), SizeList(), nothing)
    getattr(sender, send)({"send_text": "abc", "send_binary": b"abc"}[send])
    assert sender.unsent.amount() == sender.unsent.dropped_bytes == 3


def test_sizes_go_to_any_function(make_sender: Maker) -> None:
    sizes: list[int] = []
    sender = make_sender(in_a_task())
    sender.open(Wire(), sizes.append, nothing)
    sender.send_text("abc")
    assert sizes == [3]


@pytest.mark.parametrize(
    "size", [0, 1, 125, 126, 65_535, 65_536, 1 << 20, (1 << 20) + 1]
)
@pytest.mark.parametrize("kind", ["text", "binary"])
def test_a_plain_wire_frames_messages_of_every_size(
    make_sender: Maker, kind: str, size: int
) -> None:
    sizes, transport = SizeList(), MemoryTransport()
    payload = bytes(97 + index % 26 for index in range(size))

    async def main() -> None:
        wire = attach(transport, Wire(), limits=limits_with())  # type: ignore[arg-type]
        sender = make_sender(in_a_task())
        sender.open(wire, sizes, nothing)
        if kind == "text":
            sender.send_text(payload.decode())
        else:
            sender.send_binary(payload)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    [frame] = client_frames(bytes(transport.written))
    assert (frame.opcode, frame.payload) == (
        TEXT if kind == "text" else BINARY,
        payload,
    )
    assert sizes.take().tolist() == [size]


@pytest.mark.parametrize("is_plain", [False, True], ids=["wire", "plain wire"])
def test_what_a_task_sends_counts_until_it_ends(
    make_sender: Maker, is_plain: bool
) -> None:
    async def main() -> None:
        tasks = in_a_task()
        sender = make_sender(tasks)
        wire: Any = Wire()
        if is_plain:
            wire = attach(MemoryTransport(), Wire(), limits=limits_with())  # type: ignore[arg-type]
        sender.open(wire, SizeList(), nothing)
        assert sender.unsent.amount() == 0
        sender.send_text("\u20ac")
        sender.send_binary(b"ab")
        await asyncio.sleep(0)
        assert sender.unsent.amount() == 5, "it is suspended, not over"
        tasks.tasks_run += 1
        assert sender.unsent.amount() == 0
        sender.send_text("next")
        assert sender.unsent.amount() == 4
        tasks.is_busy = False
        assert sender.unsent.amount() == 0

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_what_a_turn_of_the_loop_sends_counts_until_it_ends(make_sender: Maker) -> None:
    async def main() -> None:
        tasks = TaskCount()
        sender = make_sender(tasks)
        sender.open(Wire(), SizeList(), nothing)
        sender.send_text("one")
        sender.send_text("three")
        assert sender.unsent.amount() == 8
        tasks.is_busy = True
        sender.send_text("a task within it")
        assert sender.unsent.amount() == 16
        tasks.is_busy = False
        await asyncio.sleep(0)
        assert sender.unsent.amount() == 0
        sender.send_text("next")
        assert sender.unsent.amount() == 4
        await asyncio.sleep(0)
        assert sender.unsent.amount() == 0

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
