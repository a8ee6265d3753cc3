import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from default_settings import limits_with
from memory_wire import (
    BINARY,
    CONTINUATION,
    PING,
    TEXT,
    MemoryTransport,
    server_frame,
)
from picows import WSFrame
from virtual_time import VirtualLoop

from gharial.net.turns import Turns
from gharial.websocket.messages import MessageTaker
from gharial.websocket.size_list import SizeList
from gharial.websocket.wire.attach import attach
from gharial.websocket.wire.plain_frames import PlainFrames


class Taker(MessageTaker):
    def __init__(self, act: Callable[[Any], None] = lambda data: None) -> None:
        self.taken: list[Any] = []
        self._act = act

    def take(self, data: Any, at_s: float) -> None:
        self.taken.append(data)
        self._act(data)


class Events:
    """Keeps what the wire tells of what is not taken directly."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *facts: self.told.append((name, *facts[:-1]))


def delivered(*reads: bytes, taker: Taker) -> tuple[list[float], list[tuple[Any, ...]]]:
    """Return the sizes that were counted for a taker, and what else was told."""
    events, sizes, transport = Events(), SizeList(), MemoryTransport()

    async def main() -> None:
        wire = attach(transport, events, limits=limits_with())
        wire.hand_over(sizes, taker)
        wire.start(b"")
        for read in reads:
            transport.deliver(read)
            await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    return sizes.take().tolist(), events.told


@pytest.mark.parametrize(
    ("kind", "payload", "data"),
    [
        pytest.param(TEXT, b"", "", id="empty text"),
        pytest.param(TEXT, b"plain", "plain", id="text"),
        pytest.param(
            TEXT, "z\u00fc\U0001f40a".encode(), "z\u00fc\U0001f40a", id="wide"
        ),
        pytest.param(TEXT, b"x" * 70_000, "x" * 70_000, id="long text"),
        pytest.param(BINARY, b"\xff" * 300, b"\xff" * 300, id="binary"),
    ],
)
def test_a_whole_message_goes_to_its_taker_and_its_size_is_counted(
    kind: int, payload: bytes, data: object
) -> None:
    taker = Taker()
    sizes, told = delivered(server_frame(kind, payload), taker=taker)
    assert taker.taken == [data]
    assert sizes == [len(payload)]
    assert told == []


@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"a" * 300 + b"\xff"]
)
def test_a_text_that_is_not_utf8_is_not_taken_nor_counted(bad: bytes) -> None:
    taker = Taker()
    sizes, told = delivered(
        server_frame(TEXT, bad) + server_frame(TEXT, b"after"), taker=taker
    )
    assert (taker.taken, sizes) == ([], [])
    assert told == [("violated", 1007, "a text message is not UTF-8")]


def test_all_frames_of_a_read_are_taken_in_their_order() -> None:
    taker = Taker()
    sizes, told = delivered(
        server_frame(TEXT, b"a")
        + server_frame(PING, b"p")
        + server_frame(BINARY, b"bc")
        + server_frame(TEXT, b"d", is_final=False)
        + server_frame(CONTINUATION, b"e")
        + server_frame(TEXT, b"f"),
        taker=taker,
    )
    assert taker.taken == ["a", b"bc", "f"]
    assert sizes == [1, 2, 1]
    assert [one[:2] for one in told if one[0] != "bytes_received"] == [
        ("ping_received", b"p"),
        ("text_received", "de"),
    ]


def test_a_subclass_has_to_say_what_becomes_of_all_else() -> None:
    class Bare(PlainFrames):
        pass

    async def main() -> None:
        bare = Bare(Turns(asyncio.get_running_loop(), lambda: 1.0))
        frame: WSFrame = None  # type: ignore[assignment]
        with pytest.raises(NotImplementedError):
            bare.take_other(frame)
        with pytest.raises(NotImplementedError):
            bare.refuse_text()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_a_count_that_wants_to_know_is_told_when_a_message_came() -> None:
    counted: list[tuple[int, float]] = []
    taken: list[tuple[object, float]] = []
    transport = MemoryTransport()

    async def main() -> None:
        wire = attach(transport, Events(), limits=limits_with())
        wire.hand_over(
            lambda size, at_s: counted.append((size, at_s)),
            lambda data, at_s: taken.append((data, at_s)),
        )
        wire.start(b"")
        for text in (b"a", b"bc"):
            await asyncio.sleep(5)
            transport.deliver(server_frame(TEXT, text))

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    assert counted == [(len(str(data)), at_s) for data, at_s in taken]
