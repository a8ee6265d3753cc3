"""A page of the totals for Prometheus to scrape, by its own client library."""

import threading
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import start_http_server
from prometheus_client.registry import Collector

from gharial.metrics.batch import Batch
from gharial.metrics.builtin import description_of
from gharial.metrics.metric import MetricType
from gharial.outputs.base import OutputError, RunEnd, RunFacts
from gharial.outputs.prometheus_names import Naming, labels_of
from gharial.outputs.totals import Totals
from gharial.servers.listening import address_of, listening_problem

LINGER_MAXIMUM_S: Final = 8.0
"""An output has 10 s for what is left at the end."""


class PrometheusPage(Collector):
    """
    Serves ``/metrics`` while a run goes on.

    Attributes:
        wants_samples: No.

    """

    wants_samples = False

    def __init__(
        self, address: tuple[str, int], naming: Naming, linger_s: float = 0.0
    ) -> None:
        """
        Take settings.

        Args:
            address: Where to listen: host and port.
            naming: What becomes of metrics.
            linger_s: How long to wait at the end for the page to be fetched once more.

        """
        self._address = address
        self._naming = naming
        self._linger_s = linger_s
        # Pages are made in threads of the server.
        self._lock = threading.Lock()
        self._totals = Totals(labels_of)
        self._has_ended = False
        self._last_fetched = threading.Event()

    def start(self, run: RunFacts) -> None:
        """
        Listen.

        Raises:
            OutputError: If that is not possible there.

        """
        host, port = self._address
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        try:
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as error:
            raise OutputError(
                f"--out prometheus: cannot listen on {address_of(host, port)}: "
                f"{listening_problem(error, 'listen=HOST:PORT')}"
            ) from error

    @property
    def port(self) -> int:
        """Where it listens, once it does."""
        return int(self._server.server_port)

    def write(self, batch: Batch) -> None:
        """Add what was measured."""
        with self._lock:
            self._totals.add(batch.delta)

    def stop(self, end: RunEnd) -> None:
        """Wait for the last fetch if that is wanted, and listen no more."""
        with self._lock:
            self._has_ended = True
        self._last_fetched.wait(self._linger_s)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: what there will be is not known before."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Yield all that the page shows."""
        with self._lock:
            families = self._families()
            if self._has_ended:
                self._last_fetched.set()
        return iter(families)

    def _families(self) -> list[Metric]:
        families: dict[str, Metric] = {}
        for metric, each_series in self._totals.series():
            text = description_of(metric)
            make = (
                CounterMetricFamily
                if metric.type is MetricType.COUNTER
                else GaugeMetricFamily
            )
            for labels, sink in each_series:
                for name, value in self._naming.numbers(metric, sink):
                    if name not in families:
                        families[name] = make(name, text)
                    families[name].add_sample(name, dict(labels), value)
        return list(families.values())
