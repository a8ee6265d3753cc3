import logging
import re

import pytest
import requests
from opentelemetry.sdk.metrics.export import MetricExportResult, MetricsData

from gharial.outputs import otlp_exporter
from gharial.outputs.base import OutputError
from gharial.outputs.otlp_exporter import GRPC, HTTP, Endpoint, Sender

LOGGER = logging.getLogger("opentelemetry.exporter.otlp.own")


class Exporter:
    """Logs and answers as it is told to."""

    def __init__(self, *lines):
        self.lines = lines
        self.exported = []
        self.is_shut_down = False

    def export(self, data):
        self.exported.append(data)
        for line in self.lines:
            LOGGER.warning(line)
        failed = bool(self.lines)
        return MetricExportResult.FAILURE if failed else MetricExportResult.SUCCESS

    def shutdown(self):
        self.is_shut_down = True


@pytest.fixture
def exporters(monkeypatch):
    """Those that are made instead of OpenTelemetry's, in order: the check's, the run's."""
    made = [Exporter(), Exporter()]
    waiting = list(made)
    monkeypatch.setattr(otlp_exporter, "_check_reachable", lambda url: None)
    monkeypatch.setattr(otlp_exporter, "_exporter", lambda *_: waiting.pop(0))
    return made


def test_nothing_is_sent_first_and_then_what_there_is(exporters):
    sender = Sender(Endpoint(GRPC, "http://localhost:1"))
    sender.start()
    data = MetricsData([])
    sender.send(data)
    sender.close()
    check, own = exporters
    assert check.exported == [MetricsData([])]
    assert own.exported == [data]
    assert check.is_shut_down
    assert own.is_shut_down


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["retrying", "Failed, error code: X,\n  details: y."],
            "Failed, error code: X, details: y",
        ),
        (
            ["Transient error Z.", "Failed due to timeout."],
            "Transient error Z; Failed due to timeout",
        ),
    ],
)
def test_a_failure_is_told_in_the_exporters_words(exporters, lines, message, caplog):
    sender = Sender(Endpoint(HTTP, "https://localhost:1/v1/metrics"))
    exporters[0].lines = lines
    whole = (
        f"https://localhost:1/v1/metrics (http/protobuf) rejected the data: {message}"
    )
    with pytest.raises(
        OutputError, match=f"^--out opentelemetry: {re.escape(whole)}; without TLS"
    ):
        sender.start()
    sender.close()
    # Told once, and everything as it was.
    assert caplog.records == []
    LOGGER.warning("of somebody else")
    assert [record.message for record in caplog.records] == ["of somebody else"]


def test_what_the_exporter_lets_through_is_told_in_the_same_way(exporters):
    def fail(data):
        raise requests.ConnectionError("certificate verify failed")

    sender = Sender(Endpoint(HTTP, "http://localhost:1/v1/metrics"))
    sender.start()
    exporters[1].export = fail
    with pytest.raises(
        OutputError, match=r"rejected the data: certificate verify failed$"
    ):
        sender.send(MetricsData([]))
    sender.close()


def test_a_host_that_is_not_there_is_told(monkeypatch):
    def refuse(address, timeout):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(otlp_exporter.socket, "create_connection", refuse)
    monkeypatch.setenv("no_proxy", "*")
    sender = Sender(Endpoint(GRPC, "http://localhost:1"))
    message = "--out opentelemetry: cannot reach http://localhost:1: Connection refused"
    with pytest.raises(OutputError, match=f"^{message}$"):
        sender.start()
    sender.close()


def test_a_proxy_is_not_gone_around(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "")
    # Would fail if it were tried: there is no such port.
    otlp_exporter._check_reachable("http://collector.example:0")


def test_exporters_are_made_of_the_endpoint(tmp_path):
    path = tmp_path / "x.pem"
    path.write_text("x")
    http = Endpoint(
        *(
            HTTP,
            "https://localhost:1/v1/metrics",
            {"X-A": "b"},
            2.0,
            str(path),
            str(path),
        ),
        verifies=False,
    )
    made = otlp_exporter._exporter(http, http.timeout_s, None)
    made.shutdown()
    grpc_endpoint = Endpoint(GRPC, "http://localhost:1", {"X-A": "b"}, 2.0)
    made = otlp_exporter._exporter(grpc_endpoint, 2.0, 10)
    made.shutdown()
    assert otlp_exporter._credentials(grpc_endpoint) is None
    assert otlp_exporter._credentials(http) is not None


@pytest.mark.parametrize(
    ("options", "trusted"),
    [({"verifies": False}, False), ({"authorities": "/own/ca.pem"}, "/own/ca.pem")],
)
def test_the_environment_does_not_overrule_whom_to_trust(options, trusted, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/of/somebody/else.pem")
    session = otlp_exporter._session(Endpoint(HTTP, "https://localhost:1", **options))
    asked = {}
    session.send = lambda request, **more: asked.update(more)  # type: ignore[method-assign]
    session.request("GET", "https://localhost:1/", verify=True)
    assert asked["verify"] == trusted


def test_usually_the_exporters_own_session_is_used():
    assert otlp_exporter._session(Endpoint(HTTP, "https://localhost:1")) is None
