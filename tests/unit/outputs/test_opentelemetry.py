import re

import pytest

from gharial.outputs.base import OutputError
from gharial.outputs.opentelemetry import make


class Sender:
    """Keeps what is sent; fails where it is told to."""

    def __init__(self):
        self.sent = []
        self.error = None
        self.is_closed = False

    def start(self):
        if self.error is not None:
            raise self.error

    def send(self, data):
        if self.error is not None:
            raise self.error
        [of_resource] = data.resource_metrics
        self.resource = of_resource.resource
        self.sent.append(
            {
                metric.name: [
                    (point.value, point.time_unix_nano)
                    for point in metric.data.data_points
                ]
                for metric in of_resource.scope_metrics[0].metrics
            }
        )

    def close(self):
        self.is_closed = True


def made(argument, **environment):
    output = make(argument, environment)
    output._sender = Sender()  # type: ignore[attr-defined]
    return output, output._sender  # type: ignore[attr-defined]


def hits(second, batch_of, value=1):
    return batch_of(second, ("hits", "counter", value, {}))


def test_totals_are_exported_every_few_seconds(batch_of, end_of, facts):
    output, sender = made("localhost:4317,exportInterval=2s", OTEL_SERVICE_NAME="shop")
    assert not output.wants_samples
    output.start(facts)
    for second in range(5):
        output.write(hits(second, batch_of))
    output.stop(end_of())
    assert sender.sent == [
        {"hits": [(total, (1_700_000_000 + second) * 10**9)]}
        for total, second in ((2, 2), (4, 4), (5, 5))
    ]
    attributes = sender.resource.attributes
    assert attributes["service.name"] == "shop"
    assert attributes["service.version"] == "1.2.3"
    assert attributes["service.instance.id"] == "run-1"
    assert sender.is_closed


def test_an_export_that_fails_loses_nothing(batch_of, end_of, facts):
    output, sender = made("localhost,exportInterval=1s")
    output.start(facts)
    sender.error = OutputError("away")
    with pytest.raises(OutputError, match="away"):
        output.write(hits(0, batch_of, 10))
    sender.error = None
    output.write(hits(1, batch_of))
    output.stop(end_of())
    assert [sent["hits"][0][0] for sent in sender.sent] == [11]


def test_who_cannot_start_or_end_lets_go(batch_of, end_of, facts):
    output, sender = made("localhost")
    sender.error = OutputError("away")
    with pytest.raises(OutputError, match="away"):
        output.start(facts)
    assert sender.is_closed
    sender.is_closed = False
    output.write(hits(0, batch_of))
    with pytest.raises(OutputError, match="away"):
        output.stop(end_of())
    assert sender.is_closed


HTTP = {"K6_OTEL_EXPORTER_PROTOCOL": "http/protobuf"}


@pytest.mark.parametrize(
    ("argument", "environment", "url"),
    [
        ("", {}, "http://localhost:4317"),
        ("collector:1", {}, "https://collector:1"),
        ("collector:1,insecure=true", {}, "http://collector:1"),
        ("http://collector", {}, "http://collector:4317"),
        ("insecure=true", {}, "http://localhost:4317"),
        ("insecure=false", {}, "https://localhost:4317"),
        ("", {"K6_OTEL_GRPC_EXPORTER_ENDPOINT": "a:1"}, "https://a:1"),
        ("", {"K6_OTEL_HTTP_EXPORTER_ENDPOINT": "a:1"}, "http://localhost:4317"),
        ("", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://b:2"}, "http://b:2"),
        ("", {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "https://c:3"}, "https://c:3"),
        (
            "",
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "b:2",
                "OTEL_EXPORTER_OTLP_INSECURE": "FALSE",
            },
            "https://b:2",
        ),
        ("", HTTP, "http://localhost:4318/v1/metrics"),
        ("collector:1", HTTP, "https://collector:1/v1/metrics"),
        ("http://collector:1/own", HTTP, "http://collector:1/own"),
        ("http://collector:1/a/,urlPath=/b", HTTP, "http://collector:1/a/b"),
        (
            "",
            {**HTTP, "K6_OTEL_HTTP_EXPORTER_ENDPOINT": "a:1"},
            "https://a:1/v1/metrics",
        ),
        (
            "",
            {
                **HTTP,
                "K6_OTEL_HTTP_EXPORTER_INSECURE": "true",
                "K6_OTEL_HTTP_EXPORTER_URL_PATH": "x",
            },
            "http://localhost:4318/x",
        ),
        (
            "",
            {**HTTP, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://b:2/base"},
            "http://b:2/base/v1/metrics",
        ),
        (
            "",
            {**HTTP, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://b:2/whole"},
            "http://b:2/whole",
        ),
        (
            "",
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
            "http://localhost:4318/v1/metrics",
        ),
    ],
)
def test_the_endpoint_is_found(argument, environment, url):
    assert make(argument, environment)._sender._endpoint.url == url  # type: ignore[attr-defined]


def test_headers_and_files_are_passed_on(tmp_path):
    path = tmp_path / "x.pem"
    path.write_text("x")
    output = make(
        f"protocol=http/protobuf,tlsCertificate={path},tlsInsecureSkipVerify=true",
        {
            "K6_OTEL_HEADERS": "X-A=1%2C2, b=c=d",
            "K6_OTEL_HTTP_EXPORTER_USERNAME": "me",
            "K6_OTEL_HTTP_EXPORTER_PASSWORD": "secret",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
        },
    )
    endpoint = output._sender._endpoint  # type: ignore[attr-defined]
    assert endpoint.headers == {
        "X-A": "1,2",
        "b": "c=d",
        "Authorization": "Basic bWU6c2VjcmV0",
    }
    assert endpoint.authorities == str(path)
    assert not endpoint.verifies
    # The exporter reads its own variable.
    assert endpoint.timeout_s is None
    assert make("", {})._sender._endpoint.timeout_s == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("argument", "environment", "message"),
    [
        ("localhost,colour=red", {}, "there is no setting 'colour'"),
        ("protocol=udp", {}, "protocol: 'udp' is none of grpc, http/protobuf"),
        ("ftp://x", {}, "'ftp://x' is not a valid endpoint for grpc"),
        (
            "localhost:port",
            {},
            "'https://localhost:port' is not a valid endpoint for grpc",
        ),
        ("http://localhost:1/path", {}, "is not a valid endpoint for grpc"),
        ("exportInterval=x", {}, "exportInterval: 'x' is not a duration"),
        ("flushInterval=x", {}, "flushInterval: 'x' is not a duration"),
        ("tlsInsecureSkipVerify=true", {}, "is not possible over gRPC"),
        ("tlsCertificate=/no/x", {}, "tlsCertificate: '/no/x' cannot be read"),
        ("singleCounterForRate=false", {}, "'false' is not supported: a rate is one"),
        ("", {"K6_OTEL_HEADERS": "x"}, "headers: '***' is not name=value"),
        ("", {"K6_OTEL_EXPORTER_TYPE": "grpc"}, "use K6_OTEL_EXPORTER_PROTOCOL"),
    ],
)
def test_wrong_settings_are_refused(argument, environment, message):
    with pytest.raises(OutputError, match=re.escape(message)):
        make(argument, environment)
