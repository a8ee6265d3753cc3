import math
import re
import struct

import cramjam
import pytest
import urllib3

from gharial.metrics.sinks import TrendSink
from gharial.outputs import remote_write
from gharial.outputs.base import OutputError
from gharial.outputs.exponential import exponential
from gharial.outputs.remote_write import (
    STALE,
    RemoteWriter,
    Series,
    Target,
    encode,
    messages,
)

URL = "http://127.0.0.1:9090/api/v1/write"


class Http:
    """Answers as it is told to, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def request(self, method, url, **more):
        self.asked.append((method, url, more))
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, Exception):
            raise answer
        status, body = answer if isinstance(answer, tuple) else (answer, b"")
        return urllib3.HTTPResponse(body, status=status)

    def clear(self):
        self.asked.append("clear")


def writer(*answers, **target):
    made = RemoteWriter(Target(**{"url": URL, **target}), "gharial")
    made._http = Http(*answers)  # type: ignore[assignment]
    return made, made._http


def parsed(data):
    return messages()["WriteRequest"].FromString(data)


def test_numbers_are_written_with_labels_and_time():
    labels = (("__name__", "k6_hits_total"), ("a", "ü"))
    [series] = parsed(encode([Series(labels, 2.5)], 1_700_000_000_123)).timeseries
    assert [(each.name, each.value) for each in series.labels] == list(labels)
    [sample] = series.samples
    assert (sample.value, sample.timestamp) == (2.5, 1_700_000_000_123)


def test_bytes_are_those_of_the_protocol():
    # A length, then fields 1 and 2 of a label; 8 bytes of a double, a varint.
    expected = b"\x0a\x16\x0a\x07\x0a\x01a\x12\x02bc\x12\x0b\x09" + struct.pack(
        "<d", 1.5
    )
    assert encode([Series((("a", "bc"),), 1.5)], 5) == expected + b"\x10\x05"


def test_the_stale_marker_is_the_one_nan_that_prometheus_knows():
    assert math.isnan(STALE)
    data = encode([Series((("__name__", "x"),), STALE)], 1)
    assert struct.pack("<Q", 0x7FF0000000000002) in data


def unfolded(spans, deltas):
    """Return counts by number of bucket, read as Prometheus does."""
    found = {}
    number, count, remaining = 0, 0, iter(deltas)
    for span in spans:
        number += span.offset
        for _ in range(span.length):
            count += next(remaining)
            found[number] = count
            number += 1
    assert next(remaining, None) is None
    return found


def test_a_histogram_has_spans_and_deltas():
    sink = TrendSink()
    for value in (1.5, 1.5, 1.53, 8, 0.01, 0, -4):
        sink.add(value)
    histogram = exponential(sink)
    [series] = parsed(encode([Series((("__name__", "x"),), histogram)], 77)).timeseries
    [written] = series.histograms
    assert (written.count_int, written.zero_count_int, written.schema) == (7, 1, 5)
    assert written.sum == pytest.approx(8.54)
    assert written.timestamp == 77
    assert unfolded(written.positive_spans, written.positive_deltas) == {
        index + 1: count
        for index, count in zip(
            histogram.positive.indexes, histogram.positive.counts, strict=True
        )
    }
    # Bucket n of Prometheus ends at base ** n: -4 is in the one that does at 2 ** 2, or
    # just above.
    [(number, count)] = unfolded(
        written.negative_spans, written.negative_deltas
    ).items()
    assert (count, number in (64, 65)) == (1, True)


def test_a_request_is_as_the_specification_says():
    target, http = writer(
        url="http://me:a%40b@127.0.0.1:9090/w?x=1", headers={"X-A": "b"}
    )
    target.write([Series((("__name__", "x"),), 1.0)], 5)
    [(method, url, more)] = http.asked
    assert (method, url) == ("POST", "http://127.0.0.1:9090/w?x=1")
    body = bytes(cramjam.snappy.decompress_raw(more["body"]))
    assert body == encode([Series((("__name__", "x"),), 1.0)], 5)
    assert more["headers"] == {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
        "User-Agent": "gharial",
        "Authorization": "Basic bWU6YUBi",
        "X-A": "b",
    }


def test_many_series_take_several_requests(monkeypatch):
    monkeypatch.setattr(remote_write, "SERIES_MAXIMUM", 2)
    target, http = writer()
    target.write([Series((("__name__", f"x{i}"),), i) for i in range(5)], 5)
    target.close()
    *requests, last = http.asked
    bodies = [
        bytes(cramjam.snappy.decompress_raw(more["body"])) for *_, more in requests
    ]
    assert [len(parsed(body).timeseries) for body in bodies] == [2, 2, 1]
    assert last == "clear"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            (404, b"remote write is off\nmore"),
            f"{URL} answered 404: remote write is off; is this the path of remote write",
        ),
        ((401, b""), f"{URL} answered 401; set username and password, or bearerToken"),
        (503, f"{URL} answered 503"),
        (302, f"{URL} answered 302"),
        (
            urllib3.exceptions.ReadTimeoutError(None, URL, "slow"),  # type: ignore[arg-type]
            f"cannot reach {URL}: no answer in time",
        ),
        (
            urllib3.exceptions.ProtocolError("Connection aborted."),
            f"cannot reach {URL}: Connection aborted.",
        ),
    ],
)
def test_what_is_not_taken_is_told(answer, message):
    target, _ = writer(answer, answer)
    with pytest.raises(OutputError, match="^" + re.escape(message)):
        target.write([Series((("__name__", "x"),), 1.0)], 5)
    with pytest.raises(OutputError, match="^--out prometheus: " + re.escape(message)):
        target.check()


def test_the_reason_of_a_refused_connection_is_found():
    error = urllib3.exceptions.NewConnectionError(None, "failed")  # type: ignore[arg-type]
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    target, _ = writer(urllib3.exceptions.MaxRetryError(None, URL, error))  # type: ignore[arg-type]
    with pytest.raises(OutputError, match=r"write: Connection refused$"):
        target.write([Series((("__name__", "x"),), 1.0)], 5)


def test_a_receiver_that_misses_series_in_the_check_is_there():
    target, http = writer(400)
    target.check()
    assert bytes(cramjam.snappy.decompress_raw(http.asked[0][2]["body"])) == b""


@pytest.mark.parametrize(
    "url", ["nonsense", "127.0.0.1:9090", "ftp://x/y", "http://", "::"]
)
def test_what_is_no_url_is_refused(url):
    with pytest.raises(OutputError, match="is not a URL of remote write"):
        RemoteWriter(Target(url), "gharial")


def test_a_certificate_that_is_none_is_refused(tmp_path):
    path = tmp_path / "x.pem"
    path.write_text("no certificate")
    with pytest.raises(OutputError, match=r"clientCertificate .* cannot be used"):
        RemoteWriter(Target(URL, certificate=str(path)), "gharial")


def test_tls_is_as_asked(monkeypatch):
    strict = RemoteWriter(Target("https://x/"), "g")._http.connection_pool_kw
    lax = RemoteWriter(Target("https://x/", verifies=False, tls_1_2=True), "g")
    assert strict["ssl_context"].minimum_version.name == "TLSv1_3"
    assert strict["cert_reqs"] == "CERT_REQUIRED"
    assert strict["ssl_context"].check_hostname
    lax_options = lax._http.connection_pool_kw
    assert lax_options["ssl_context"].minimum_version.name == "TLSv1_2"
    assert lax_options["cert_reqs"] == "CERT_NONE"


def test_a_proxy_is_used_unless_the_host_is_exempt(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inner.example")
    through = RemoteWriter(Target("http://outer.example/w"), "g")._http
    direct = RemoteWriter(Target("http://inner.example/w"), "g")._http
    assert through.proxy.host == "proxy.example"
    assert direct.proxy is None
