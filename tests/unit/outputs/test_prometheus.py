import math
import re

import pytest

from gharial.outputs.base import OutputError
from gharial.outputs.prometheus import make
from gharial.outputs.prometheus_page import PrometheusPage

URL = "http://127.0.0.1:9090/api/v1/write"


class Writer:
    """Keeps what is written; fails where it is told to."""

    def __init__(self):
        self.written = []
        self.error = None
        self.checks = 0
        self.is_closed = False

    def check(self):
        self.checks += 1

    def write(self, series, time_ms):
        if self.error is not None:
            raise self.error
        values = {dict(each.labels)["__name__"]: each.value for each in series}
        self.written.append((time_ms, values))

    def close(self):
        self.is_closed = True


def made(argument=URL, facts=None, **environment):
    output = make(argument, environment)
    output._writer = Writer()  # type: ignore[attr-defined]
    return output, output._writer  # type: ignore[attr-defined]


def hits(second, batch_of, value=1):
    return batch_of(second, ("hits", "counter", value, {}))


def test_totals_are_pushed_every_few_seconds(batch_of, end_of, facts):
    output, writer = made(URL + ",pushInterval=3s")
    assert not output.wants_samples
    output.start(facts)
    assert writer.checks == 1
    for second in range(8):
        output.write(hits(second, batch_of))
    assert [values["k6_hits_total"] for _, values in writer.written] == [3, 6]
    output.stop(end_of())
    assert [values["k6_hits_total"] for _, values in writer.written] == [3, 6, 8]
    assert [time_ms for time_ms, _ in writer.written[:2]] == [
        *(1_700_000_003_000, 1_700_000_006_000),
    ]
    assert writer.is_closed


def test_the_end_pushes_nothing_twice(batch_of, end_of):
    output, writer = made(URL + ",pushInterval=1s")
    output.write(hits(0, batch_of))
    output.stop(end_of())
    assert len(writer.written) == 1


def test_a_push_that_fails_loses_nothing(batch_of, end_of):
    output, writer = made(URL + ",pushInterval=1s")
    output.write(hits(0, batch_of))
    writer.error = OutputError("away")
    with pytest.raises(OutputError, match="away"):
        output.write(hits(1, batch_of, 10))
    writer.error = None
    output.stop(end_of())
    assert [values["k6_hits_total"] for _, values in writer.written] == [1, 11]


def test_a_last_push_that_fails_is_told_and_all_is_closed(batch_of, end_of):
    output, writer = made()
    output.write(hits(0, batch_of))
    writer.error = OutputError("away")
    with pytest.raises(OutputError, match="away"):
        output.stop(end_of())
    assert writer.is_closed


def test_all_series_are_marked_as_ended_if_asked_to(batch_of, end_of):
    output, writer = made(URL, K6_PROMETHEUS_RW_STALE_MARKERS="true")
    output.write(hits(0, batch_of))
    output.stop(end_of())
    (pushed_at_ms, _), (ended_at_ms, ended) = writer.written
    assert math.isnan(ended["k6_hits_total"])
    assert (pushed_at_ms, ended_at_ms) == (1_700_000_001_001, 1_700_000_010_000)


def test_times_advance_though_the_clock_is_set_back(batch_of, end_of):
    output, writer = made(URL + ",pushInterval=1s")
    for second in (50, 51, 2):
        batch = hits(second, batch_of)
        # The run's own clock goes on.
        object.__setattr__(batch, "end_s", 51.0 + len(writer.written))
        output.write(batch)
    times = [time_ms for time_ms, _ in writer.written]
    assert times == sorted(set(times))


def test_variables_of_both_kinds_set_more():
    output, _ = made(
        "",
        K6_PROMETHEUS_RW_SERVER_URL="http://k6.example/w",
        GHARIAL_PROMETHEUS_RW_SERVER_URL="http://ours.example/w",
        K6_PROMETHEUS_RW_TREND_STATS="avg, p(90)",
        K6_PROMETHEUS_RW_METRIC_PREFIX="load_",
        K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM="true",
    )
    naming = output._naming
    assert [each.suffix for each in naming.trend_statistics] == ["avg", "p90"]
    assert (naming.prefix, naming.has_histograms) == ("load_", True)


def test_headers_come_from_everywhere():
    output = make(
        "",
        {
            "K6_PROMETHEUS_RW_HEADERS_X-Scope": "a",
            "K6_PROMETHEUS_RW_HTTP_HEADERS": "X-B:b,X-C: c:d",
            "K6_PROMETHEUS_RW_USERNAME": "me",
            "K6_PROMETHEUS_RW_PASSWORD": "secret",
        },
    )
    headers = output._writer._headers  # type: ignore[attr-defined]
    assert (headers["X-Scope"], headers["X-B"], headers["X-C"]) == ("a", "b", "c:d")
    assert headers["Authorization"] == "Basic bWU6c2VjcmV0"
    bearer = make("bearerToken=t", {"K6_PROMETHEUS_RW_USERNAME": "me"})
    assert bearer._writer._headers["Authorization"] == "Bearer t"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ("listen=127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("listen=:9464", ("0.0.0.0", 9464)),
        ("listen=[::1]:1,linger=2s,trendStats=p(95)+avg", ("::1", 1)),
    ],
)
def test_a_page_is_served_if_asked_for(argument, address):
    # A URL for remote write in the environment is none of the page's business.
    page = make(argument, {"K6_PROMETHEUS_RW_SERVER_URL": URL})
    assert isinstance(page, PrometheusPage)
    assert page._address == address


@pytest.mark.parametrize(
    ("argument", "environment", "message"),
    [
        ("nonsense", {}, "'nonsense' is not a URL of remote write"),
        (URL + ",colour=red", {}, "there is no setting 'colour'"),
        (URL + ",pushInterval=often", {}, "pushInterval: 'often' is not a duration"),
        (URL + ",trendStats=p(95)+mean", {}, "has 'mean', which is none of avg, min"),
        (URL + ",metricPrefix=9-", {}, "metricPrefix: '9-' may have only letters"),
        (URL + ",tlsMinVersion=1.1", {}, "tlsMinVersion: '1.1' is none of 1.3, 1.2"),
        (URL + ",clientCertificate=/no/x", {}, "'/no/x' cannot be read: No such file"),
        (URL + ",linger=1s", {}, "linger does nothing without listen"),
        ("listen=9464", {}, "listen: '9464' is not HOST:PORT"),
        ("listen=a:99999", {}, "listen: 'a:99999' is not HOST:PORT"),
        ("listen=a:1,linger=1h", {}, "linger: '1h' is longer than 8 s"),
        ("listen=a:1,username=me", {}, "username does nothing with listen"),
        (
            "listen=a:1",
            {"K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM": "true"},
            "native histograms are for remote write only",
        ),
        (
            URL,
            {"K6_PROMETHEUS_RW_SIGV4_REGION": "eu-1"},
            "K6_PROMETHEUS_RW_SIGV4_REGION: Gharial does not sign requests for AWS",
        ),
        ("", {"K6_PROMETHEUS_RW_HTTP_HEADERS": "x"}, "httpHeaders: '***' is not name:"),
    ],
)
def test_wrong_settings_are_refused(argument, environment, message):
    with pytest.raises(OutputError, match=re.escape(message)):
        make(argument, environment)
