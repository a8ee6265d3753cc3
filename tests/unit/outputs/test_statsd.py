import math
import re

import pytest

from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.metric import Metric, MetricType
from gharial.metrics.sinks import make_sink
from gharial.metrics.snapshot import Snapshot
from gharial.metrics.tags import TagSet
from gharial.outputs import statsd
from gharial.outputs.base import OutputError, RunFacts
from gharial.outputs.statsd import make, weighted

FACTS = RunFacts("id", "s.js", 0.0, "1")
OWN_GAUGE = Metric("level", MetricType.GAUGE)


@pytest.fixture
def datagrams(monkeypatch):
    sent = []

    class Recording(statsd._Client):
        def _send_to_server(self, packet, timestamped=False):
            sent.append(packet)
            return packet != "refused"

    monkeypatch.setattr(statsd, "_Client", Recording)
    return sent


def batch(*series):
    delta = Snapshot()
    for metric, tags, *values in series:
        sink = make_sink(metric)
        for value in values:
            sink.add(value)
        delta.add(metric, TagSet.of(tags), sink)
    return Batch(0, 1, 1.0, delta)


def sent_lines(datagrams, argument, *batches, environment=None):
    output = make(argument, environment or {})
    assert not output.wants_samples
    output.start(FACTS)
    for each in batches:
        output.write(each)
    output.stop(None)  # type: ignore[arg-type]
    return [line for packet in datagrams for line in packet.splitlines()]


def test_each_type_has_its_lines(datagrams):
    lines = sent_lines(
        datagrams,
        "",
        batch(
            (builtin.ITERATIONS, {}, 2, 3, 0.5),
            (builtin.CHECKS, {}, 1, 1, 0),
            (builtin.WORKER_CPU, {}, 10, 20.5),
            (builtin.WS_PING, {}, 1.25, 3),
            (builtin.WS_MSG_SIZE_SENT, {}, 9),
        ),
    )
    assert lines == [
        "gharial.iterations:5.5|c",
        "gharial.checks.pass:2|c",
        "gharial.checks.fail:1|c",
        "gharial.worker_cpu:20.5|g",
        "gharial.ws_ping:1.25|ms",
        "gharial.ws_ping:3|ms",
        "gharial.ws_msg_size_sent:9|ms",
    ]


def test_without_tags_series_are_added_up(datagrams):
    lines = sent_lines(
        datagrams,
        "",
        batch(
            (builtin.ITERATIONS, {"a": "1"}, 2),
            (builtin.ITERATIONS, {"a": "2"}, 3),
        ),
    )
    assert lines == ["gharial.iterations:5|c"]


def test_with_tags_there_is_a_line_for_each_set_but_for_some_tags(datagrams):
    lines = sent_lines(
        datagrams,
        "addr=127.0.0.1:9,enableTags=true,namespace=shop.",
        batch(
            (builtin.ITERATIONS, {"a": "1", "url": "x", "vu": "1"}, 2),
            (builtin.ITERATIONS, {"a": "1", "url": "y", "vu": "2"}, 2),
            (builtin.ITERATIONS, {"a": "two, |#"}, 3),
            (builtin.WS_MSG_SIZE_SENT, {"group": ""}, 9),
            (OWN_GAUGE, {}, -5),
        ),
    )
    assert lines == [
        "shop.iterations:4|c|#a:1",
        "shop.iterations:3|c|#a:two____",
        "shop.ws_msg_size_sent:9|h",
        "shop.level:-5|g",
    ]


def test_which_tags_are_left_out_can_be_said(datagrams):
    lines = sent_lines(
        datagrams,
        "",
        batch((builtin.ITERATIONS, {"a": "1", "url": "ws://h/"}, 1)),
        environment={
            "K6_STATSD_ENABLE_TAGS": "true",
            "GHARIAL_STATSD_TAG_BLOCKLIST": "a",
        },
    )
    assert lines == ["gharial.iterations:1|c|#url:ws://h/"]


def test_plain_statsd_takes_a_sign_as_a_step_so_a_gauge_starts_from_zero(datagrams):
    lines = sent_lines(datagrams, "", batch((OWN_GAUGE, {}, -5)))
    assert lines == ["gharial.level:0|g", "gharial.level:-5|g"]


def test_numbers_that_statsd_has_not_are_left_out(datagrams):
    lines = sent_lines(
        datagrams,
        "",
        batch((OWN_GAUGE, {}, math.inf), (builtin.ITERATIONS, {}, 1)),
    )
    assert lines == ["gharial.iterations:1|c"]


def test_variables_of_datadog_change_nothing_without_tags(datagrams, monkeypatch):
    monkeypatch.setenv("DD_ENV", "prod")
    monkeypatch.setenv("DD_ENTITY_ID", "pod")
    monkeypatch.setenv("DD_AGENT_HOST", "elsewhere")
    lines = sent_lines(datagrams, "", batch((builtin.ITERATIONS, {}, 1)))
    assert lines == ["gharial.iterations:1|c"]


def test_a_datagram_holds_many_lines_and_fits_into_a_packet(datagrams):
    values = [each / 8 for each in range(500)]
    lines = sent_lines(datagrams, "", batch((builtin.WS_PING, {}, *values)))
    assert len(lines) == 500
    assert max(len(packet.encode()) for packet in datagrams) <= 1432
    assert len(datagrams) < 15


@pytest.mark.parametrize("count", [1_001, 8_000, 20_000])
def test_very_many_values_are_sent_in_groups_that_keep_count_and_sum(count):
    sink = make_sink(builtin.WS_PING)
    for each in range(count):
        sink.add(1 + (each * 7919 % count) / count)
    groups = list(weighted(sink))  # type: ignore[arg-type]
    assert len(groups) == statsd.VALUES_MAXIMUM
    assert sum(weight for _, weight in groups) == count
    total = sum(value * weight for value, weight in groups)
    assert total == pytest.approx(sink.sum, rel=1e-3)
    assert groups[0] == (sink.minimum, 1)
    assert groups[-1] == (sink.maximum, 1)
    middle = groups[len(groups) // 2][0]
    assert middle == pytest.approx(sink.percentile(50), rel=0.01)


def test_a_groups_line_tells_how_many_values_it_stands_for(datagrams, monkeypatch):
    monkeypatch.setattr(statsd, "VALUES_MAXIMUM", 4)
    lines = sent_lines(datagrams, "", batch((builtin.WS_PING, {}, *range(10))))
    assert lines == [
        "gharial.ws_ping:0|ms",
        "gharial.ws_ping:2.5|ms|@0.25",
        "gharial.ws_ping:6.5|ms|@0.25",
        "gharial.ws_ping:9|ms",
    ]


def test_the_receiver_gets_a_rest_between_many_lines(datagrams, monkeypatch):
    rests = []
    monkeypatch.setattr(statsd.time, "sleep", rests.append)
    monkeypatch.setattr(statsd, "LINES_AT_ONCE", 100)
    sent_lines(datagrams, "", batch((builtin.WS_PING, {}, *range(250))))
    assert rests == [statsd.NAP_S] * 2


def test_datagrams_that_nobody_takes_are_told(datagrams, monkeypatch):
    monkeypatch.setattr(statsd._Client, "_send_to_server", lambda *given: False)
    output = make("127.0.0.1:9", {})
    output.start(FACTS)
    with pytest.raises(
        OutputError, match=r"^nothing listens for datagrams at 127.0.0.1:9$"
    ):
        output.write(batch((builtin.ITERATIONS, {}, 1)))


@pytest.mark.parametrize(
    ("argument", "environment", "message"),
    [
        (
            "localhost",
            {},
            "'localhost' is not a valid address; write for example 127.0.0.1",
        ),
        ("localhost:x", {}, "'localhost:x' is not a valid address"),
        ("localhost:70000", {}, "'localhost:70000' is not a valid address"),
        ("http://localhost:80", {}, "'http://localhost:80' is not a valid address"),
        ("", {"K6_STATSD_ADDR": "nowhere"}, "'nowhere' is not a valid address"),
        ("enableTags=maybe", {}, "enableTags 'maybe' is neither true nor false"),
        ("enabletags=true", {}, "there is no setting 'enabletags'; did you mean"),
    ],
)
def test_wrong_settings_are_refused(argument, environment, message):
    with pytest.raises(OutputError, match=f"^--out statsd: {re.escape(message)}"):
        make(argument, environment)


def test_a_host_without_an_address_is_told_before_the_run(monkeypatch):
    def fail(*given, **named):
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr(statsd.socket, "getaddrinfo", fail)
    message = "^--out statsd: there is no host 'h': Name or service not known$"
    with pytest.raises(OutputError, match=message):
        make("h:8125", {}).start(FACTS)


def test_an_address_of_ipv6_stands_in_brackets():
    output = make("[::1]:8126", {})
    assert (output._host, output._port) == ("::1", 8126)  # type: ignore[attr-defined]
