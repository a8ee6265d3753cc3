"""
``--out opentelemetry``: OTLP over gRPC or HTTP.

Every export has the totals of all series since the run began, so one that fails loses
nothing that the next does not bring.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from gharial.metrics.batch import Batch
from gharial.outputs.arguments import from_environment, parse_settings
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.outputs.basic_authorization import basic_authorization
from gharial.outputs.otlp_exporter import GRPC, HTTP, Endpoint, Sender
from gharial.outputs.otlp_points import PointMaker, attributes_of
from gharial.outputs.push_clock import PushClock
from gharial.outputs.setting_values import SettingValues
from gharial.outputs.totals import Totals

PREFIX: Final = "OTEL_"
VARIABLES: Final = {
    "EXPORTER_PROTOCOL": "protocol",
    "EXPORT_INTERVAL": "exportInterval",
    "FLUSH_INTERVAL": "flushInterval",
    "METRIC_PREFIX": "metricPrefix",
    "HEADERS": "headers",
    "SERVICE_NAME": "serviceName",
    "SERVICE_VERSION": "serviceVersion",
    "TLS_INSECURE_SKIP_VERIFY": "tlsInsecureSkipVerify",
    "TLS_CERTIFICATE": "tlsCertificate",
    "TLS_CLIENT_CERTIFICATE": "tlsClientCertificate",
    "TLS_CLIENT_KEY": "tlsClientKey",
    "SINGLE_COUNTER_FOR_RATE": "singleCounterForRate",
}
"""Environment variables without ``GHARIAL_OTEL_``, and the settings that they give."""

VARIABLES_OF_PROTOCOLS: Final = {
    GRPC: {
        "GRPC_EXPORTER_ENDPOINT": "endpoint",
        "GRPC_EXPORTER_INSECURE": "insecure",
    },
    HTTP: {
        "HTTP_EXPORTER_ENDPOINT": "endpoint",
        "HTTP_EXPORTER_INSECURE": "insecure",
        "HTTP_EXPORTER_URL_PATH": "urlPath",
        "HTTP_EXPORTER_USERNAME": "username",
        "HTTP_EXPORTER_PASSWORD": "password",
    },
}
"""The same, of those that are for one protocol."""

SETTINGS: Final = (
    *("endpoint", "insecure", "urlPath", "username", "password"),
    *VARIABLES.values(),
)
_PORTS: Final = {GRPC: 4317, HTTP: 4318}
_TIMEOUT_S: Final = 5.0


def make(argument: str, environment: Mapping[str, str]) -> Output:
    """
    Return what sends to an endpoint.

    Args:
        argument: The endpoint, and further settings after commas.
        environment: The variables that may set more.

    Raises:
        OutputError: If a setting is wrong.

    """
    for tool in ("GHARIAL_", "K6_"):
        if environment.get(f"{tool}OTEL_EXPORTER_TYPE"):
            raise OutputError(
                f"--out opentelemetry: {tool}OTEL_EXPORTER_TYPE is no longer read; use "
                f"{tool}OTEL_EXPORTER_PROTOCOL"
            )
    given = parse_settings("opentelemetry", argument, SETTINGS, main="endpoint")
    settings = {**from_environment(environment, PREFIX, VARIABLES), **given}
    settings.setdefault("protocol", _standard(environment, "PROTOCOL") or GRPC)
    protocol = SettingValues("opentelemetry", settings).one_of("protocol", (GRPC, HTTP))
    of_protocol = VARIABLES_OF_PROTOCOLS[protocol]
    settings = {**from_environment(environment, PREFIX, of_protocol), **settings}
    values = SettingValues("opentelemetry", settings)
    if not values.switch("singleCounterForRate", default=True):
        raise values.wrong(
            "singleCounterForRate",
            "is not supported: a rate is one counter with the attribute condition",
        )
    values.seconds("flushInterval", 1.0)
    return OpenTelemetryOutput(
        _endpoint(values, protocol, environment),
        export_interval_s=values.seconds("exportInterval", 10.0),
        prefix=values.text("metricPrefix"),
        service=values.text("serviceName", environment.get("OTEL_SERVICE_NAME", "k6")),
        service_version=values.text("serviceVersion"),
    )


class OpenTelemetryOutput:
    """
    Sends the totals to an endpoint every few seconds.

    Attributes:
        wants_samples: No.

    """

    wants_samples = False

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        export_interval_s: float,
        prefix: str,
        service: str,
        service_version: str,
    ) -> None:
        """
        Take settings.

        Args:
            endpoint: Where to send.
            export_interval_s: Time between two exports.
            prefix: What each metric's name begins with.
            service: The resource's ``service.name``.
            service_version: Its ``service.version``; Gharial's if empty.

        """
        self._sender = Sender(endpoint)
        self._clock = PushClock(export_interval_s)
        self._prefix = prefix
        self._service = service
        self._service_version = service_version
        self._totals = Totals(attributes_of)
        self._time_ns = 0
        self._is_behind = False

    def start(self, run: RunFacts) -> None:
        """
        See whether the endpoint takes anything.

        Raises:
            OutputError: If not.

        """
        resource = Resource.create(
            {
                "service.name": self._service,
                "service.version": self._service_version or run.version,
                "service.instance.id": run.run_id,
            }
        )
        self._points = PointMaker(
            resource,
            InstrumentationScope("gharial", run.version),
            self._prefix,
            round(run.began_at_epoch_s * 1e9),
        )
        try:
            self._sender.start()
        except OutputError:
            self._sender.close()
            raise

    def write(self, batch: Batch) -> None:
        """Add what was measured, and export if it is time to."""
        self._totals.add(batch.delta)
        self._is_behind = True
        self._time_ns = max(round(batch.end_epoch_s * 1e9), self._time_ns + 1)
        if self._clock.is_due(batch.end_s):
            self._export()

    def stop(self, end: RunEnd) -> None:
        """Export the rest."""
        try:
            if self._is_behind:
                self._export()
        finally:
            self._sender.close()

    def _export(self) -> None:
        self._sender.send(self._points.data(self._totals, self._time_ns))
        self._is_behind = False


def _endpoint(
    values: SettingValues, protocol: str, environment: Mapping[str, str]
) -> Endpoint:
    if protocol == GRPC and values.switch("tlsInsecureSkipVerify"):
        raise values.wrong(
            "tlsInsecureSkipVerify",
            "is not possible over gRPC; name the authority with tlsCertificate, or use "
            "protocol=http/protobuf",
        )
    headers = {
        name: unquote(value) for name, value in values.pairs("headers", "=").items()
    }
    if values.has("username"):
        user = f"{values.text('username')}:{values.text('password')}"
        headers["Authorization"] = basic_authorization(user)
    return Endpoint(
        protocol,
        _url(values, protocol, environment),
        headers,
        # The exporters read the variable themselves.
        None if _standard(environment, "TIMEOUT") else _TIMEOUT_S,
        values.file("tlsCertificate"),
        values.file("tlsClientCertificate"),
        values.file("tlsClientKey"),
        verifies=not values.switch("tlsInsecureSkipVerify"),
    )


def _url(values: SettingValues, protocol: str, environment: Mapping[str, str]) -> str:
    text, path = _asked(values, protocol, environment)
    parts = urlsplit(text)
    try:
        is_right = bool(parts.hostname) and parts.scheme in ("http", "https")
        port = parts.port
    except ValueError:
        is_right, port = False, None
    if not is_right or (protocol == GRPC and parts.path.strip("/")):
        raise OutputError(
            f"--out opentelemetry: {text!r} is not a valid endpoint for {protocol}; write "
            "for "
            f"example 'localhost:{_PORTS[protocol]}'"
        )
    if protocol == GRPC:
        return text if port else f"{text.rstrip('/')}:{_PORTS[GRPC]}"
    return f"{text.rstrip('/')}/{path.lstrip('/')}" if path else text


def _asked(
    values: SettingValues, protocol: str, environment: Mapping[str, str]
) -> tuple[str, str]:
    """Return an endpoint with its scheme, and the path that it does not have yet."""
    path = values.text("urlPath", "/v1/metrics")
    default = f"localhost:{_PORTS[protocol]}"
    if values.has("endpoint") or values.has("insecure"):
        is_insecure = values.switch("insecure")
        text = _with_scheme(values.text("endpoint", default), is_insecure=is_insecure)
        has_path = bool(urlsplit(text).path.strip("/")) and not values.has("urlPath")
        return text, "" if has_path else path
    # Without a word from our own settings it is the standard that says what is usual.
    is_insecure = (_standard(environment, "INSECURE") or "true").lower() == "true"
    whole = environment.get("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
    if whole:
        return _with_scheme(whole, is_insecure=is_insecure), ""
    text = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or default
    return _with_scheme(text, is_insecure=is_insecure), path


def _with_scheme(text: str, *, is_insecure: bool) -> str:
    if "://" in text:
        return text
    return f"{'http' if is_insecure else 'https'}://{text}"


def _standard(environment: Mapping[str, str], name: str) -> str | None:
    """Return one of the standard's variables, that for metrics first."""
    return environment.get(f"OTEL_EXPORTER_OTLP_METRICS_{name}") or environment.get(
        f"OTEL_EXPORTER_OTLP_{name}"
    )
