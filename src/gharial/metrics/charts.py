"""What the page of the dashboard and the report shows of metrics, and its charts."""

from enum import StrEnum
from typing import Final

from gharial.lazy_dataclass import dataclass


class Value(StrEnum):
    """
    Which value of a metric the page shows.

    ``RATE``, ``PASSED`` and ``FAILED`` are per second; ``PERCENTILES`` are those that the
    reader chooses, a line each.
    """

    RATE = "rate"
    TOTAL = "total"
    GAUGE = "gauge"
    SHARE = "share"
    PASSED = "passed"
    FAILED = "failed"
    AVERAGE = "average"
    P95 = "p95"
    P99 = "p99"
    PERCENTILES = "percentiles"


@dataclass(frozen=True, slots=True)
class Chart:
    """
    A chart of the page.

    Attributes:
        id: Its name inside the page.
        title: What stands above it.
        note: What to know when reading it.
        unit: ``%`` if its values are percentages; else the metric's own unit.

    """

    id: str
    title: str
    note: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """
    What a chart shows of a metric.

    Attributes:
        chart: The chart; several metrics may share it.
        value: What of the metric.
        label: The line's name; percentiles have names of their own.
        kind_label: If given, each kind has a line of this name, ``*`` standing for the
            kind. With a label as well, that line takes the place of a single kind's.

    """

    chart: Chart
    value: Value
    label: str = ""
    kind_label: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """
    A number at the top of the page.

    Attributes:
        title: Its name.
        value: What of the metric.

    """

    title: str
    value: Value


USERS: Final = Chart("users", "Virtual users and open sockets")
CONNECTIONS: Final = Chart(
    "connections",
    "Connections and failures",
    "attempts to connect, sockets that failed",
)
MESSAGES: Final = Chart("messages", "Messages")
BYTES: Final = Chart("bytes", "Bytes on the wire")
REQUESTS: Final = Chart("requests-failed", "Requests")
PHASES: Final = Chart("phases", "Connecting by phase", "average of each phase")
ITERATIONS: Final = Chart("iterations", "Iterations")
SIZES: Final = Chart("sizes", "Message sizes", "average per second")
REQUEST_LATENCY: Final = Chart(
    "requests", "Request latency", "from a request on a socket to its answer"
)
CONNECTING: Final = Chart("connect", "Connecting", "DNS, TCP, TLS and upgrade together")
PINGS: Final = Chart("pings", "Pings", "from a ping to its pong")
ERRORS: Final = Chart("errors", "Errors by reason")
CLOSE_CODES: Final = Chart("codes", "Closed sockets by code")
CHECKS: Final = Chart("checks", "Checks", "share that passed")
ITERATION_DURATION: Final = Chart("iteration", "Iteration duration")
HTTP: Final = Chart("http", "HTTP requests")
HTTP_DURATION: Final = Chart("http-duration", "HTTP request duration")
WORKER_CPU: Final = Chart(
    "cpu",
    "Generator: CPU by worker",
    "share of one core; near 100% the generator itself is the bottleneck",
    unit="%",
)
LOOP_LAG: Final = Chart(
    "lag",
    "Generator: loop lag by worker",
    "p99 per second; with a high lag, load and handlers are late",
)
