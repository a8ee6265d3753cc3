import json
import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.metrics import builtin
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.thresholds.evaluate import parse_threshold
from gharial.outputs import json_lines
from gharial.outputs.base import RunFacts
from gharial.outputs.json_lines import definition_line, make, number_texts, point_lines

from .sampled import batch, block

FACTS = RunFacts(
    "id", "s.js", 0.0, "1", thresholds=(parse_threshold("iterations", "count>1"),)
)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(
        json_lines, "clock_text", lambda second: (f"T{second}", "+02:00")
    )


def test_a_point_has_its_keys_in_order():
    text = "".join(
        *point_lines(
            block(
                builtin.WS_PING,
                {"url": "ws://h/?a<b", "group": ""},
                (5.25, 1.5),
                (6.0, 2),
            )
        )
    )
    tags = '"tags":{"group":"","url":"ws://h/?a<b"}'
    head = '{"metric":"ws_ping","type":"Point","data":{"time":'
    assert text == (
        f'{head}"T5.250000000+02:00","value":1.5,{tags}}}}}\n'
        f'{head}"T6.000000000+02:00","value":2,{tags}}}}}\n'
    )


def test_metadata_is_there_only_if_there_is_any():
    lines = [*point_lines(block(builtin.WS_PING, {"vu": "1", "a": "b"}, (5, 1)))]
    data = json.loads(lines[0][0])["data"]
    assert list(data) == ["time", "value", "tags", "metadata"]
    assert (data["tags"], data["metadata"]) == ({"a": "b"}, {"vu": "1"})


def test_lines_come_some_at_a_time():
    samples = [(5 + each / 1000, each) for each in range(600)]
    chunks = list(point_lines(block(builtin.WS_PING, {}, *samples)))
    assert [len(chunk) for chunk in chunks] == [256, 256, 88]
    values = [json.loads(line)["data"]["value"] for chunk in chunks for line in chunk]
    assert values == list(range(600))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_those_that_were_given(numbers):
    texts = number_texts(array("d", numbers))
    assert [json.loads(text) for text in texts] == numbers
    assert not any(text.endswith(".0") for text in texts)


def test_infinite_numbers_are_null():
    texts = number_texts(array("d", [1.0, math.inf, -math.inf, math.nan, 2.5]))
    assert texts == ["1", "null", "null", "null", "2.5"]


def test_a_definition_tells_what_is_asked_of_a_metric():
    metric = Metric("answer", MetricType.TREND, Contains.TIME)
    thresholds = [
        parse_threshold("answer", "p(95)<200"),
        parse_threshold("answer", "max<900", abort_on_fail=True, delay_abort_s=10),
        parse_threshold("answer", "min<900", abort_on_fail=True),
        parse_threshold("answer{b:2, a:1}", "avg<10"),
        parse_threshold("answer{b:2, a:1}", "min<10"),
        parse_threshold("answers", "avg<10"),
    ]
    assert definition_line(metric, thresholds) == (
        '{"type":"Metric","data":{"name":"answer","type":"trend","contains":"time",'
        '"thresholds":["p(95)<200",'
        '{"threshold":"max<900","abortOnFail":true,"delayAbortEval":"10s"},'
        '{"threshold":"min<900","abortOnFail":true,"delayAbortEval":null}],'
        '"submetrics":[{"name":"answer{b:2, a:1}","suffix":"b:2, a:1",'
        '"tags":{"a":"1","b":"2"}}]},"metric":"answer"}\n'
    )


def test_a_metric_without_thresholds_has_none():
    data = json.loads(definition_line(builtin.VUS, []))["data"]
    assert data == {
        "name": "vus",
        "type": "gauge",
        "contains": "default",
        "thresholds": [],
        "submetrics": None,
    }


def test_each_metric_is_defined_once_before_its_first_point(tmp_path):
    path = tmp_path / "a.json"
    output = make(str(path), {})
    assert output.wants_samples
    output.start(FACTS)
    output.write(batch(block(builtin.ITERATIONS, {}, (5, 1))))
    first = path.read_text().splitlines()
    output.write(
        batch(
            block(builtin.ITERATIONS, {"a": "b"}, (6, 1)),
            block(builtin.CHECKS, {}, (6, 0)),
        )
    )
    output.stop(None)  # type: ignore[arg-type]
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(first) == 2
    assert [(each["type"], each["metric"]) for each in entries] == [
        ("Metric", "iterations"),
        ("Point", "iterations"),
        ("Point", "iterations"),
        ("Metric", "checks"),
        ("Point", "checks"),
    ]
    assert entries[0]["data"]["thresholds"] == ["count>1"]
