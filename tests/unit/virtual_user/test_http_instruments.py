import pytest

from gharial.http.exchange import HttpExchange, HttpFailure, Timings
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.options.run_options import ALL_SYSTEM_TAGS
from gharial.virtual_user.http_instruments import record_exchange
from gharial.virtual_user.instruments import Measurements

ANSWERED = HttpExchange(
    "GET",
    "https://a/",
    status=404,
    version="HTTP/1.1",
    timings=Timings(0.001, 0.002, 0.004, 0.008, 0.016, 0.032),
    remote_ip="::1",
    tls_version="tls1.3",
    sent_bytes=10,
    received_bytes=20,
)
FAILED = HttpExchange("GET", "http://a/", failure=HttpFailure(1212, "no", "no way"))


def recorded(
    exchange: HttpExchange,
    *,
    is_expected: bool | None = True,
    wanted: frozenset[str] = ALL_SYSTEM_TAGS,
    **request_tags: str,
):
    registry = Registry()
    vu_tags = TagSet.of({"vu": "1"})
    record_exchange(
        exchange,
        Measurements(registry),
        vu_tags=vu_tags,
        request_tags=vu_tags.with_(request_tags),
        system_tags=wanted,
        is_expected=is_expected,
    )
    return {
        metric.name: (dict(tags), sink) for metric, tags, sink in registry.all_series()
    }


def test_all_phases_are_recorded_in_milliseconds() -> None:
    found = recorded(ANSWERED)
    phases = {
        name.removeprefix("http_req_"): sink.sum
        for name, (_, sink) in found.items()
        if name.startswith("http_req_") and name != "http_req_failed"
    }
    assert phases == pytest.approx(
        {
            "duration": 56,
            "blocked": 1,
            "connecting": 2,
            "tls_handshaking": 4,
            "sending": 8,
            "waiting": 16,
            "receiving": 32,
        }
    )
    assert found["http_reqs"][1].value == 1
    assert found["data_sent"][1].value == 10
    assert found["data_received"][1].value == 20
    assert found["data_sent"][0] == {"vu": "1"}


def test_an_answer_has_its_tags() -> None:
    tags, _ = recorded(ANSWERED, is_expected=False)["http_reqs"]
    assert tags == {
        "vu": "1",
        "method": "GET",
        "url": "https://a/",
        "name": "https://a/",
        "status": "404",
        "proto": "HTTP/1.1",
        "tls_version": "tls1.3",
        "ip": "::1",
        "error_code": "1404",
        "expected_response": "false",
    }


def test_a_failure_has_its_tags() -> None:
    tags, _ = recorded(FAILED, is_expected=False, name="mine")["http_reqs"]
    assert tags == {
        "vu": "1",
        "method": "GET",
        "url": "mine",
        "name": "mine",
        "status": "0",
        "error": "no",
        "error_code": "1212",
        "expected_response": "false",
    }


def test_only_wanted_system_tags_are_set() -> None:
    tags, _ = recorded(ANSWERED, wanted=frozenset({"status"}), own="2")["http_reqs"]
    assert tags == {"vu": "1", "own": "2", "status": "404"}


def test_without_a_judgement_nothing_is_said_of_failure() -> None:
    found = recorded(ANSWERED, is_expected=None)
    assert "http_req_failed" not in found
    assert "expected_response" not in found["http_reqs"][0]
