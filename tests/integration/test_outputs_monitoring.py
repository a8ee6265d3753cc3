"""Runs by the command line whose numbers arrive, unchanged, where others watch them."""

import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_port
from monitored_runs import (
    ITERATIONS,
    SCRIPT,
    Run,
    assert_as_planned,
    command,
    finished_run,
)
from monitoring_servers import (
    attributes,
    needs_prometheus,
    receiving_grpc,
    receiving_http,
    serving_prometheus,
)
from program import GHARIAL, environment
from prometheus_client.parser import text_string_to_metric_families
from safety_net import LIMIT_S
from servers import serving_echo

from gharial.servers.certificates import Certificates

pytestmark = pytest.mark.slow


@pytest.fixture
def url() -> Iterator[str]:
    with serving_echo() as server:
        yield server.url


@needs_prometheus
def test_a_real_prometheus_has_the_summarys_numbers(tmp_path: Path, url: str) -> None:
    receives = "--web.enable-remote-write-receiver"
    with serving_prometheus(tmp_path, receives) as prometheus:
        run = finished_run(
            tmp_path,
            url,
            *("--out", "experimental-prometheus-rw"),
            K6_PROMETHEUS_RW_SERVER_URL=prometheus.write_url,
            K6_PROMETHEUS_RW_TREND_STATS="avg,min,max,med,p(95),p(99),count,sum",
            K6_PROMETHEUS_RW_PUSH_INTERVAL="1s",
        )
        assert_as_planned(run)
        counters = run.counters()
        assert {"things", "iterations", "ws_msgs_sent", "data_sent"} <= set(counters)
        for name, count in counters.items():
            total = prometheus.number(f"sum(k6_{name}_total)")
            assert total == pytest.approx(count, rel=1e-12), name
        answers = run.metrics["answer_time"]
        for series, statistic in (
            *(("avg", "avg"), ("min", "min"), ("max", "max"), ("med", "med")),
            *(("p95", "p(95)"), ("p99", "p(99)")),
        ):
            value = prometheus.number(f"k6_answer_time_{series}")
            assert value == pytest.approx(answers[statistic] / 1000, rel=1e-12), series
        assert prometheus.number("k6_answer_time_count") == ITERATIONS
        total_s = prometheus.number("k6_answer_time_sum")
        assert total_s == pytest.approx(answers["avg"] * ITERATIONS / 1000)
        rate = prometheus.number("k6_odd_ones_rate")
        assert rate == run.metrics["odd_ones"]["value"]
        [(labels, level)] = prometheus.query("k6_level")
        assert (level, labels["team"]) == (7, 'a "b" \\ c')
        checks = {
            labels["check"]: value
            for labels, value in prometheus.query("k6_checks_rate")
        }
        assert checks == {"is echoed": 1, "is never, 100% | <b>": 0}


@needs_prometheus
def test_a_real_prometheus_takes_trends_as_native_histograms(
    tmp_path: Path, url: str
) -> None:
    flags = (
        "--web.enable-remote-write-receiver",
        "--enable-feature=native-histograms",
    )
    with serving_prometheus(tmp_path, *flags) as prometheus:
        settings = "trendAsNativeHistogram=true,metricPrefix=load_,pushInterval=1s"
        run = finished_run(
            tmp_path, url, "--out", f"prometheus={prometheus.write_url},{settings}"
        )
        assert_as_planned(run)
        for name in ("answer_time", "ws_connecting", "iteration_duration"):
            trend = run.metrics[name]
            series = f"load_{name}_seconds"
            count = prometheus.number(f"sum(histogram_count({series}))")
            assert count == trend["count"], name
            total_s = prometheus.number(f"sum(histogram_sum({series}))")
            assert total_s == pytest.approx(trend["avg"] * count / 1000), name
        answers = run.metrics["answer_time"]
        # The median is right between two values, so the lower of both is also right.
        for quantile, statistic in ((0, "min"), (1, "max")):
            value = prometheus.number(
                f"histogram_quantile({quantile}, load_answer_time_seconds)"
            )
            assert value == pytest.approx(answers[statistic] / 1000, rel=0.026)
        sizes = prometheus.number("sum(histogram_sum(load_ws_msg_size_sent_bytes))")
        assert sizes == ITERATIONS * len("hello")


@needs_prometheus
def test_series_end_with_the_run_if_asked_to(tmp_path: Path, url: str) -> None:
    receives = "--web.enable-remote-write-receiver"
    with serving_prometheus(tmp_path, receives) as prometheus:
        run = finished_run(
            tmp_path,
            url,
            *("--out", f"prometheus={prometheus.write_url},staleMarkers=true"),
        )
        assert_as_planned(run)
        assert prometheus.query("k6_things_total") == []
        before = prometheus.number("last_over_time(k6_things_total[5m])")
        assert before == 2.5 * ITERATIONS


@needs_prometheus
def test_a_prometheus_that_takes_nothing_is_told_before_the_load(
    tmp_path: Path, url: str
) -> None:
    with serving_prometheus(tmp_path) as prometheus:
        run = finished_run(tmp_path, url, "--out", f"prometheus={prometheus.write_url}")
    assert run.code == 104
    assert "answered 404" in run.err
    assert "--web.enable-remote-write-receiver" in run.err
    assert len(run.err.strip().splitlines()) == 1


def test_the_page_has_the_summarys_numbers(tmp_path: Path, url: str) -> None:
    port = free_port()
    settings = "trendStats=p(95)+count+max,linger=8s"
    process = subprocess.Popen(
        [
            *GHARIAL,
            *command(
                tmp_path, url, "--out", f"prometheus=listen=127.0.0.1:{port},{settings}"
            ),
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    page = ""
    deadline_s = time.monotonic() + LIMIT_S
    while process.poll() is None and time.monotonic() < deadline_s:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/metrics", timeout=5
            ) as answer:
                page = answer.read().decode()
        except OSError:
            pass
        # One tenth of what a run lingers, so the last page is of its end.
        time.sleep(0.05)
    out, err = process.communicate(timeout=LIMIT_S)
    finished = subprocess.CompletedProcess("", process.returncode, out, err)
    run = Run(finished, tmp_path / "summary.json")
    assert_as_planned(run)
    families = {each.name: each for each in text_string_to_metric_families(page)}
    for name, count in run.counters().items():
        family = families[f"k6_{name}"]
        assert family.type == "counter"
        total = sum(sample.value for sample in family.samples)
        assert total == pytest.approx(count, rel=1e-12), name
    [p95] = families["k6_answer_time_p95"].samples
    assert p95.value == pytest.approx(run.metrics["answer_time"]["p(95)"] / 1000)
    assert p95.labels["team"] == 'a "b" \\ c'
    [count] = families["k6_answer_time_count"].samples  # type: ignore[assignment]
    assert count.value == ITERATIONS  # type: ignore[attr-defined]
    assert "Data messages sent." in families["k6_ws_msgs_sent"].documentation


@needs_prometheus
def test_a_real_prometheus_fetches_the_page_of_a_run_with_workers(
    tmp_path: Path, url: str
) -> None:
    port = free_port()
    config = f"""
scrape_configs:
  - job_name: load
    scrape_interval: 1s
    static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""
    with serving_prometheus(tmp_path, config=config) as prometheus:
        run = finished_run(
            tmp_path,
            url,
            *("--out", f"prometheus=listen=127.0.0.1:{port},linger=8s"),
            *("--workers", "2"),
        )
        assert_as_planned(run)
        for name, count in run.counters().items():
            # The page is gone by now.
            last = f"sum(last_over_time(k6_{name}_total[1m]))"
            assert prometheus.number(last) == pytest.approx(count, rel=1e-12), name


def test_a_port_in_use_is_told_before_the_load(tmp_path: Path, url: str) -> None:
    taken = re.search(r":(\d+)", url)
    assert taken is not None
    listen = f"prometheus=listen=127.0.0.1:{taken[1]}"
    run = finished_run(tmp_path, url, "--out", listen)
    assert run.code == 104
    assert f"cannot listen on 127.0.0.1:{taken[1]}" in run.err
    assert "in use" in run.err


def _assert_received(received: Any, run: Run) -> None:
    assert_as_planned(run)
    for name, count in run.counters().items():
        total = sum(point.as_double for point in received.points(name))
        assert total == pytest.approx(count, rel=1e-12), name
    conditions = {
        attributes(point)["condition"]: point.as_int
        for point in received.points("odd_ones")
    }
    odd = run.metrics["odd_ones"]
    assert conditions == {"nonzero": odd["passes"], "zero": odd["fails"]}
    [level] = received.points("level")
    assert (level.as_double, attributes(level)["team"]) == (7, 'a "b" \\ c')
    [answers] = received.points("answer_time")
    expected = run.metrics["answer_time"]
    assert (answers.count, answers.min, answers.max) == (
        *(ITERATIONS, expected["min"], expected["max"]),
    )
    assert answers.sum == pytest.approx(expected["avg"] * ITERATIONS)
    assert sum(answers.positive.bucket_counts) == ITERATIONS
    base = 2**2**-answers.scale
    first = base**answers.positive.offset
    assert first < expected["min"] * 1.004
    assert expected["min"] < first * base * 1.004
    for name in ("ws_connecting", "ws_msg_size_sent", "iteration_duration"):
        count = sum(point.count for point in received.points(name))
        assert count == run.metrics[name]["count"], name
    kinds = received.kinds()
    assert {kinds["things"], kinds["odd_ones"]} == {"sum"}
    assert (kinds["level"], kinds["answer_time"]) == ("gauge", "exponential_histogram")
    units = received.units()
    assert (units["answer_time"], units["data_sent"], units["things"]) == (
        *("ms", "By", ""),
    )


def test_a_receiver_over_grpc_has_the_summarys_numbers(
    tmp_path: Path, url: str
) -> None:
    with receiving_grpc() as received:
        run = finished_run(
            tmp_path,
            url,
            *("--out", "experimental-opentelemetry"),
            K6_OTEL_GRPC_EXPORTER_ENDPOINT=received.url.removeprefix("http://"),
            K6_OTEL_GRPC_EXPORTER_INSECURE="true",
            K6_OTEL_HEADERS="x-team=a%20b",
            K6_OTEL_EXPORT_INTERVAL="1s",
        )
    _assert_received(received, run)
    assert {headers["x-team"] for headers in received.headers} == {"a b"}
    resource = received.resource()
    assert resource["service.name"] == "k6"
    assert resource["telemetry.sdk.language"] == "python"


def test_a_receiver_over_http_has_the_summarys_numbers(
    tmp_path: Path, url: str
) -> None:
    with receiving_http() as received:
        run = finished_run(
            tmp_path,
            url,
            *("--out", "opentelemetry=protocol=http/protobuf,serviceName=shop"),
            OTEL_EXPORTER_OTLP_ENDPOINT=received.url,
            OTEL_RESOURCE_ATTRIBUTES="deployment.environment=staging",
            GHARIAL_OTEL_HTTP_EXPORTER_USERNAME="me",
            GHARIAL_OTEL_HTTP_EXPORTER_PASSWORD="secret",
        )
    _assert_received(received, run)
    assert {headers[":path"] for headers in received.headers} == {"/v1/metrics"}
    assert {headers["authorization"] for headers in received.headers} == {
        "Basic bWU6c2VjcmV0"
    }
    resource = received.resource()
    assert resource["service.name"] == "shop"
    assert resource["deployment.environment"] == "staging"


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_a_receiver_with_a_certificate_is_trusted_if_told_to(
    protocol: str, tmp_path: Path, url: str
) -> None:
    certificates = Certificates()
    authority = certificates.write_ca(tmp_path / "ca.pem")
    receiving = receiving_grpc if protocol == "grpc" else receiving_http
    with receiving(tls=certificates) as received:
        address = received.url.removeprefix("https://")
        wanted = f"opentelemetry={address},protocol={protocol}"
        refused = finished_run(tmp_path, url, "--out", wanted)
        run = finished_run(
            tmp_path, url, "--out", f"{wanted},tlsCertificate={authority}"
        )
    assert refused.code == 104
    assert "certificate" in refused.err.lower()
    assert refused.err.strip().endswith("; without TLS: insecure=true")
    assert len(refused.err.strip().splitlines()) == 1
    _assert_received(received, run)


def test_a_certificate_goes_unchecked_if_told_to(tmp_path: Path, url: str) -> None:
    with receiving_http(204, tls=Certificates()) as received:
        for output, skip in (
            (f"prometheus={received.url}/w", "insecureSkipTLSVerify"),
            (
                f"opentelemetry={received.url},protocol=http/protobuf",
                "tlsInsecureSkipVerify",
            ),
        ):
            received.headers.clear()
            refused = finished_run(tmp_path, url, "--out", output)
            assert refused.code == 104
            assert "certificate verify failed" in refused.err
            assert received.headers == []
            run = finished_run(tmp_path, url, "--out", f"{output},{skip}=true")
            assert_as_planned(run)
            assert "Warning" not in run.err
            # The check, and at the end the totals.
            assert len(received.headers) == 2


@pytest.mark.parametrize(
    ("protocol", "message"),
    [("http/protobuf", "code: 403"), ("grpc", "rejected the data: Failed to export")],
)
def test_a_receiver_that_takes_nothing_is_told_before_the_load(
    protocol: str, message: str, tmp_path: Path, url: str
) -> None:
    with receiving_http(403) as received:
        wanted = f"opentelemetry={received.url},protocol={protocol}"
        run = finished_run(tmp_path, url, "--out", wanted)
    assert run.code == 104
    assert message in run.err
    assert len(run.err.strip().splitlines()) == 1


def test_a_refused_connection_is_told_before_the_load(tmp_path: Path, url: str) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    for output in (f"prometheus={nobody}/api/v1/write", f"opentelemetry={nobody}"):
        run = finished_run(tmp_path, url, "--out", output)
        assert run.code == 104
        assert f"cannot reach {nobody}" in run.err
        assert run.err.strip().endswith("Connection refused")


def test_a_server_that_goes_away_is_told_and_the_run_goes_on(
    tmp_path: Path, url: str
) -> None:
    script = SCRIPT.replace("socket.close();", "setTimeout(() => socket.close(), 700);")
    with receiving_http(204) as received:
        process = subprocess.Popen(
            [
                *GHARIAL,
                *command(
                    *(tmp_path, url, "--out"),
                    f"prometheus={received.url}/api/v1/write,pushInterval=1s",
                    script=script,
                ),
            ],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        arrived = threading.Event()
        while not received.headers and process.poll() is None:
            arrived.wait(0.05)
    # The check has arrived, and the server is gone.
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 99
    assert "output prometheus" in err
    assert "the run goes on" in err
    assert re.search(rf"iterations\.*: {ITERATIONS} ", out)
