import math
import re
from dataclasses import replace

import pytest
import requests
from influxdb.exceptions import InfluxDBClientError, InfluxDBServerError

from gharial.metrics import builtin
from gharial.outputs import influxdb
from gharial.outputs.base import OutputError, RunFacts
from gharial.outputs.influxdb import make, point_lines

from .sampled import batch, block

FACTS = RunFacts("id", "s.js", 0.0, "1")
NO_FIELDS = {}


class FakeServer:
    """Notes what a client asks for; raises what it is told to."""

    def __init__(self):
        self.databases, self.writes, self.clients, self.errors = [], [], [], {}

    def make_client(self, *arguments, **settings):
        self.clients.append((arguments, settings))
        return self

    def ping(self):
        self._answer("ping")

    def create_database(self, name):
        self._answer("create")
        self.databases.append(name)

    def write(self, text, params, protocol):
        assert protocol == "line"
        self._answer("write")
        self.writes.append((text, params))

    def close(self):
        pass

    def _answer(self, what):
        if what in self.errors:
            raise self.errors[what]


@pytest.fixture
def server(monkeypatch):
    fake = FakeServer()
    monkeypatch.setattr(influxdb, "InfluxDBClient", fake.make_client)
    return fake


def lines(*blocks, fields=NO_FIELDS, unit_ns=1):
    return [
        line for some in point_lines(list(blocks), fields, unit_ns) for line in some
    ]


def test_a_point_is_a_line_with_its_tags_in_order():
    sample = block(builtin.WS_PING, {"b": "2", "a": "x y,=z", "c": ""}, (5.5, 1.25))
    assert lines(sample) == [r"ws_ping,a=x\ y\,\=z,b=2 value=1.25 5500000000"]


def test_some_tags_become_fields_of_their_types():
    fields = {"url": "string", "vu": "int", "part": "float", "ok": "bool", "no": "int"}
    tags = {"url": 'ws://"h"', "vu": "7", "part": "0.5", "ok": "true", "no": "x"}
    sample = block(builtin.WS_PING, {**tags, "name": "n"}, (5, 1))
    assert lines(sample, fields=fields) == [
        r'ws_ping,name=n value=1.0,ok=True,part=0.5,url="ws://\"h\"",vu=7i 5000000000'
    ]


def test_metadata_is_a_field_if_one_is_for_it_and_never_a_tag():
    sample = block(builtin.WS_PING, {"a": "1"}, (5, 1))
    tags = sample.tags.with_metadata({"vu": "7", "trace": "t1"})
    told = lines(replace(sample, tags=tags), fields={"vu": "int"})
    assert told == ["ws_ping,a=1 value=1.0,vu=7i 5000000000"]


def test_points_of_one_series_never_have_the_same_time():
    one = block(builtin.WS_PING, {"url": "a"}, (5, 1), (5, 2), (6, 3))
    other = block(builtin.WS_PING, {"url": "b"}, (5, 4), (5.000000001, 5))
    made = [line.split(" ") for line in lines(one, other, fields={"url": "string"})]
    assert [(each[1].partition(",")[0], int(each[2])) for each in made] == [
        ("value=1.0", 5000000000),
        ("value=2.0", 5000000001),
        ("value=4.0", 5000000002),
        ("value=5.0", 5000000003),
        ("value=3.0", 6000000000),
    ]
    assert [each[1].partition(",")[2] for each in made] == [
        *('url="a"', 'url="a"', 'url="b"', 'url="b"', 'url="a"')
    ]


def test_points_of_different_series_may_have_the_same_time():
    made = lines(
        block(builtin.WS_PING, {"a": "1"}, (5, 1)),
        block(builtin.WS_PING, {"a": "2"}, (5, 1)),
        block(builtin.WS_TCP, {"a": "1"}, (5, 1)),
    )
    assert {line.rpartition(" ")[2] for line in made} == {"5000000000"}


@pytest.mark.parametrize(
    ("unit", "times"),
    [("u", [5500000, 5500001]), ("ms", [5500, 5500]), ("s", [5, 5]), ("h", [0, 0])],
)
def test_times_are_in_the_unit_that_was_asked_for(unit, times):
    sample = block(builtin.WS_PING, {}, (5.5, 1), (5.5, 2))
    made = lines(sample, unit_ns=influxdb.UNITS_NS[unit])
    assert [int(line.rpartition(" ")[2]) for line in made] == times


def test_numbers_that_influxdb_has_not_are_left_out():
    sample = block(builtin.WS_PING, {}, (5, math.inf), (6, 1), (7, math.nan))
    assert lines(sample) == ["ws_ping value=1.0 6000000000"]


def test_texts_that_would_break_a_line_are_mended():
    sample = block(builtin.WS_PING, {"a": "x\\", "b": "\ud800", "c": "1\n2"}, (5, 1))
    assert lines(sample) == ["ws_ping,a=x,b=\ufffd,c=1\\n2 value=1.0 5000000000"]


def test_the_database_is_made_and_tried_before_the_run(server):
    output = make("http://ann:secret@h:99/load?retention=week&consistency=one", {})
    assert output.wants_samples
    output.start(FACTS)
    assert server.databases == ["load"]
    params = {"db": "load", "precision": "n", "rp": "week", "consistency": "one"}
    assert server.writes == [("", params)]
    arguments, settings = server.clients[0]
    assert arguments == ("h", 99, "ann", "secret", "load")
    assert settings["timeout"] == influxdb.START_LIMIT_S


def test_who_may_not_make_databases_can_use_one(server):
    server.errors["create"] = InfluxDBClientError("forbidden", 403)
    make("http://h/load", {}).start(FACTS)
    assert len(server.writes) == 1


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        (
            "ping",
            requests.exceptions.ConnectTimeout("timed out"),
            "http://h:8086 does not answer: timed out",
        ),
        (
            "ping",
            KeyError("x-influxdb-version"),
            "http://h:8086 does not answer: the server is not InfluxDB",
        ),
        (
            "write",
            InfluxDBClientError('{"error":"database not found: \\"x\\""}', 404),
            'http://h:8086 refuses: database not found: "x" (status 404)',
        ),
        (
            "write",
            InfluxDBServerError('{"error":"out of memory"}'),
            "http://h:8086 fails: out of memory",
        ),
    ],
)
def test_a_server_that_cannot_be_used_is_told_before_the_run(
    server, what, error, message
):
    server.errors[what] = error
    with pytest.raises(OutputError, match=f"^--out influxdb: {re.escape(message)}"):
        make("http://u:secret@h/x", {}).start(FACTS)


def test_the_systems_own_reason_is_found_below_the_clients(server):
    deep = OSError(111, "Connection refused")
    error = requests.exceptions.ConnectionError("Max retries exceeded with url: /ping")
    error.__context__ = deep
    server.errors["ping"] = error
    with pytest.raises(OutputError, match=r"does not answer: Connection refused$"):
        make("http://h/x", {}).start(FACTS)


def test_points_are_sent_in_requests_of_a_bounded_size(server, monkeypatch):
    monkeypatch.setattr(influxdb, "POINTS_AT_ONCE", 300)
    output = make("http://h/x", {})
    output.start(FACTS)
    server.writes.clear()
    samples = [(5 + each / 1000, each) for each in range(1000)]
    output.write(batch(block(builtin.WS_PING, {}, *samples)))
    sizes = [text.count("\n") + 1 for text, _ in server.writes]
    assert max(sizes) <= 300 + 256
    assert sum(sizes) == 1000


def test_points_wait_for_the_interval_and_the_end_sends_the_rest(server):
    output = make("http://h/x?pushInterval=2s", {})
    output.start(FACTS)
    counts = []
    for end_s in (1, 2, 3):
        output.write(batch(block(builtin.WS_PING, {}, (end_s, 1)), end_s=end_s))
        counts.append(sum(text.count("value=") for text, _ in server.writes))
    assert counts == [0, 2, 2]
    output.stop(None)  # type: ignore[arg-type]
    assert sum(text.count("value=") for text, _ in server.writes) == 3


def test_too_many_points_do_not_wait(server, monkeypatch):
    monkeypatch.setattr(influxdb, "WAITING_MAXIMUM", 3)
    output = make("http://h/x?pushInterval=1h", {})
    output.start(FACTS)
    counts = []
    for end_s in (1, 2, 3):
        samples = [(end_s, 1), (end_s + 0.5, 2)]
        output.write(batch(block(builtin.WS_PING, {}, *samples), end_s=end_s))
        counts.append(sum(text.count("value=") for text, _ in server.writes))
    assert counts == [0, 4, 4]


def test_a_write_that_fails_raises_and_the_next_one_is_tried(server):
    output = make("http://h/x", {})
    output.start(FACTS)
    server.errors["write"] = InfluxDBServerError("timeout")
    with pytest.raises(OutputError, match="fails: timeout"):
        output.write(batch(block(builtin.WS_PING, {}, (1, 1)), end_s=1))
    server.errors.clear()
    output.write(batch(block(builtin.WS_PING, {}, (2, 1)), end_s=2))
    assert "value=1.0 2000000000" in server.writes[-1][0]
