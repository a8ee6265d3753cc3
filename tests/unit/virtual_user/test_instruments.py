from typing import Any

import pytest

from gharial.metrics.registry import Registry
from gharial.metrics.samples import SampleBudget
from gharial.metrics.tags import EMPTY, TagSet
from gharial.net.failures import Failure, FailureReason
from gharial.options.run_options import DEFAULT_SYSTEM_TAGS
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.socket_instruments import SocketInstruments
from gharial.websocket.observer import OpeningFacts

URL = "ws://x/chat"


class Facts:
    """A registry and a socket that is observed into it."""

    def __init__(
        self, tags: dict[str, str] | None = None, wanted: frozenset[str] | None = None
    ) -> None:
        self.registry = Registry()
        self.measurements = Measurements(self.registry)
        self.socket = SocketInstruments(
            self.measurements,
            url=URL,
            vu_tags=TagSet.of({"vu_tag": "1"}),
            socket_tags=TagSet.of({"vu_tag": "1", **(tags or {})}),
            system_tags=DEFAULT_SYSTEM_TAGS if wanted is None else wanted,
        )

    def open(self, **changes: Any) -> None:
        facts: dict[str, Any] = {
            "started_at_s": 10.0,
            "ended_at_s": 10.5,
            "dns_s": 0.1,
            "tcp_s": 0.2,
            "tls_s": None,
            "upgrade_s": 0.2,
            "status": 101,
            "protocol": "chat",
            "ip": "127.0.0.1",
            "sent_bytes": 100,
            "received_bytes": 200,
            "failure": None,
        }
        self.socket.opening_ended(OpeningFacts(**{**facts, **changes}))

    def sinks(self, name: str) -> dict[str, Any]:
        return {
            ",".join(f"{key}={value}" for key, value in tags.items): sink
            for metric, tags, sink in self.registry.all_series()
            if metric.name == name
        }


def test_the_gauge_of_open_sockets_carries_the_runs_tags() -> None:
    registry = Registry()
    tags = TagSet.of({"team": "shop"})
    Measurements(registry, tags=tags).socket_opened(1)
    assert [each[1] for each in registry.all_series()] == [tags]


OPEN_TAGS = f"name={URL},status=101,subproto=chat,url={URL},vu_tag=1"
REFUSED = Failure(FailureReason.REFUSED, "refused")


def test_an_attempt_is_counted_and_timed_by_its_phases() -> None:
    facts = Facts()
    facts.open()
    assert {tags: s.value for tags, s in facts.sinks("ws_sessions").items()} == {
        OPEN_TAGS: 1
    }
    for name, value_ms in (
        ("ws_connecting", 500),
        ("ws_dns", 100),
        ("ws_tcp", 200),
        ("ws_upgrade", 200),
    ):
        assert facts.sinks(name)[OPEN_TAGS].sum == pytest.approx(value_ms)
    assert facts.sinks("ws_tls") == {}
    assert facts.measurements.open_sockets == 1


def test_a_failed_attempt_is_counted_with_its_reason() -> None:
    facts = Facts()
    facts.open(status=None, failure=REFUSED)
    assert list(facts.sinks("ws_sessions")) == [
        f"error=dial: connection refused,error_code=1212,name={URL},url={URL},vu_tag=1"
    ]
    assert {tags: s.value for tags, s in facts.sinks("ws_errors").items()} == {
        f"error=dial: connection refused,error_code=1212,name={URL},reason=refused,"
        f"url={URL},vu_tag=1": 1
    }
    assert (facts.measurements.errors, facts.measurements.open_sockets) == (1, 0)
    facts.socket.closed(1006, 11.0)
    assert facts.sinks("ws_session_duration") == {}
    assert facts.sinks("ws_close") == {}


def test_messages_are_counted_with_payload_and_wire_sizes() -> None:
    facts = Facts()
    facts.open()
    for size in (10, 20, 125, 126, 65_535, 65_536):
        facts.socket.count_sent(size)
        facts.socket.count_received(size, 10.0)
    assert facts.sinks("ws_msgs_sent")[OPEN_TAGS].value == 6
    assert facts.sinks("ws_msgs_received")[OPEN_TAGS].value == 6
    payload = 10 + 20 + 125 + 126 + 65_535 + 65_536
    headers = 3 * 2 + 2 * 4 + 10
    assert facts.sinks("ws_msg_size_sent")[OPEN_TAGS].sum == payload
    assert facts.sinks("ws_msg_size_received")[OPEN_TAGS].sum == payload
    assert facts.sinks("data_sent")["vu_tag=1"].value == 100 + payload + headers + 6 * 4
    assert facts.sinks("data_received")["vu_tag=1"].value == 200 + payload + headers


def test_control_frames_and_fragments_count_as_data_only() -> None:
    facts = Facts()
    facts.open()
    facts.socket.bytes_sent(6)
    facts.socket.bytes_received(7)
    assert facts.sinks("data_sent")["vu_tag=1"].value == 106
    assert facts.sinks("data_received")["vu_tag=1"].value == 207
    assert facts.sinks("ws_msgs_sent")[OPEN_TAGS].value == 0


def test_a_pong_is_a_round_trip_in_milliseconds() -> None:
    facts = Facts()
    facts.open()
    facts.socket.pong_matched(0.025, 11.0)
    assert facts.sinks("ws_ping")[OPEN_TAGS].sum == pytest.approx(25)


def test_pings_that_were_lost_are_counted() -> None:
    facts = Facts()
    facts.open()
    facts.socket.pings_lost(3, 11.0)
    assert facts.sinks("ws_pings_lost")[OPEN_TAGS].value == 3


def test_every_session_that_opened_is_measured_once_to_its_end() -> None:
    facts = Facts()
    facts.open()
    facts.socket.failed(Failure(FailureReason.RESET, "reset"), 12.0)
    facts.socket.closed(1006, 12.0)
    facts.socket.closed(1000, 13.0)
    assert facts.sinks("ws_session_duration")[OPEN_TAGS].sum == pytest.approx(2000)
    assert {tags: s.value for tags, s in facts.sinks("ws_close").items()} == {
        f"code=1006,{OPEN_TAGS}": 1
    }
    assert [s.value for s in facts.sinks("ws_errors").values()] == [1]
    assert facts.measurements.open_sockets == 0


def test_a_name_stands_for_the_url_too() -> None:
    facts = Facts({"name": "chat room"})
    facts.open()
    assert list(facts.sinks("ws_sessions")) == [
        "name=chat room,status=101,subproto=chat,url=chat room,vu_tag=1"
    ]


@pytest.mark.parametrize(
    ("wanted", "tags"),
    [
        (frozenset(), "vu_tag=1"),
        (frozenset({"ip", "status"}), "ip=127.0.0.1,status=101,vu_tag=1"),
    ],
)
def test_only_the_system_tags_asked_for_are_set(
    wanted: frozenset[str], tags: str
) -> None:
    facts = Facts(wanted=wanted)
    facts.open()
    assert list(facts.sinks("ws_sessions")) == [tags]


def test_sockets_with_the_same_tags_share_their_sinks() -> None:
    measurements = Measurements(Registry())
    tags = TagSet.of({"a": "1"})
    assert measurements.socket_sinks(tags, tags) is measurements.socket_sinks(
        tags, tags
    )


def test_the_sinks_of_closed_sockets_are_forgotten() -> None:
    facts = Facts()
    facts.open()
    facts.socket.count_sent(3)
    facts.registry.drain()
    # The socket is open: what it counts from now on is not lost.
    facts.socket.count_sent(4)
    sizes = {metric.name: sink for metric, _, sink in facts.registry.drain()}
    assert sizes["ws_msg_size_sent"].sum == 4
    facts.socket.closed(1000, 12.0)
    del facts.socket
    facts.registry.drain()
    assert [metric.name for metric, _, _ in facts.registry.all_series()] == ["ws_open"]


def test_single_values_are_dated_as_events_are() -> None:
    registry = Registry(samples=SampleBudget())
    measurements = Measurements(registry, epoch_offset_s=1000.0)
    facts = Facts()
    facts.measurements = measurements
    facts.socket = SocketInstruments(
        measurements,
        url=URL,
        vu_tags=EMPTY,
        socket_tags=EMPTY,
        system_tags=frozenset(),
    )
    facts.open()
    facts.socket.count_received(5, 11.0)
    facts.socket.count_received(6, 11.5)
    facts.socket.pong_matched(0.1, 12.0)
    facts.socket.closed(1000, 13.0)
    list(registry.all_series())
    dates = {
        block.metric.name: block.times_s.tolist()
        for block in registry.collect_samples().blocks
    }
    assert dates["ws_msgs_received"] == dates["ws_msg_size_received"] == [1011, 1011.5]
    assert dates["ws_sessions"] == dates["ws_connecting"] == dates["ws_dns"] == [1010.5]
    assert dates["ws_ping"] == [1012]
    assert dates["ws_session_duration"] == dates["ws_close"] == [1013]


def test_a_close_code_of_a_limit_says_which_may_be_meant_and_tags_do_not() -> None:
    facts, told = Facts(), []
    facts.measurements.on_new_failure = lambda text, reason: told.append(text)
    facts.open(server="Python/3.11 websockets/17.4")
    facts.socket.count_sent(1_258_291)
    message = "websocket: close 1009 (message too big)"
    facts.socket.failed(Failure(FailureReason.CLOSE_CODE, message), 11.0)
    assert told == [
        f"{message} after messages of up to 1.2 MiB: this may be websockets' default "
        "limit of 1 MiB"
    ]
    assert not any("MiB" in tags for tags in facts.sinks("ws_errors"))
