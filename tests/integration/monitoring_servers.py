"""Peers of outputs that monitor a run: a real Prometheus, receivers of OTLP."""

import json
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest
from free_ports import free_port
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as service
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2_grpc as service_grpc,
)
from safety_net import LIMIT_S

from gharial.servers.certificates import Certificates

PROGRAM = shutil.which("prometheus")

needs_prometheus = pytest.mark.skipif(
    PROGRAM is None, reason="the program 'prometheus' is not on the PATH"
)


class Prometheus:
    def __init__(self, url: str) -> None:
        self.url = url
        self.write_url = f"{url}/api/v1/write"

    def get(self, path: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(
            f"{self.url}{path}?{query}", timeout=LIMIT_S
        ) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        found = self.get("/api/v1/query", query=expression)["result"]
        return [(each["metric"], float(each["value"][1])) for each in found]

    def number(self, expression: str) -> float:
        [(_, value)] = self.query(expression)
        return value

    def names(self) -> set[str]:
        return set(self.get("/api/v1/label/__name__/values"))


@contextmanager
def serving_prometheus(
    folder: Path, *flags: str, config: str = "global: {}\n"
) -> Iterator[Prometheus]:
    assert PROGRAM is not None
    (folder / "prometheus.yml").write_text(config)
    url = f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [
            PROGRAM,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={url.removeprefix('http://')}",
            "--log.level=error",
            *flags,
        ]
    )
    try:
        deadline_s = time.monotonic() + LIMIT_S
        while True:
            try:
                urllib.request.urlopen(f"{url}/-/ready", timeout=LIMIT_S).close()
                break
            except OSError:
                assert process.poll() is None, "prometheus ended"
                assert time.monotonic() < deadline_s, "prometheus does not get ready"
                time.sleep(0.1)
        yield Prometheus(url)
    finally:
        process.terminate()
        process.wait(LIMIT_S)


class Received:
    """What a receiver of OTLP got; of cumulative points the last ones count."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Any] = []
        self.headers: list[dict[str, str]] = []

    def points(self, name: str) -> list[Any]:
        """Return the last point of each series of a metric."""
        last: dict[tuple[tuple[str, str], ...], Any] = {}
        for metric in self._metrics():
            if metric.name == name:
                data = getattr(metric, metric.WhichOneof("data"))
                for point in data.data_points:
                    last[tuple(sorted(attributes(point).items()))] = point
        return list(last.values())

    def kinds(self) -> dict[str, str]:
        return {metric.name: metric.WhichOneof("data") for metric in self._metrics()}

    def units(self) -> dict[str, str]:
        return {metric.name: metric.unit for metric in self._metrics()}

    def resource(self) -> dict[str, str]:
        [resource] = {
            each.resource.SerializeToString()
            for request in self.requests
            for each in request.resource_metrics
        }
        parsed = type(self.requests[-1].resource_metrics[0].resource).FromString(
            resource
        )
        return attributes(parsed)

    def _metrics(self) -> Iterator[Any]:
        for request in self.requests:
            for of_resource in request.resource_metrics:
                for of_scope in of_resource.scope_metrics:
                    yield from of_scope.metrics


def attributes(point: Any) -> dict[str, str]:
    return {each.key: each.value.string_value for each in point.attributes}


@contextmanager
def receiving_grpc(tls: Certificates | None = None) -> Iterator[Received]:
    port = free_port()
    received = Received(f"http{'s' if tls else ''}://127.0.0.1:{port}")

    class Service(service_grpc.MetricsServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
            received.headers.append(dict(context.invocation_metadata()))
            received.requests.append(request)
            return service.ExportMetricsServiceResponse()

    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        service_grpc.add_MetricsServiceServicer_to_server(Service(), server)
        address = f"127.0.0.1:{port}"
        if tls is None:
            assert server.add_insecure_port(address) == port
        else:
            chain, key = tls.client_pem("127.0.0.1")
            pair = [(key.encode(), chain.encode())]
            credentials = grpc.ssl_server_credentials(pair)
            assert server.add_secure_port(address, credentials) == port
        server.start()
        try:
            yield received
        finally:
            server.stop(None).wait(LIMIT_S)


@contextmanager
def receiving_http(
    status: int = 200, tls: Certificates | None = None
) -> Iterator[Received]:
    received = Received("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.headers.append(
                {**{k.lower(): v for k, v in self.headers.items()}, ":path": self.path}
            )
            if status == 200:
                received.requests.append(
                    service.ExportMetricsServiceRequest.FromString(body)
                )
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    if tls is not None:
        context = tls.server_context()
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join(LIMIT_S)
