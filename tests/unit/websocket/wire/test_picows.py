import asyncio
import os
import sys
import zlib
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pytest
from default_settings import limits_with
from hypothesis import given
from hypothesis import strategies as st
from memory_wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    MemoryTransport,
    server_frame,
)
from virtual_time import VirtualLoop

from gharial.net.turns import Turns
from gharial.websocket.extensions import DeflateParameters
from gharial.websocket.wire.attach import attach
from gharial.websocket.wire.frame_sizes import wire_size
from gharial.websocket.wire.picows import PicowsWire

LIMIT_BYTES = 100_000


class Events:
    """Keeps what a wire tells."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.counted = 0

    def text_received(self, text: str, size_bytes: int, at_s: float) -> None:
        self.seen.append(("text", text, size_bytes))

    def binary_received(self, data: bytes, at_s: float) -> None:
        self.seen.append(("binary", data))

    def ping_received(self, payload: bytes, at_s: float) -> None:
        self.seen.append(("ping", payload))

    def pong_received(self, payload: bytes, at_s: float) -> None:
        self.seen.append(("pong", payload))

    def close_received(self, code: int | None, reason: str, at_s: float) -> None:
        self.seen.append(("close", code, reason))

    def bytes_received(self, wire_bytes: int) -> None:
        self.counted += wire_bytes

    def violated(self, code: int, problem: str, at_s: float) -> None:
        self.seen.append(("violated", code, problem))

    def drained(self) -> None:
        self.seen.append(("drained",))

    def lost(self, error: BaseException | None, at_s: float) -> None:
        self.seen.append(("lost", error))


def on_wire(
    act: Callable[[PicowsWire, MemoryTransport], Iterable[bytes] | None],
    *,
    deflate: DeflateParameters | None = None,
    leftover: bytes = b"",
) -> tuple[list[tuple[Any, ...]], MemoryTransport]:
    """
    Do something with a wire in memory; return what it told, and the transport.

    What ``act`` returns arrives as so many reads.
    """
    events, transport = Events(), MemoryTransport()

    async def main() -> None:
        wire = attach(
            transport,
            events,  # type: ignore[arg-type]
            deflate=deflate,
            limits=limits_with(max_message_size_bytes=LIMIT_BYTES),
        )
        wire.start(leftover)
        reads = act(wire, transport)
        for read in reads or ():
            # Each read is a round of the loop of its own.
            transport.deliver(read)
            await asyncio.sleep(0)
        # What picows' own parser finds is told of in the loop's next round.
        await asyncio.sleep(0)
        if not transport.is_closing():
            transport.lose(None)
        await asyncio.sleep(1)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    return [one for one in events.seen if one[0] != "lost"], transport


def test_bytes_are_dated_by_the_turn_of_the_loop_however_long_handlers_take() -> None:
    now = [10.0]
    dates: dict[str, list[float]] = {"first": [], "second": []}

    async def main() -> None:
        turns = Turns(asyncio.get_running_loop(), lambda: now[0])

        def wire_of(name: str) -> MemoryTransport:
            def take(data: object, at_s: float) -> None:
                dates[name].append(at_s)
                now[0] += 0.5

            transport = MemoryTransport()
            wire = attach(transport, Events(), limits=limits_with(), turns=turns)  # type: ignore[arg-type]
            wire.start(b"")
            wire.hand_over(lambda size, at_s: None, take)
            return transport

        first, second = wire_of("first"), wire_of("second")
        frame = server_frame(TEXT, b"x")
        first.deliver(frame + frame)
        second.deliver(frame)
        # A second read of the same turn came later than the loop knew.
        second.deliver(frame)
        second.deliver(frame)
        await asyncio.sleep(0)
        second.deliver(frame)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    assert dates["first"] == [10.0, 10.0]
    assert dates["second"] == [10.0, 11.5, 12.0, 12.5]


def received(*parts: bytes, **options: Any) -> list[tuple[Any, ...]]:
    return on_wire(lambda wire, transport: parts, **options)[0]


def test_nothing_is_written_before_something_is_sent() -> None:
    assert on_wire(lambda wire, transport: None)[1].written == b""


def test_leftover_bytes_come_first() -> None:
    seen = received(
        server_frame(TEXT, b"second"), leftover=server_frame(TEXT, b"first")
    )
    assert [one[1] for one in seen] == ["first", "second"]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, LIMIT_BYTES])
def test_messages_of_every_framing_arrive_whole(size: int) -> None:
    data = os.urandom(size)
    assert received(server_frame(BINARY, data)) == [("binary", data)]
    text = "x" * size
    assert received(server_frame(TEXT, text.encode())) == [("text", text, size)]


def test_what_is_sent_is_one_masked_frame_and_is_counted() -> None:
    def act(wire: PicowsWire, transport: MemoryTransport) -> None:
        assert wire.send_text("é".encode()) is None
        assert wire.send_binary(b"x" * 70_000) is None
        counted = [
            wire_size(2) + 4,
            wire_size(70_000) + 4,
            wire.send_ping(b"p"),
            wire.send_pong(b"q"),
            wire.send_close(3000, b"why"),
        ]
        assert sum(counted) == len(transport.written)

    frames = on_wire(act)[1].frames
    assert [(frame.opcode, len(frame.payload)) for frame in frames] == [
        (TEXT, 2),
        (BINARY, 70_000),
        (PING, 1),
        (PONG, 1),
        (CLOSE, 5),
    ]


def test_an_empty_close_frame_has_no_code() -> None:
    transport = on_wire(lambda wire, _: (wire.send_close(None, b""), None)[1])[1]
    assert [(f.opcode, f.payload) for f in transport.frames] == [(CLOSE, b"")]


def test_fragments_make_one_message_with_control_frames_between() -> None:
    assert received(
        server_frame(TEXT, b"gr", is_final=False),
        server_frame(PING, b"p"),
        # A character that is cut in two.
        server_frame(CONTINUATION, "ü".encode()[:1], is_final=False),
        server_frame(CONTINUATION, "ü".encode()[1:] + b"n"),
        server_frame(CLOSE, b"\x03\xe8bye"),
    ) == [("ping", b"p"), ("text", "grün", 5), ("close", 1000, "bye")]


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        pytest.param([server_frame(TEXT, b"\xff")], 1007, id="text is not UTF-8"),
        pytest.param([server_frame(TEXT, b"\xed\xa0\x80")], 1007, id="surrogate"),
        pytest.param(
            [server_frame(TEXT, b"a\xff", is_final=False)],
            1007,
            id="not UTF-8 in the first fragment",
        ),
        pytest.param([server_frame(CONTINUATION, b"x")], 1002, id="continues nothing"),
        pytest.param(
            [server_frame(TEXT, b"x", is_final=False), server_frame(TEXT, b"y")],
            1002,
            id="two messages at once",
        ),
        pytest.param([server_frame(TEXT, b"x", reserved=4)], 1002, id="RSV1"),
        pytest.param([server_frame(TEXT, b"x", reserved=2)], 1002, id="RSV2"),
        pytest.param([server_frame(BINARY, b"x", reserved=1)], 1002, id="RSV3"),
        pytest.param([server_frame(PING, b"x", reserved=4)], 1002, id="RSV1 on a ping"),
        pytest.param([server_frame(3, b"x")], 1002, id="unknown data opcode"),
        pytest.param([server_frame(11, b"x")], 1002, id="unknown control opcode"),
        pytest.param([server_frame(TEXT, b"x", mask=b"abcd")], 1002, id="masked"),
        pytest.param(
            [server_frame(PING, b"x", is_final=False)], 1002, id="fragmented ping"
        ),
        pytest.param([server_frame(PING, b"x" * 126)], 1002, id="long ping"),
        pytest.param([server_frame(CLOSE, b"x")], 1002, id="half a close code"),
        *(
            pytest.param(
                [server_frame(CLOSE, code.to_bytes(2, "big"))], 1002, id=f"code {code}"
            )
            for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000)
        ),
        pytest.param(
            [server_frame(CLOSE, b"\x03\xe8\xff")], 1007, id="close reason not UTF-8"
        ),
        pytest.param(
            [server_frame(BINARY, bytes(LIMIT_BYTES + 1))], 1009, id="too large"
        ),
        pytest.param(
            [
                server_frame(BINARY, bytes(LIMIT_BYTES), is_final=False),
                server_frame(CONTINUATION, b"x"),
            ],
            1009,
            id="too large in fragments",
        ),
        pytest.param([b"\x81\x7e\x00\x05hello"], 1002, id="length not minimal"),
        pytest.param([b"\x81\x7f" + b"\x80" + bytes(7)], 1002, id="length negative"),
    ],
)
def test_a_violation_is_told_once_and_answered_with_its_code(
    frames: list[bytes], code: int
) -> None:
    def act(wire: PicowsWire, transport: MemoryTransport) -> list[bytes]:
        before, after = server_frame(TEXT, b"before"), server_frame(TEXT, b"after")
        return [before, *frames, after]

    seen, transport = on_wire(act)
    assert seen[0] == ("text", "before", 6)
    violations = [one for one in seen if one[0] == "violated"]
    assert [one[1] for one in violations] == [code]
    assert ("text", "after", 5) not in seen
    closes = [frame.payload for frame in transport.frames if frame.opcode == CLOSE]
    assert closes[0][:2] == code.to_bytes(2, "big")


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
def test_close_codes_that_a_server_may_send(code: int) -> None:
    frame = server_frame(CLOSE, code.to_bytes(2, "big") + b"r")
    assert received(frame) == [("close", code, "r")]


def test_a_frame_that_is_too_large_is_not_delivered_with_the_bytes_that_follow() -> (
    None
):
    def act(wire: PicowsWire, transport: MemoryTransport) -> None:
        transport.deliver(server_frame(BINARY, bytes(LIMIT_BYTES + 1)))

    seen, _ = on_wire(act)
    assert [one[:2] for one in seen] == [("violated", 1009)]


def test_a_frame_before_a_bad_one_in_the_same_read_still_arrives() -> None:
    data = server_frame(TEXT, b"good") + server_frame(3, b"bad")
    assert [one[0] for one in received(data)] == ["text", "violated"]


def test_what_is_read_right_after_a_bad_frame_is_not_taken() -> None:
    # Both reads come within one round of the loop, as uvloop's may.
    def act(wire: PicowsWire, transport: MemoryTransport) -> None:
        transport.deliver(server_frame(CLOSE, b"\x03\xe8\xff"))
        transport.deliver(server_frame(TEXT, b"late"))

    assert [one[:2] for one in on_wire(act)[0]] == [("violated", 1007)]


def test_what_comes_right_after_a_bad_frame_with_the_answer_is_not_taken() -> None:
    bad = server_frame(CLOSE, b"\x03\xe8\xff")
    # More than picows is given at once.
    seen = received(leftover=bad + server_frame(TEXT, b"late") * 1_000)
    assert [one[:2] for one in seen] == [("violated", 1007)]


def test_a_close_frame_between_two_bad_frames_is_not_taken() -> None:
    bad, said = server_frame(CONTINUATION), server_frame(CLOSE, b"\x03\xe8")
    # Whether they are read at once: picows parses one frame ahead.
    for reads in ([bad + said + server_frame(3)], [bad, said, server_frame(3)]):
        assert [one[:2] for one in received(*reads)] == [("violated", 1002)]


def test_a_close_frame_with_the_code_0_is_refused_before_another_bad_frame() -> None:
    seen = received(server_frame(CLOSE, b"\0\0why") + server_frame(3))
    assert [one[:2] for one in seen] == [("violated", 1002)]


def test_a_ping_larger_than_the_largest_message_is_taken_before_a_bad_frame() -> None:
    data = server_frame(PING, b"12345") + server_frame(3)
    transport, events = MemoryTransport(), Events()

    async def main() -> None:
        wire = attach(transport, events, limits=limits_with(max_message_size_bytes=4))  # type: ignore[arg-type]
        wire.start(data)
        await asyncio.sleep(1)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    assert [one[:2] for one in events.seen[:2]] == [
        ("ping", b"12345"),
        ("violated", 1002),
    ]


@pytest.mark.parametrize("bad", [server_frame(3), server_frame(CONTINUATION)])
def test_no_close_frame_follows_another(bad: bytes) -> None:
    def act(wire: PicowsWire, transport: MemoryTransport) -> list[bytes]:
        assert wire.send_close(3999, b"bye") == len(transport.written)
        return [bad]

    frames = on_wire(act)[1].frames
    assert [frame.payload for frame in frames] == [b"\x0f\x9fbye"]


MESSAGES = st.lists(
    st.one_of(
        st.text(max_size=300).map(lambda text: ("text", text)),
        st.binary(max_size=300).map(lambda data: ("binary", data)),
        st.binary(max_size=125).map(lambda data: ("ping", data)),
    ),
    max_size=8,
)


@given(messages=MESSAGES, cuts=st.lists(st.integers(0, 3_000), max_size=12))
def test_where_the_stream_is_cut_changes_nothing(
    messages: list[tuple[str, Any]], cuts: list[int]
) -> None:
    opcodes = {"text": TEXT, "binary": BINARY, "ping": PING}
    stream = b"".join(
        server_frame(opcodes[kind], data.encode() if kind == "text" else data)
        for kind, data in messages
    )
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    parts = [stream[a:b] for a, b in pairwise(edges)]
    assert [one[:2] for one in received(*parts)] == messages


@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.builds(
                server_frame,
                st.integers(0, 15),
                st.binary(max_size=40),
                reserved=st.integers(0, 7),
            ),
            max_size=4,
        ).map(b"".join),
    ),
    cuts=st.lists(st.integers(0, 200), max_size=4),
)
def test_any_bytes_are_taken_or_violate_the_protocol(
    data: bytes, cuts: list[int]
) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    seen = received(*[data[a:b] for a, b in pairwise(edges)])
    known = {"text", "binary", "ping", "pong", "close", "violated", "lost"}
    assert {one[0] for one in seen} <= known
    # After a violation nothing more is told, and wherever it is cut, it is the same.
    kinds = [one[0] for one in seen]
    assert "violated" not in kinds[:-1] or kinds[-1] in ("violated", "lost")
    assert [one[:2] for one in received(data)] == [one[:2] for one in seen]


# -- Compression ------------------------------------------------------------------------


def deflated(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return (deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


def test_compressed_messages_are_inflated_plain_ones_are_taken_as_they_are() -> None:
    compressed = deflated(b"hello")
    assert received(
        server_frame(TEXT, compressed, reserved=4),
        server_frame(TEXT, b"plain"),
        server_frame(BINARY, deflated(b"x" * 5)[:3], is_final=False, reserved=4),
        server_frame(CONTINUATION, deflated(b"x" * 5)[3:]),
        deflate=DeflateParameters(server_no_context_takeover=True),
    ) == [("text", "hello", 5), ("text", "plain", 5), ("binary", b"xxxxx")]


def test_a_bomb_is_stopped_at_the_limit() -> None:
    seen = received(
        server_frame(BINARY, deflated(bytes(50_000_000)), reserved=4),
        deflate=DeflateParameters(),
    )
    assert [(one[0], one[1]) for one in seen] == [("violated", 1009)]


def test_damaged_compressed_data_is_a_violation() -> None:
    seen = received(
        server_frame(TEXT, b"\xff\xff\xff", reserved=4), deflate=DeflateParameters()
    )
    assert [(one[0], one[1]) for one in seen] == [("violated", 1007)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"ab\xffcd", 1007, id="not UTF-8"),
        pytest.param(bytes(LIMIT_BYTES + 1), 1009, id="a bomb"),
    ],
)
def test_a_compressed_fragment_is_judged_when_it_comes(
    content: bytes, code: int
) -> None:
    whole = deflated(content)
    # The message never ends.
    seen = received(
        server_frame(TEXT, whole[:1], is_final=False, reserved=4),
        server_frame(CONTINUATION, whole[1:], is_final=False),
        server_frame(PING, b"not told of"),
        deflate=DeflateParameters(),
    )
    assert [one[:2] for one in seen] == [("violated", code)]


def test_a_compressed_text_that_ends_within_a_character_is_a_violation() -> None:
    whole = deflated("ü".encode()[:1])
    seen = received(
        server_frame(TEXT, whole[:1], is_final=False, reserved=4),
        server_frame(CONTINUATION, whole[1:]),
        deflate=DeflateParameters(),
    )
    assert [one[:2] for one in seen] == [("violated", 1007)]


@pytest.mark.parametrize("reserved", [0, 4])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_fragments_are_counted_as_they_were_on_the_wire(
    opcode: int, reserved: int
) -> None:
    whole = deflated(b"hello " * 100) if reserved else b"hello " * 100
    frames = [
        server_frame(opcode, whole[:3], is_final=False, reserved=reserved),
        server_frame(CONTINUATION, whole[3:9], is_final=False),
        server_frame(CONTINUATION, whole[9:]),
    ]
    transport, events = MemoryTransport(), Events()

    async def main() -> None:
        attach(
            transport,
            events,  # type: ignore[arg-type]
            limits=limits_with(),
            deflate=DeflateParameters(),
        ).start(b"".join(frames))

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    assert [one[0] for one in events.seen] == ["text" if opcode == TEXT else "binary"]
    # Whoever takes the message counts it as one frame.
    assert events.counted + wire_size(600) == sum(map(len, frames))


def test_what_is_sent_is_compressed_where_that_was_agreed() -> None:
    def act(wire: PicowsWire, transport: MemoryTransport) -> None:
        assert wire.send_text(b"x" * 1_000) == len(transport.written)

    frame = on_wire(act, deflate=DeflateParameters())[1].frames[0]
    assert frame.is_compressed
    assert len(frame.payload) < 50
    inflater = zlib.decompressobj(wbits=-15)
    assert inflater.decompress(frame.payload + b"\x00\x00\xff\xff") == b"x" * 1_000


def test_fragments_without_content_take_no_memory() -> None:
    """A message of endless fragments never ends, and must not grow meanwhile."""
    wires: list[PicowsWire] = []

    def act(wire: PicowsWire, transport: MemoryTransport) -> Iterable[bytes]:
        wires.append(wire)
        yield server_frame(BINARY, b"a", is_final=False)
        for _ in range(20):
            yield server_frame(CONTINUATION, b"", is_final=False) * 500

    assert on_wire(act)[0] == []
    assert sys.getsizeof(wires[0]._message.payload) < 1_000


# -- The direct way ------------------------------------------------------------------------


def handed_over(
    *reads: bytes, deflate: DeflateParameters | None = None
) -> tuple[list[Any], list[tuple[Any, ...]]]:
    """Return what was counted and taken directly, and what the events told."""
    direct: list[Any] = []

    def act(wire: PicowsWire, transport: MemoryTransport) -> Iterable[bytes]:
        wire.hand_over(
            lambda size, at_s: direct.append(size),
            lambda data, at_s: direct.append(data),
        )
        return reads

    return direct, on_wire(act, deflate=deflate)[0]


def test_plain_messages_go_directly_to_whoever_takes_them_over() -> None:
    direct, seen = handed_over(
        server_frame(TEXT, "é".encode()), server_frame(BINARY, b"ab")
    )
    assert direct == [2, "é", 2, b"ab"]
    assert seen == []


def test_fragments_go_the_long_way_and_the_next_message_directly_again() -> None:
    direct, seen = handed_over(
        server_frame(TEXT, b"a", is_final=False)
        + server_frame(PING, b"p")
        + server_frame(CONTINUATION, b"b"),
        server_frame(TEXT, b"c"),
    )
    assert direct == [1, "c"]
    assert seen == [("ping", b"p"), ("text", "ab", 2)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(server_frame(TEXT, b"\xff"), 1007, id="not UTF-8"),
        pytest.param(server_frame(TEXT, b"a", reserved=2), 1002, id="reserved bit"),
        pytest.param(
            server_frame(BINARY, bytes(LIMIT_BYTES + 1)), 1009, id="too large"
        ),
    ],
)
def test_nothing_goes_directly_once_the_peer_broke_the_protocol(
    data: bytes, code: int
) -> None:
    direct, seen = handed_over(data, server_frame(TEXT, b"after"))
    assert direct == []
    assert [(one[0], one[1]) for one in seen] == [("violated", code)]


def test_nothing_goes_directly_once_it_is_taken_back() -> None:
    direct: list[Any] = []

    def act(wire: PicowsWire, transport: MemoryTransport) -> Iterable[bytes]:
        wire.hand_over(
            lambda size, at_s: direct.append(size),
            lambda data, at_s: direct.append(data),
        )
        wire.hand_over(lambda size, at_s: direct.append(size), None)
        return [server_frame(TEXT, b"a")]

    assert on_wire(act)[0] == [("text", "a", 1)]
    assert direct == []


def test_received_bytes_are_those_on_the_wire_also_when_compressed() -> None:
    compressor = zlib.compressobj(wbits=-15)
    payload = compressor.compress(b"x" * 1_000)
    payload += compressor.flush(zlib.Z_SYNC_FLUSH)[:-4]
    events = Events()
    frame = server_frame(TEXT, payload, reserved=4)

    async def main() -> None:
        wire = attach(
            MemoryTransport(),
            events,  # type: ignore[arg-type]
            limits=limits_with(),
            deflate=DeflateParameters(),
        )
        wire.start(frame)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    assert events.seen == [("text", "x" * 1_000, 1_000)]
    assert wire_size(1_000) + events.counted == len(frame)


# -- Back-pressure ------------------------------------------------------------------------


def test_a_peer_that_does_not_read_is_noticed_and_its_relief_as_well() -> None:
    def act(wire: PicowsWire, transport: MemoryTransport) -> None:
        transport.is_blocked = True
        wire.send_binary(bytes(1_000))
        assert wire.is_blocked
        assert wire.unsent_bytes() >= 1_000
        transport.unblock()
        assert not wire.is_blocked
        assert wire.unsent_bytes() == 0

    assert on_wire(act)[0] == [("drained",)]


class Pausing(Events):
    """Pauses reading after each text."""

    wire: PicowsWire

    def text_received(self, text: str, size_bytes: int, at_s: float) -> None:
        super().text_received(text, size_bytes, at_s)
        self.wire.pause_reading()


@pytest.mark.parametrize("end", ["resumed", "lost", "broken"])
def test_what_was_read_before_a_pause_waits_as_it_came(end: str) -> None:
    """However many messages a buffer has, only one is inflated after each pause."""
    events, transport = Pausing(), MemoryTransport()
    read = (
        server_frame(TEXT, deflated(b"a"), reserved=4)
        + server_frame(TEXT, b"plain")
        + server_frame(PING, b"p")
        + server_frame(TEXT, deflated(b"b" * 9_000), reserved=4)
        + (
            server_frame(TEXT, b"", mask=b"abcd")
            if end == "broken"
            else server_frame(CLOSE, b"\x03\xe8bye")
        )
    )

    async def main() -> None:
        wire = events.wire = attach(
            transport,
            events,  # type: ignore[arg-type]
            limits=limits_with(),
            deflate=DeflateParameters(),
        )
        wire.start(b"")
        transport.deliver(read)
        # A ping is answered whatever waits.
        assert events.seen == [("text", "a", 1), ("ping", b"p")]
        if end == "resumed":
            for count in (3, 4, 5):
                wire.resume_reading()
                await asyncio.sleep(0)
                assert len(events.seen) == count
        else:
            await asyncio.sleep(0)
        if not transport.is_closing():
            transport.lose(None)
        await asyncio.sleep(1)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    assert [one[:2] for one in events.seen] == [
        ("text", "a"),
        ("ping", b"p"),
        ("text", "plain"),
        ("text", "b" * 9_000),
        ("violated", 1002) if end == "broken" else ("close", 1000),
        ("lost", None),
    ]
