"""OpenTelemetry's own exporters, over gRPC and HTTP, made from our settings."""

import logging
import os
import socket
import urllib.request
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from gharial.lazy_dataclass import dataclass

# gRPC's C++ writes to stderr by itself, past all handlers, unless it finds this variable
# when it is imported.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import grpc
import requests
import urllib3
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (
    OTLPMetricExporter as GrpcExporter,
)
from opentelemetry.exporter.otlp.proto.http.metric_exporter import (
    OTLPMetricExporter as HttpExporter,
)
from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricExportResult,
    MetricsData,
)

from gharial.outputs.base import OutputError

GRPC: Final = "grpc"
HTTP: Final = "http/protobuf"
CHECK_TIMEOUT_S: Final = 3.0
POINTS_MAXIMUM: Final = 1_000
"""Data points in one request; gRPC servers accept 4 MiB by default."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    Where to send, and how.

    Attributes:
        protocol: ``grpc`` or ``http/protobuf``.
        url: Where, with its scheme; over HTTP with the path.
        headers: What goes with each request.
        timeout_s: How long a request may take, None for what the exporter is told by the
            standard variables.
        authorities: The file of the authorities to trust, None for the usual ones.
        certificate: The file of the client's certificate, if it has one.
        key: The file of its key.
        verifies: Whether the server's certificate is checked.

    """

    protocol: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None
    verifies: bool = True


class Sender:
    """Sends data points to one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Take an endpoint, without touching the network."""
        self._endpoint = endpoint
        self._said = _LastWords()
        self._exporter: MetricExporter | None = None

    def start(self) -> None:
        """
        Get ready, and send nothing, to see whether something could be sent.

        Raises:
            OutputError: If not.

        """
        _check_reachable(self._endpoint.url)
        self._said.listen()
        check = _exporter(self._endpoint, CHECK_TIMEOUT_S, None)
        try:
            self._send(check, MetricsData([]))
        except OutputError as error:
            raise OutputError(f"--out opentelemetry: {error.reason}") from error
        finally:
            check.shutdown()
        self._exporter = _exporter(
            self._endpoint, self._endpoint.timeout_s, POINTS_MAXIMUM
        )

    def send(self, data: MetricsData) -> None:
        """
        Send data points.

        Raises:
            OutputError: If they are not taken.

        """
        assert self._exporter is not None
        self._send(self._exporter, data)

    def close(self) -> None:
        """Let go of connections."""
        if self._exporter is not None:
            self._exporter.shutdown()
        self._said.listen_no_more()

    def _send(self, exporter: MetricExporter, data: MetricsData) -> None:
        self._said.forget()
        try:
            result = exporter.export(data)
        except requests.RequestException as error:
            # Some releases let these through, others log them.
            self._said.add(str(error))
            result = MetricExportResult.FAILURE
        if result is not MetricExportResult.SUCCESS:
            hint = "" if self._endpoint.url.startswith("http:") else _TLS_HINT
            raise OutputError(
                f"{self._endpoint.url} ({self._endpoint.protocol}) "
                f"rejected the data: {self._said.text}{hint}"
            )


_TLS_HINT: Final = "; without TLS: insecure=true"


class _LastWords(logging.Handler):
    """What the exporters log, which is all that they say about a failure."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []
        self._logger = logging.getLogger("opentelemetry.exporter")
        self._propagated = True

    @property
    def text(self) -> str:
        # The last line may only say that it was tried often enough.
        count = 1 if self._lines and " code: " in self._lines[-1] else 2
        return "; ".join(self._lines[-count:]) or "no reason was given"

    def listen(self) -> None:
        # The caller of the export reports it once.
        self._propagated = self._logger.propagate
        self._logger.propagate = False
        self._logger.addHandler(self)

    def listen_no_more(self) -> None:
        if self in self._logger.handlers:
            self._logger.removeHandler(self)
            self._logger.propagate = self._propagated

    def forget(self) -> None:
        self._lines.clear()

    def add(self, text: str) -> None:
        self._lines.append(" ".join(text.split()).rstrip("."))

    def emit(self, record: logging.LogRecord) -> None:
        self.add(record.getMessage())


def _check_reachable(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if urllib.request.getproxies().get(parts.scheme) and not (
        urllib.request.proxy_bypass(host)
    ):
        # It is the proxy that has to be reached.
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((host, port), CHECK_TIMEOUT_S).close()
    except OSError as error:
        raise OutputError(
            f"--out opentelemetry: cannot reach {url}: {error.strerror or error}"
        ) from error


def _exporter(
    endpoint: Endpoint, timeout_s: float | None, points_maximum: int | None
) -> MetricExporter:
    if endpoint.protocol == GRPC:
        return GrpcExporter(
            endpoint=endpoint.url,
            insecure=endpoint.url.startswith("http:"),
            credentials=_credentials(endpoint),
            headers={name.lower(): value for name, value in endpoint.headers.items()},
            timeout=timeout_s,
            max_export_batch_size=points_maximum,
        )
    return HttpExporter(
        endpoint=endpoint.url,
        certificate_file=endpoint.authorities,
        client_certificate_file=endpoint.certificate,
        client_key_file=endpoint.key,
        headers=dict(endpoint.headers),
        timeout=timeout_s,
        session=_session(endpoint),
    )


def _credentials(endpoint: Endpoint) -> grpc.ChannelCredentials | None:
    if not (endpoint.authorities or endpoint.certificate):
        return None
    return grpc.ssl_channel_credentials(
        *(
            Path(path).read_bytes() if path else None
            for path in (endpoint.authorities, endpoint.key, endpoint.certificate)
        )
    )


class _Session(requests.Session):
    """
    A session that trusts whom it was told to.

    Of requests' own sessions, REQUESTS_CA_BUNDLE overrules what the exporter sets.
    """

    def __init__(self, *, trusted: str | bool) -> None:
        super().__init__()
        self._trusted = trusted
        if not trusted:
            # Users who ask for this need no warning at each request.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def request(self, *positional: Any, **named: Any) -> requests.Response:
        named["verify"] = self._trusted
        return super().request(*positional, **named)


def _session(endpoint: Endpoint) -> requests.Session | None:
    if not endpoint.verifies:
        return _Session(trusted=False)
    return _Session(trusted=endpoint.authorities) if endpoint.authorities else None
