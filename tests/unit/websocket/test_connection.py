import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from default_settings import limits_with, network_with
from heard_facts import HeardFacts
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

from gharial.net.cookies import CookieJar
from gharial.net.failures import Failure, FailureReason, HandshakeResponse
from gharial.net.frame_log import FrameLog
from gharial.net.network import Network
from gharial.websocket import connection as connection_module
from gharial.websocket.connection import Connection
from gharial.websocket.errors import WebSocketError
from gharial.websocket.extensions import DeflateParameters
from gharial.websocket.observer import OpeningFacts
from gharial.websocket.opening import Opened, OpeningError
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.pings import PINGS_MAXIMUM
from gharial.websocket.state import TRANSITIONS, ReadyState
from gharial.websocket.wire.frame_sizes import wire_size

CLOSE_LIMIT_S = 7.0


def facts(failure: Failure | None = None) -> OpeningFacts:
    return OpeningFacts(
        0.0, 0.0, None, 0.0, None, 0.0, 101, "", "127.0.0.1", 1, 1, failure
    )


class Listener:
    """Keeps what a connection tells its owner."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    def on_open(self, at_s: float) -> None:
        self.seen.append(("open",))

    def on_message(self, data: str | bytes, at_s: float) -> None:
        self.seen.append(("message", data))

    def on_ping(self, at_s: float) -> None:
        self.seen.append(("ping",))

    def on_pong(self, at_s: float) -> None:
        self.seen.append(("pong",))

    def on_closing(self, at_s: float) -> None:
        self.seen.append(("closing",))

    def on_error(self, failure: Failure, at_s: float) -> None:
        self.seen.append(("error", failure.reason))

    def on_close(self, code: int, reason: str, was_clean: bool, at_s: float) -> None:
        self.seen.append(("close", code, reason, was_clean))


class Observer:
    """Keeps what a connection tells whoever measures it."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.facts = HeardFacts()
        self.received_bytes = 0
        self.sent_bytes = 0

    def opening_ended(self, facts: OpeningFacts) -> None:
        failure = facts.failure
        self.seen.append(("opened", None if failure is None else failure.reason))

    def count_sent(self, size_bytes: int) -> None:
        self.seen.append(("sent", size_bytes))
        self.sent_bytes += wire_size(size_bytes) + 4

    def count_received(self, size_bytes: int, at_s: float) -> None:
        self.seen.append(("received", size_bytes))
        self.received_bytes += wire_size(size_bytes)

    def bytes_sent(self, wire_bytes: int) -> None:
        self.sent_bytes += wire_bytes

    def bytes_received(self, wire_bytes: int) -> None:
        self.received_bytes += wire_bytes

    def pong_matched(self, round_trip_s: float, at_s: float) -> None:
        self.seen.append(("round trip", round_trip_s))

    def pings_lost(self, count: int, at_s: float) -> None:
        self.seen.append(("lost", count))

    def failed(self, failure: Failure, at_s: float) -> None:
        self.seen.append(("failed", failure.reason))

    def closed(self, code: int, at_s: float) -> None:
        self.seen.append(("closed", code))

    def lens_facts(self, protocol: str) -> HeardFacts:
        return self.facts

    def request_ended(self, duration_s: float | None, name: str) -> None:
        self.seen.append(("request", duration_s, name))


class Stage:
    """A connection on a transport in memory."""

    def __init__(
        self,
        loop: VirtualLoop,
        url: str = "ws://h/",
        frame_log: FrameLog | None = None,
        **options: Any,
    ) -> None:
        self.transport = MemoryTransport()
        self.cookies = CookieJar()
        self.opened_with: dict[str, Any] = {}
        self.listener, self.observer = Listener(), Observer()
        network = Network(
            network_with(limits=limits_with(close_timeout_s=CLOSE_LIMIT_S))
        )
        if frame_log is not None:
            network.frame_log = frame_log
        self.connection = Connection(
            OpeningRequest(url),
            network=network,
            listener=self.listener,
            observer=self.observer,
            clock=loop.clock(),
            cookies=self.cookies,
            **options,
        )

    async def deliver(self, *frames: bytes) -> None:
        for frame in frames:
            self.transport.deliver(frame)
            await asyncio.sleep(0)

    @property
    def events(self) -> list[tuple[Any, ...]]:
        return self.listener.seen

    @property
    def sent(self) -> list[tuple[int, bytes]]:
        return [(frame.opcode, frame.payload) for frame in self.transport.frames]


Act = Callable[[Stage], Awaitable[None]]


@pytest.fixture
def on_stage(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stage]:
    """Return what runs an act with a connection, open unless it is told otherwise."""

    def run(act: Act, *, opening: Any = "at once", **options: Any) -> Stage:
        async def main() -> Stage:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            stage = Stage(loop, **options)

            async def open_transport(*arguments: Any, **options: Any) -> Opened:
                stage.opened_with = options
                deflate = DeflateParameters() if opening == "compressed" else None
                if isinstance(opening, Failure):
                    raise OpeningError(opening, facts(opening))
                if opening == "never":
                    await loop.create_future()
                if opening == "paused":
                    stage.connection.reading.pause("a reason")
                response = HandshakeResponse(101, "", ())
                return Opened(
                    stage.transport, b"", response, "chat", "", deflate, facts()
                )

            monkeypatch.setattr(connection_module, "open_transport", open_transport)
            stage.connection.open()
            await asyncio.sleep(0.001)
            await act(stage)
            await asyncio.sleep(60)
            return stage

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(main())

    return run


def test_transitions_lead_from_connecting_to_closed() -> None:
    assert set(TRANSITIONS) == set(ReadyState)
    assert TRANSITIONS[ReadyState.CLOSED] == frozenset()
    assert all(
        after > before for before in TRANSITIONS for after in TRANSITIONS[before]
    )


def test_an_open_connection_knows_its_protocol(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        assert stage.connection.ready_state is ReadyState.OPEN
        assert stage.connection.protocol == "chat"
        assert stage.events == [("open",)]

    assert on_stage(act).observer.seen[0] == ("opened", None)


def test_messages_go_both_ways_and_are_counted(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        before = stage.observer.received_bytes
        frames = [server_frame(TEXT, "é".encode()), server_frame(BINARY, bytes(200))]
        await stage.deliver(*frames)
        assert stage.observer.received_bytes - before == sum(map(len, frames))
        stage.connection.send_text("ü\ud800")
        stage.connection.send_binary(bytes(70_000))
        assert stage.observer.sent_bytes == len(stage.transport.written)

    stage = on_stage(act)
    assert stage.events[1:3] == [("message", "é"), ("message", bytes(200))]
    assert ("received", 2) in stage.observer.seen
    assert stage.sent[:2] == [(TEXT, "ü�".encode()), (BINARY, bytes(70_000))]


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("is_closing", [False, True])
def test_a_message_in_parts_is_delivered_unless_it_is_too_late(
    on_stage: Any, opcode: int, is_closing: bool
) -> None:
    async def act(stage: Stage) -> None:
        if is_closing:
            stage.connection.close()
        await stage.deliver(
            server_frame(opcode, b"one ", is_final=False),
            server_frame(CONTINUATION, b"two"),
        )

    stage = on_stage(act)
    message = b"one two" if opcode == BINARY else "one two"
    assert (("message", message) in stage.events) is not is_closing
    assert ("received", 7) in stage.observer.seen


# -- The end, situation by situation (k6-behaviour, section 1.9; the standard first) --------


def test_we_close_and_the_peer_answers(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.send_text("first")
        stage.connection.close(3000, "why")
        assert stage.connection.ready_state is ReadyState.CLOSING
        await stage.deliver(server_frame(CLOSE, b"\x0b\xb8why"))
        stage.transport.lose(None)

    stage = on_stage(act)
    # What was sent before goes out before the close frame.
    assert stage.sent == [(TEXT, b"first"), (CLOSE, b"\x0b\xb8why")]
    assert stage.events[1:] == [("close", 3000, "why", True)]
    assert stage.observer.seen[-1] == ("closed", 3000)


def test_the_peer_answers_and_never_ends_tcp(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.close()
        await stage.deliver(server_frame(CLOSE, b""))
        await asyncio.sleep(CLOSE_LIMIT_S - 0.5)
        assert stage.connection.ready_state is ReadyState.CLOSING
        await asyncio.sleep(1)
        assert stage.connection.ready_state is ReadyState.CLOSED  # type: ignore[comparison-overlap]

    assert on_stage(act).events[1:] == [("close", 1005, "", True)]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_the_peer_closes(on_stage: Any, code: int) -> None:
    async def act(stage: Stage) -> None:
        await stage.deliver(server_frame(CLOSE, code.to_bytes(2, "big") + b"bye"))
        assert stage.connection.ready_state is ReadyState.CLOSING
        stage.transport.lose(None)

    stage = on_stage(act)
    assert stage.sent == [(CLOSE, code.to_bytes(2, "big"))]
    assert stage.events[1:] == [("closing",), ("close", code, "bye", True)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(None, FailureReason.EOF), (ConnectionResetError("reset"), FailureReason.RESET)],
)
def test_tcp_ends_without_a_close_frame(
    on_stage: Any, error: Exception | None, reason: FailureReason
) -> None:
    async def act(stage: Stage) -> None:
        stage.transport.lose(error)

    stage = on_stage(act)
    assert stage.events[1:] == [("error", reason), ("close", 1006, "", False)]
    assert ("failed", reason) in stage.observer.seen


def test_the_peer_does_not_answer_our_close(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.close()
        await asyncio.sleep(CLOSE_LIMIT_S + 0.1)
        assert stage.transport.is_closing()

    assert on_stage(act).events[1:] == [
        ("error", FailureReason.CLOSE_TIMEOUT),
        ("close", 1006, "", False),
    ]


def test_what_limits_its_closing_ends_with_it(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.close()
        handle = stage.connection._close_handle
        assert handle is not None
        stage.transport.lose(None)
        assert handle.cancelled()

    on_stage(act)


def test_a_text_in_parts_that_ends_within_a_character_is_refused(
    on_stage: Any,
) -> None:
    async def act(stage: Stage) -> None:
        await stage.deliver(
            server_frame(TEXT, b"a", is_final=False),
            server_frame(CONTINUATION, b"\xc3"),
        )

    stage = on_stage(act)
    assert stage.sent == [(CLOSE, b"\x03\xef")]
    assert ("message", "a") not in stage.events


def test_a_transport_that_does_not_say_that_it_ended_holds_nothing_up(
    on_stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(stage: Stage) -> None:
        monkeypatch.setattr(stage.transport, "abort", lambda: None)
        stage.connection.close()
        await asyncio.sleep(CLOSE_LIMIT_S + 0.1)
        assert stage.connection.ready_state is ReadyState.CLOSED

    assert on_stage(act).events[-1] == ("close", 1006, "", False)


def test_the_peer_breaks_the_protocol(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        await stage.deliver(server_frame(TEXT, b"\xff"))
        # RFC 6455 section 7.1.7: at once, without waiting for an answer.
        assert stage.transport.is_closing()

    stage = on_stage(act)
    assert stage.sent == [(CLOSE, b"\x03\xef")]
    assert stage.events[1:] == [
        ("error", FailureReason.PROTOCOL),
        ("close", 1006, "", False),
    ]


def test_a_peer_that_breaks_the_protocol_cannot_hold_the_end_up(
    on_stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(stage: Stage) -> None:
        # As TCP does as long as a peer does not read: what waits is written first.
        monkeypatch.setattr(stage.transport, "close", lambda: None)
        await stage.deliver(server_frame(TEXT, b"\xff"))
        assert stage.connection.ready_state is ReadyState.CLOSING
        await asyncio.sleep(0.9)
        assert stage.connection.ready_state is ReadyState.CLOSING
        await asyncio.sleep(0.2)
        assert stage.connection.ready_state is ReadyState.CLOSED  # type: ignore[comparison-overlap]

    stage = on_stage(act)
    assert stage.transport.is_closing()
    assert stage.events[1:] == [
        ("error", FailureReason.PROTOCOL),
        ("close", 1006, "", False),
    ]


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(server_frame(TEXT, b"late"), id="a message"),
        pytest.param(server_frame(TEXT, b"\xff"), id="no UTF-8"),
        pytest.param(server_frame(3), id="no frame"),
        pytest.param(server_frame(0), id="a continuation of nothing"),
        pytest.param(server_frame(CLOSE, b"\x03\xe9"), id="another close frame"),
    ],
)
@pytest.mark.parametrize("is_one_read", [False, True])
def test_what_comes_after_a_close_frame_changes_nothing(
    on_stage: Any, late: bytes, is_one_read: bool
) -> None:
    async def act(stage: Stage) -> None:
        frames = [server_frame(CLOSE, b"\x03\xe8bye"), late]
        await stage.deliver(*([b"".join(frames)] if is_one_read else frames))

    stage = on_stage(act)
    assert stage.events[1:] == [("closing",), ("close", 1000, "bye", True)]
    assert len(stage.sent) == 1


def test_the_connection_cannot_be_made(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        assert stage.connection.ready_state is ReadyState.CLOSED

    stage = on_stage(act, opening=Failure(FailureReason.REFUSED, "refused"))
    assert stage.events == [
        ("error", FailureReason.REFUSED),
        ("close", 1006, "", False),
    ]
    assert stage.observer.seen == [("opened", FailureReason.REFUSED)]


@pytest.mark.parametrize("end", ["close", "shut", "abort"])
def test_it_is_given_up_while_connecting(on_stage: Any, end: str) -> None:
    async def act(stage: Stage) -> None:
        if end == "shut":
            stage.connection.shut(1001)
        else:
            getattr(stage.connection, end)()
        assert stage.connection.ready_state is ReadyState.CLOSED
        # What aborts is about to be gone; any other is not told within its own call.
        assert bool(stage.events) is (end == "abort")

    stage = on_stage(act, opening="never")
    assert stage.events == [
        ("error", FailureReason.CANCELLED),
        ("close", 1006, "", False),
    ]
    assert stage.observer.seen == [("opened", FailureReason.CANCELLED)]


def test_one_that_is_aborted_while_its_end_is_to_be_told_tells_it_once(
    on_stage: Any,
) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.close()
        stage.connection.abort()
        assert [event[0] for event in stage.events] == ["error", "close"]

    assert len(on_stage(act, opening="never").events) == 2


def test_abort_ends_at_once(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.abort()
        assert stage.connection.ready_state is ReadyState.CLOSED
        stage.connection.abort()

    stage = on_stage(act)
    assert stage.sent == []
    assert [event[0] for event in stage.events[1:]] == ["error", "close"]


def test_shut_closes_with_a_code_that_scripts_may_not_use(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.shut(1001)
        stage.connection.shut(1001)

    assert on_stage(act).sent == [(CLOSE, b"\x03\xe9")]


def test_nothing_is_delivered_after_we_closed(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.close()
        await stage.deliver(server_frame(TEXT, b"late"), server_frame(PING, b"p"))

    stage = on_stage(act)
    assert ("message", "late") not in stage.events
    assert [opcode for opcode, _ in stage.sent] == [CLOSE]


def test_one_that_is_given_up_is_opened_no_further(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        task = stage.connection._task
        assert task is not None
        stage.connection.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        # It is over, and nobody has to hear that it was cancelled.
        assert task.done()
        assert not task.cancelled()

    on_stage(act, opening="never")


def test_who_cancels_the_opening_of_a_connection_hears_that_it_is(
    on_stage: Any,
) -> None:
    async def act(stage: Stage) -> None:
        task = stage.connection._task
        assert task is not None
        task.cancel()
        await asyncio.wait((task,))
        assert task.cancelled()

    on_stage(act, opening="never")


def test_abort_waits_for_no_transport(
    on_stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(stage: Stage) -> None:
        monkeypatch.setattr(stage.transport, "abort", lambda: None)
        stage.connection.abort()
        assert stage.connection.ready_state is ReadyState.CLOSED
        assert stage.events[-1] == ("close", 1006, "", False)

    on_stage(act)


@pytest.mark.parametrize("end", ["a violation", "an abort"])
def test_in_the_end_its_transport_is_let_go_of(
    on_stage: Any, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    async def act(stage: Stage) -> None:
        connection, transport = stage.connection, stage.transport
        monkeypatch.setattr(transport, "abort", lambda: None)
        monkeypatch.setattr(transport, "close", lambda: None)
        if end == "an abort":
            connection.abort()
        else:
            await stage.deliver(server_frame(TEXT, b"\xff"))
        told: list[str] = []
        monkeypatch.setattr(transport, "pause_reading", lambda: told.append("pause"))
        monkeypatch.setattr(transport, "resume_reading", lambda: told.append("resume"))
        connection.reading.pause("a reason")
        connection.reading.resume("a reason")
        assert told == []

    on_stage(act)


# -- Pings ------------------------------------------------------------------------------


def test_a_ping_is_answered_at_once(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        await stage.deliver(server_frame(PING, b"payload"))
        assert stage.sent == [(PONG, b"payload")]

    assert ("ping",) in on_stage(act).events


def test_pongs_are_matched_with_their_pings(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.ping()
        await asyncio.sleep(1)
        stage.connection.ping()
        await asyncio.sleep(1)
        await stage.deliver(
            server_frame(PONG, b"1"), server_frame(PONG, b"0"), server_frame(PONG, b"9")
        )

    stage = on_stage(act)
    assert stage.sent == [(PING, b"0"), (PING, b"1")]
    trips = [one[1] for one in stage.observer.seen if one[0] == "round trip"]
    assert trips == pytest.approx([1, 2])
    assert stage.events.count(("pong",)) == 3


def test_no_pong_is_earlier_than_its_ping(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        await asyncio.sleep(2)
        stage.connection.ping()
        await asyncio.sleep(0.25)
        stage.connection.pong_received(b"0", 1.0)

    trips = [one[1] for one in on_stage(act).observer.seen if one[0] == "round trip"]
    assert trips == pytest.approx([0.25])


def test_a_pong_may_be_dated_as_its_ping(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        sent_at_s = stage.connection._clock.now_s()
        stage.connection.ping()
        await asyncio.sleep(1)
        stage.connection.pong_received(b"0", sent_at_s)

    trips = [one[1] for one in on_stage(act).observer.seen if one[0] == "round trip"]
    assert trips == [0.0]


def test_pings_without_answer_are_forgotten_in_the_end(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        for _ in range(PINGS_MAXIMUM + 1):
            stage.connection.ping()
        await stage.deliver(server_frame(PONG, b"0"), server_frame(PONG, b"1"))

    stage = on_stage(act)
    assert len([one for one in stage.observer.seen if one[0] == "round trip"]) == 1


@pytest.mark.parametrize(
    ("pongs", "lost"),
    [
        ([], [("lost", 3)]),
        ([b"0"], [("lost", 2)]),
        # RFC 6455 section 5.5.3: one pong may answer all pings before it.
        ([b"1"], [("lost", 1)]),
        ([b"2", b"0"], []),
        ([b"7", b"x"], [("lost", 3)]),
    ],
)
def test_pings_without_a_pong_are_told_of_when_the_socket_ends(
    on_stage: Any, pongs: list[bytes], lost: list[tuple[str, int]]
) -> None:
    async def act(stage: Stage) -> None:
        for _ in range(3):
            stage.connection.ping()
        await stage.deliver(*(server_frame(PONG, pong) for pong in pongs))
        assert ("lost", 3) not in stage.observer.seen
        await stage.deliver(server_frame(CLOSE, b""))
        stage.transport.lose(None)

    seen = on_stage(act).observer.seen
    assert [one for one in seen if one[0] == "lost"] == lost


@pytest.mark.parametrize(
    ("code", "ours", "is_error"),
    [
        (1000, None, False),
        (1001, None, False),
        (None, None, False),
        (1011, None, True),
        (1012, None, True),
        (3000, None, True),
        (4001, None, False),
        (3000, 3000, False),
        (1011, 3000, True),
        (1011, 1000, True),
    ],
)
def test_a_close_code_that_stands_for_an_error_is_counted(
    on_stage: Any, code: int | None, ours: int | None, is_error: bool
) -> None:
    async def act(stage: Stage) -> None:
        if ours is not None:
            stage.connection.close(ours)
        payload = b"" if code is None else code.to_bytes(2, "big") + b"why"
        await stage.deliver(server_frame(CLOSE, payload))
        stage.transport.lose(None)

    stage = on_stage(act)
    failures = [one for one in stage.observer.seen if one[0] == "failed"]
    assert failures == ([("failed", FailureReason.CLOSE_CODE)] if is_error else [])
    # For the script it is a close like any other.
    assert not [one for one in stage.events if one[0] == "error"]
    assert stage.events[-1][0] == "close"
    assert stage.events[-1][3] is True


def test_the_answer_to_a_code_of_ours_that_stands_for_an_error_is_not_counted(
    on_stage: Any,
) -> None:
    async def act(stage: Stage) -> None:
        # Not UTF-8: we close with 1007.
        await stage.deliver(server_frame(TEXT, b"\xff"))
        await stage.deliver(server_frame(CLOSE, (1007).to_bytes(2, "big")))
        stage.transport.lose(None)

    failures = [one for one in on_stage(act).observer.seen if one[0] == "failed"]
    assert failures == [("failed", FailureReason.PROTOCOL)]


def test_requests_of_the_script_are_measured(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.request_ended(0.5, "login")

    assert ("request", 0.5, "login") in on_stage(act).observer.seen


@pytest.mark.parametrize("keeps", [False, True])
def test_the_answer_is_kept_for_who_wants_it(on_stage: Any, keeps: bool) -> None:
    async def act(stage: Stage) -> None:
        assert (stage.connection.response is not None) is keeps

    on_stage(act, **({"keeps_response": True} if keeps else {}))


# -- Sending ------------------------------------------------------------------------------


def test_sending_while_connecting_is_refused(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        for call in (
            lambda: stage.connection.send_text("x"),
            lambda: stage.connection.send_binary(b"x"),
            stage.connection.ping,
        ):
            with pytest.raises(WebSocketError) as caught:
                call()
            assert caught.value.name == "InvalidStateError"

    on_stage(act, opening="never")


def test_buffered_amount_is_the_payload_that_has_not_left(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        connection, transport = stage.connection, stage.transport
        connection.send_text("gone")
        assert connection.buffered_amount == 4, "until the task that sent it is over"
        await asyncio.sleep(0)
        assert connection.buffered_amount == 0
        transport.is_blocked = True
        connection.send_text("four")
        connection.ping()
        connection.send_binary(bytes(1_000))
        assert 1_004 <= connection.buffered_amount <= 1_004 + 14
        transport.unblock()
        assert connection.unsent_bytes == 0
        assert connection.buffered_amount == 1_004
        await asyncio.sleep(0)
        assert connection.buffered_amount == 0
        connection.close()
        connection.send_text("dropped")
        assert connection.buffered_amount == 7

    stage = on_stage(act)
    assert stage.connection.buffered_amount == 7
    assert ("sent", 7) not in stage.observer.seen


def test_buffered_amount_counts_nothing_twice_when_it_ends(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        connection, transport = stage.connection, stage.transport
        connection.send_text("gone")
        transport.is_blocked = True
        connection.send_text("four")
        connection.abort()
        assert connection.buffered_amount == 8
        await asyncio.sleep(0)
        assert connection.buffered_amount == 4
        # What was not sent then counts for good, whatever becomes of the transport.
        transport.unsent = type(transport.unsent)()
        assert connection.buffered_amount == 4

    on_stage(act)


@pytest.mark.parametrize("state", ["connecting", "open", "closing", "closed"])
def test_close_checks_its_arguments_in_every_state(on_stage: Any, state: str) -> None:
    async def act(stage: Stage) -> None:
        if state in ("closing", "closed"):
            stage.connection.close()
        if state == "closed":
            stage.transport.lose(None)
        with pytest.raises(WebSocketError, match="1001"):
            stage.connection.close(1001)
        with pytest.raises(WebSocketError, match="124 bytes"):
            stage.connection.close(1000, "é" * 62)

    on_stage(act, opening="never" if state == "connecting" else "at once")


def test_a_connection_that_cannot_send_any_more_goes_on_receiving(
    on_stage: Any,
) -> None:
    async def act(stage: Stage) -> None:
        connection = stage.connection
        wire: Any = connection._wire
        # As a transport has it done when a write fails.
        wire._become_mute()
        assert connection.ready_state is ReadyState.OPEN
        connection.send_text("four")
        connection.ping()
        assert connection.buffered_amount == 4
        await stage.deliver(
            server_frame(PING, b"x"),
            server_frame(TEXT, b"late"),
            server_frame(CLOSE, b"\x0f\xa1bye"),
        )
        stage.transport.lose(BrokenPipeError())

    stage = on_stage(act)
    assert stage.sent == []
    assert stage.events[1:] == [
        ("ping",),
        ("message", "late"),
        ("closing",),
        ("close", 4001, "bye", True),
    ]
    assert stage.connection.buffered_amount == 4
    assert stage.observer.sent_bytes == 0


def test_what_waited_when_writing_failed_is_dropped_for_good(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        connection, transport = stage.connection, stage.transport
        transport.is_blocked = True
        connection.send_text("four")
        await asyncio.sleep(0)
        assert connection.unsent_bytes == 4
        wire: Any = connection._wire
        wire._become_mute()
        assert (connection.unsent_bytes, connection.buffered_amount) == (0, 4)

    on_stage(act)


@pytest.mark.parametrize("end", ["ours", "peer's"])
def test_once_either_side_closes_all_that_is_left_is_read(
    on_stage: Any, end: str
) -> None:
    async def act(stage: Stage) -> None:
        reading = stage.connection.reading
        if end == "ours":
            reading.pause("a reason")
            await stage.deliver(server_frame(CLOSE, b"\x0f\xa1bye"))
            assert not stage.transport.is_reading()
            stage.connection.close()
        else:
            # What hears the message pauses; the close came in the same segment.
            stage.listener.on_message = lambda *_: reading.pause("a reason")  # type: ignore[method-assign]
            await stage.deliver(
                server_frame(TEXT, b"much") + server_frame(CLOSE, b"\x0f\xa1bye")
            )
        assert stage.transport.is_reading()
        reading.pause("another reason")
        assert stage.transport.is_reading()
        stage.transport.lose(None)

    assert on_stage(act).events[-1] == ("close", 4001, "bye", True)


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(
            [server_frame(PING, b"p"), server_frame(PONG, b"0" * 9)], id="pings"
        ),
        pytest.param([server_frame(CLOSE)], id="a close frame without a code"),
        pytest.param([server_frame(CLOSE, b"\x03\xe8\xc3\xa9")], id="with one"),
        pytest.param(
            [
                server_frame(TEXT, b"one ", is_final=False),
                server_frame(CONTINUATION, b"two ", is_final=False),
                server_frame(CONTINUATION, b"three"),
            ],
            id="a message in parts",
        ),
    ],
)
def test_every_byte_of_every_frame_is_counted(
    on_stage: Any, frames: list[bytes]
) -> None:
    async def act(stage: Stage) -> None:
        await stage.deliver(*frames)

    stage = on_stage(act)
    assert stage.observer.received_bytes == sum(map(len, frames))
    assert stage.observer.sent_bytes == len(stage.transport.written)


def test_it_is_opened_with_its_clock_and_cookies(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        assert stage.opened_with == {
            "clock": stage.connection._clock,
            "cookies": stage.cookies,
        }

    on_stage(act)


def test_a_fault_of_ours_while_it_opens_leaves_no_socket_and_is_logged(
    on_stage: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Listener, at_s: float) -> None:
        raise RuntimeError("a fault of ours")

    async def act(stage: Stage) -> None:
        assert aborted == [stage.transport]
        assert stage.connection.ready_state is ReadyState.CLOSED

    aborted: list[MemoryTransport] = []
    monkeypatch.setattr(MemoryTransport, "abort", lambda self: aborted.append(self))
    monkeypatch.setattr(Listener, "on_open", fail)
    assert on_stage(act).events == [
        ("error", FailureReason.PROTOCOL),
        ("close", 1006, "", False),
    ]
    assert "a fault of ours" in caplog.text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ws://h/a?b", "ws://h/a?b"),
        ("ws://user:pass@h:1/", "ws://h:1/"),
        ("wss://user:p%40ss@h/", "wss://h/"),
        # Only what stands before the host is a user.
        ("ws://h//a@b", "ws://h//a@b"),
        ("ws://h?a//b@c", "ws://h?a//b@c"),
    ],
)
def test_its_description_has_no_password(url: str, shown: str) -> None:
    loop = VirtualLoop()
    try:
        connection = Stage(loop, url=url).connection
    finally:
        loop.close()
    assert connection.description == f"WebSocket {shown} (connecting)"


def test_a_reason_not_to_read_counts_before_the_connection_is_open(
    on_stage: Any,
) -> None:
    async def act(stage: Stage) -> None:
        await stage.deliver(server_frame(TEXT, b"early"))
        assert stage.events == [("open",)]
        stage.connection.reading.resume("a reason")
        assert stage.events == [("open",), ("message", "early")]

    on_stage(act, opening="paused")


def test_messages_are_compressed_as_agreed(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        stage.connection.send_text("x" * 1_000)
        [frame] = stage.transport.frames
        assert frame.is_compressed
        assert len(frame.payload) < 100

    on_stage(act, opening="compressed")


def test_it_is_told_once_that_all_is_written(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        told: list[str] = []
        stage.connection.on_drained = lambda: told.append("drained")
        for _ in range(2):
            stage.transport.is_blocked = True
            stage.connection.send_text("four")
            assert told == ([] if not told else ["drained"])
            stage.transport.unblock()
            assert told == ["drained"]

    on_stage(act)


@pytest.mark.parametrize("sockets", [0, 1])
def test_as_many_sockets_are_logged_as_are_asked_for(
    on_stage: Any, sockets: int
) -> None:
    lines: list[str] = []

    async def act(stage: Stage) -> None:
        await stage.deliver(server_frame(TEXT, b"hello"))

    on_stage(act, frame_log=FrameLog(sockets, lines.append))
    assert any("hello" in line for line in lines) is bool(sockets)


def test_what_was_written_is_not_unsent_again(on_stage: Any) -> None:
    async def act(stage: Stage) -> None:
        connection, transport = stage.connection, stage.transport
        transport.is_blocked = True
        connection.send_text("four")
        transport.unblock()
        transport.is_blocked = True
        connection.ping()
        assert transport.unsent
        assert connection.unsent_bytes == 0

    on_stage(act)


def test_nothing_is_answered_after_a_violation(
    on_stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(stage: Stage) -> None:
        monkeypatch.setattr(stage.transport, "close", lambda: None)
        await stage.deliver(server_frame(TEXT, b"\xff"))
        # As a wire does that has more than it could hold back.
        stage.connection.ping_received(b"late", 0.0)
        stage.connection.close_received(1000, "", 0.0)

    assert on_stage(act).sent == [(CLOSE, b"\x03\xef")]
