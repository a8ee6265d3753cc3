import asyncio
from typing import Any

import pytest
from default_settings import limits_with
from memory_wire import BINARY, TEXT, MemoryTransport, client_frames
from virtual_time import VirtualLoop

from gharial.websocket.messages import TaskCount
from gharial.websocket.size_list import SizeList
from gharial.websocket.wire.attach import attach
from gharial.websocket.wire.sender import Sender


class Owner:
    """A connection that keeps what its sender tells."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def drop(self, size: int) -> None:
        self.told.append(("drop", size))

    def note_sent(self, size: int, framed: int | None) -> None:
        self.told.append(("note", size, framed))


class Wire:
    """A wire that is not plain: it compresses, say, or is logged."""

    plain_transport = None

    def __init__(self, *, framed: int | None = None, is_blocked: bool = False) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.is_blocked = is_blocked
        self._framed = framed

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


def sending(wire: Wire) -> tuple[Sender, Owner, SizeList]:
    owner, sizes = Owner(), SizeList()
    sender = Sender(owner, in_a_task())  # type: ignore[arg-type]
    sender.open(wire, sizes)
    return sender, owner, sizes


def test_messages_are_sent_and_counted() -> None:
    wire = Wire()
    sender, owner, sizes = sending(wire)
    sender.send_text("\u20ac")
    sender.send_binary(b"ab")
    sender.send_text("a\ud800")
    assert wire.sent == [
        ("text", "\u20ac".encode()),
        ("binary", b"ab"),
        ("text", "a\ufffd".encode()),
    ]
    assert sizes.take().tolist() == [3, 2, 4]
    assert owner.told == []


@pytest.mark.parametrize(
    ("wire", "framed"),
    [
        pytest.param(Wire(framed=7), 7, id="compressed"),
        pytest.param(Wire(is_blocked=True), None, id="transport full"),
    ],
)
def test_the_owner_is_told_of_what_is_compressed_or_waits(
    wire: Wire, framed: int | None
) -> None:
    sender, owner, _ = sending(wire)
    sender.send_text("abc")
    sender.send_binary(b"ab")
    assert owner.told == [("note", 3, framed), ("note", 2, framed)]


def test_before_and_after_nothing_is_sent() -> None:
    wire, owner = Wire(), Owner()
    sender = Sender(owner, in_a_task())  # type: ignore[arg-type]
    sender.send_text("early")
    sender.open(wire, SizeList())
    sender.close()
    sender.send_binary(b"late")
    assert wire.sent == []
    assert owner.told == [("drop", 5), ("drop", 4)]


def test_sizes_go_to_any_function() -> None:
    sizes: list[int] = []
    sender = Sender(Owner(), in_a_task())  # type: ignore[arg-type]
    sender.open(Wire(), sizes.append)
    sender.send_text("abc")
    assert sizes == [3]


@pytest.mark.parametrize(
    "size", [0, 1, 125, 126, 65_535, 65_536, 1 << 20, (1 << 20) + 1]
)
@pytest.mark.parametrize("kind", ["text", "binary"])
def test_a_plain_wire_frames_messages_of_every_size(kind: str, size: int) -> None:
    sizes, transport = SizeList(), MemoryTransport()
    payload = bytes(97 + index % 26 for index in range(size))

    async def main() -> None:
        wire = attach(transport, Wire(), limits=limits_with())  # type: ignore[arg-type]
        sender = Sender(Owner(), in_a_task())  # type: ignore[arg-type]
        sender.open(wire, sizes)
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
def test_what_a_task_sends_counts_until_it_ends(is_plain: bool) -> None:
    async def main() -> None:
        tasks = in_a_task()
        sender = Sender(Owner(), tasks)  # type: ignore[arg-type]
        wire: Any = Wire()
        if is_plain:
            wire = attach(MemoryTransport(), Wire(), limits=limits_with())  # type: ignore[arg-type]
        sender.open(wire, SizeList())
        assert sender.task_bytes() == 0
        sender.send_text("\u20ac")
        sender.send_binary(b"ab")
        await asyncio.sleep(0)
        assert sender.task_bytes() == 5, "it is suspended, not over"
        sender.take_back(2)
        assert sender.task_bytes() == 3
        tasks.tasks_run += 1
        assert sender.task_bytes() == 0
        sender.send_text("next")
        assert sender.task_bytes() == 4
        tasks.is_busy = False
        assert sender.task_bytes() == 0

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_what_a_turn_of_the_loop_sends_counts_until_it_ends() -> None:
    async def main() -> None:
        tasks = TaskCount()
        sender = Sender(Owner(), tasks)  # type: ignore[arg-type]
        sender.open(Wire(), SizeList())
        sender.send_text("one")
        sender.send_text("three")
        assert sender.task_bytes() == 8
        tasks.is_busy = True
        sender.send_text("a task within it")
        assert sender.task_bytes() == 16
        tasks.is_busy = False
        await asyncio.sleep(0)
        assert sender.task_bytes() == 0
        sender.send_text("next")
        assert sender.task_bytes() == 4
        await asyncio.sleep(0)
        assert sender.task_bytes() == 0

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
