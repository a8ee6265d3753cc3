"""
``--out statsd``: sums of each second for StatsD, with tags for Datadog's agent.

The client is ``datadog``, whose DogStatsd packs many lines into a datagram and writes
tags as an agent wants them; without tags, what it sends is plain StatsD.

Source:
    The protocol: Etsy's StatsD, ``docs/metric_types.md``; Datadog's "DogStatsD datagram
    format". Settings: k6's extension ``xk6-output-statsd``.
"""

import logging
import math
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from datadog.dogstatsd.base import DogStatsd
from numpy.typing import NDArray

from gharial.lazy_dataclass import dataclass
from gharial.metrics.batch import Batch
from gharial.metrics.metric import Contains, Metric
from gharial.metrics.sinks import (
    CounterSink,
    GaugeSink,
    RateSink,
    Sink,
    TrendSink,
    combined,
)
from gharial.metrics.tags import TagSet
from gharial.outputs.arguments import from_environment, parse_settings
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts

DEFAULTS: Final = {
    "addr": "127.0.0.1:8125",
    "namespace": "gharial.",
    "enableTags": "false",
}

VARIABLES: Final = {
    "ADDR": "addr",
    "NAMESPACE": "namespace",
    "ENABLE_TAGS": "enableTags",
    "TAG_BLOCKLIST": "tagBlocklist",
}

LEFT_OUT: Final = "vu,iter,url"
"""Tags with too many values, which are not sent."""

VALUES_MAXIMUM: Final = 1_000
"""Values of a trend's series that are sent a second; more are sent in groups."""

DATAGRAM_BYTES: Final = 1_432
"""What fits into a packet of an Ethernet."""

LINES_AT_ONCE: Final = 500
"""Lines that are sent in one go, about 25 kB: receivers' buffers are small."""

NAP_S: Final = 1e-3
"""How long the receiver has until the next ones."""

SEND_LIMIT_S: Final = 1.0


def make(argument: str, environment: Mapping[str, str]) -> Output:
    """
    Return an output that sends to StatsD.

    Args:
        argument: ``host:port``, or settings: ``addr=host:port,enableTags=true``.
        environment: ``GHARIAL_STATSD_ADDR`` and others, see `VARIABLES`.

    Raises:
        OutputError: If a setting is wrong.

    """
    settings = {
        **DEFAULTS,
        "tagBlocklist": LEFT_OUT,
        **from_environment(environment, "STATSD_", VARIABLES),
        **parse_settings("statsd", argument, tuple(DEFAULTS), main="addr"),
    }
    truth = {"true": True, "1": True, "false": False, "0": False}
    if settings["enableTags"].lower() not in truth:
        raise OutputError(
            f"--out statsd: enableTags {settings['enableTags']!r} is neither true nor "
            "false"
        )
    has_tags = truth[settings["enableTags"].lower()]
    left_out = frozenset(settings["tagBlocklist"].split(",")) if has_tags else None
    return Statsd(*_address(settings["addr"]), settings["namespace"], left_out)


class Statsd:
    """Sums, last values and distributions of each second, in datagrams."""

    # A batch holds up to 8,192 values of each trend anyhow, and good groups of more.
    wants_samples = False

    def __init__(
        self, host: str, port: int, namespace: str, left_out: frozenset[str] | None
    ) -> None:
        """
        Take the settings.

        Args:
            host: Who takes the datagrams.
            port: The port there.
            namespace: What all names begin with.
            left_out: Tags that are not sent; None if none are.

        """
        self._host = host
        self._port = port
        self._namespace = namespace
        self._left_out = left_out
        self._client: _Client | None = None

    def start(self, run: RunFacts) -> None:
        """
        Find the host.

        Raises:
            OutputError: If it has no address.

        """
        try:
            socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise OutputError(
                f"--out statsd: there is no host {self._host!r}: {error.strerror}"
            ) from error
        # `write` reports once what it would log for each datagram.
        logging.getLogger("datadog.dogstatsd").setLevel(logging.CRITICAL)
        self._client = _Client(
            self._host,
            self._port,
            # Without a thread that flushes: `write` does.
            flush_interval=0,
            disable_buffering=False,
            max_buffer_len=DATAGRAM_BYTES,
            disable_telemetry=True,
            origin_detection_enabled=False,
            socket_timeout=SEND_LIMIT_S,
        )
        if self._left_out is None:
            # Datadog's own variables add some, which plain StatsD cannot read.
            self._client.constant_tags = []

    def write(self, batch: Batch) -> None:
        """
        Send what a batch measured.

        Raises:
            OutputError: If nothing listens there.

        """
        client = self._client
        if client is None:
            return
        made, has_sent = 0, True
        for metric, tags, sink in _grouped(batch, self._left_out):
            for line in lines_of(metric, sink, has_tags=self._left_out is not None):
                if not math.isfinite(line.value):
                    continue
                has_sent = client.line(self._namespace, line, tags) and has_sent
                made += 1
                if made % LINES_AT_ONCE == 0:
                    time.sleep(NAP_S)
        if not (client.flush() and has_sent):
            raise OutputError(
                f"nothing listens for datagrams at {self._host}:{self._port}"
            )

    def stop(self, end: RunEnd) -> None:
        """Let go of the socket."""
        if self._client is not None:
            self._client.close_socket()


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of StatsD, but for its tags.

    Attributes:
        name: The metric's name, without the namespace.
        kind: ``c``, ``g``, ``ms`` or ``h``.
        value: The number.
        rate: One in how many values it stands for: 0.1 for ten of them.

    """

    name: str
    kind: str
    value: float
    rate: float = 1


class _Client(DogStatsd):
    def line(self, namespace: str, line: Line, tags: list[str] | None) -> bool:
        # Its public methods take a rate as an order to roll dice; our values were
        # grouped already.
        value = int(line.value) if line.value.is_integer() else round(line.value, 6)
        return self._report(
            namespace + line.name, line.kind, value, tags, line.rate, sampling=False
        )


def lines_of(metric: Metric, sink: Sink, *, has_tags: bool) -> Iterator[Line]:
    """
    Yield the lines of StatsD for a series.

    Args:
        metric: The metric.
        sink: What was measured; it may be changed.
        has_tags: Whether the receiver is DogStatsD, which knows more than StatsD.

    """
    name = metric.name
    match sink:
        case CounterSink():
            yield Line(name, "c", float(sink.value))
        case RateSink():
            if sink.passes:
                yield Line(f"{name}.pass", "c", float(sink.passes))
            if sink.fails:
                yield Line(f"{name}.fail", "c", float(sink.fails))
        case GaugeSink():
            value = float(sink.value)
            if value < 0 and not has_tags:
                # A sign is a step for StatsD.
                yield Line(name, "g", 0.0)
            yield Line(name, "g", value)
        case TrendSink():
            is_time = metric.contains is Contains.TIME or not has_tags
            for value, count in weighted(sink):
                yield Line(name, "ms" if is_time else "h", value, 1 / count)


def weighted(sink: TrendSink) -> Iterator[tuple[float, int]]:
    """
    Yield a trend's values, each with how many it stands for.

    Up to `VALUES_MAXIMUM` each stands for itself. More are put in order and into groups
    of nearly the same size, of which the mean is given: so the count is right, the sum
    is as right as the trend knows it, percentiles are near, and the lowest and the
    highest stay what they are.

    Args:
        sink: The trend; it may be changed.

    """
    ordered = _ordered(sink)
    if len(ordered) <= VALUES_MAXIMUM:
        yield from ((value, 1) for value in ordered.tolist())
        return
    yield float(ordered[0]), 1
    for group in np.array_split(ordered[1:-1], VALUES_MAXIMUM - 2):
        yield float(group.mean()), len(group)
    yield float(ordered[-1]), 1


def _ordered(sink: TrendSink) -> NDArray[np.float64]:
    pending = sink.pending_values()
    if sink.histogram is None:
        return np.sort(pending)
    ranks = np.arange(sink.histogram.count)
    binned = np.clip(sink.histogram.ordered(ranks), sink.minimum, sink.maximum)
    ordered = np.sort(np.concatenate((binned, pending)))
    ordered[0], ordered[-1] = sink.minimum, sink.maximum
    return ordered


def _grouped(
    batch: Batch, left_out: frozenset[str] | None
) -> Iterator[tuple[Metric, list[str] | None, Sink]]:
    """Yield series by the tags that are sent; their sinks are copies."""
    groups: dict[tuple[Metric, tuple[str, ...]], list[Sink]] = {}
    for metric, tags, sink in batch.delta:
        groups.setdefault((metric, _tag_texts(tags, left_out)), []).append(sink)
    for (metric, texts), sinks in groups.items():
        yield metric, list(texts) or None, combined(metric, sinks)


def _tag_texts(tags: TagSet, left_out: frozenset[str] | None) -> tuple[str, ...]:
    if left_out is None:
        return ()
    return tuple(
        f"{name}:{value}" for name, value in tags if value and name not in left_out
    )


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536 or "/" in host:
        raise OutputError(
            f"--out statsd: {text!r} is not a valid address; write for example "
            "127.0.0.1:8125"
        )
    return host, int(port)
