"""
The metrics that every run has: one row each, and all that is said of one follows from it.

Registry, summary, comparison, reference, outputs and page take a metric's facts from here;
charts and tiles of the page stand in the order of the rows.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, ParamSpec

from gharial.metrics import charts
from gharial.metrics.charts import Line, Tile, Value
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.metrics.row import Heading, Row, Worse

_Facts = ParamSpec("_Facts")
_rows: dict[str, Row] = {}

VU_TAGS: Final = ("scenario", "group")
"""Tags of what a virtual user does, next to those that the user set."""

SOCKET_TAGS: Final = (*VU_TAGS, "url", "name", "status", "subproto")
"""Tags of what a socket does; ``status`` and ``subproto`` if the server answered."""

LENS_TAGS: Final = (*SOCKET_TAGS, "protocol", "operation")
"""Tags of what a lens reads on a socket."""

ATTEMPT_TAGS: Final = (*SOCKET_TAGS, "error", "error_code")
"""Tags of an attempt to connect; the last two if it failed."""

HTTP_TAGS: Final = (
    *(*VU_TAGS, "url", "name", "method", "status", "proto", "tls_version"),
    *("error", "error_code", "expected_response"),
)
"""Tags of what an HTTP request does; each where it is known."""


def _adding(make: Callable[_Facts, Row]) -> Callable[_Facts, Metric]:
    def add(*args: _Facts.args, **kwargs: _Facts.kwargs) -> Metric:
        row = make(*args, **kwargs)
        _rows[row.metric.name] = row
        return row.metric

    return add


_row = _adding(Row)

# -- The rows -------------------------------------------------------------------------

VUS: Final = _row(
    metric=Metric("vus", MetricType.GAUGE, is_summed=True),
    text="Virtual users that are running iterations.",
    heading=Heading.EXECUTION,
    is_of_k6=True,
    lines=(Line(charts.USERS, Value.GAUGE, "virtual users"),),
    tile=Tile("Virtual users", Value.GAUGE),
)

VUS_MAX: Final = _row(
    metric=Metric("vus_max", MetricType.GAUGE, is_summed=True),
    text="Virtual users that have been made ready.",
    heading=Heading.EXECUTION,
    is_of_k6=True,
)

WS_OPEN: Final = _row(
    metric=Metric("ws_open", MetricType.GAUGE, is_summed=True),
    text="WebSockets that are open.",
    lines=(Line(charts.USERS, Value.GAUGE, "open sockets"),),
    tile=Tile("Open sockets", Value.GAUGE),
)

WS_SESSIONS: Final = _row(
    metric=Metric("ws_sessions", MetricType.COUNTER),
    text="Attempts to open a WebSocket, failed ones too.",
    tags=ATTEMPT_TAGS,
    is_of_k6=True,
    worse=Worse.LOWER,
    lines=(Line(charts.CONNECTIONS, Value.RATE, "attempts"),),
    tile=Tile("Connections", Value.RATE),
)

WS_MSGS_SENT: Final = _row(
    metric=Metric("ws_msgs_sent", MetricType.COUNTER),
    text="Data messages sent.",
    tags=SOCKET_TAGS,
    is_of_k6=True,
    worse=Worse.LOWER,
    lines=(Line(charts.MESSAGES, Value.RATE, "sent"),),
    tile=Tile("Messages sent", Value.RATE),
)

WS_MSGS_RECEIVED: Final = _row(
    metric=Metric("ws_msgs_received", MetricType.COUNTER),
    text="Data messages received.",
    tags=SOCKET_TAGS,
    is_of_k6=True,
    worse=Worse.LOWER,
    lines=(Line(charts.MESSAGES, Value.RATE, "received"),),
    tile=Tile("Messages received", Value.RATE),
)

DATA_SENT: Final = _row(
    metric=Metric("data_sent", MetricType.COUNTER, Contains.DATA),
    text="Bytes written to sockets: upgrade requests, frames and their headers.",
    heading=Heading.NETWORK,
    tags=VU_TAGS,
    is_of_k6=True,
    lines=(Line(charts.BYTES, Value.RATE, "sent"),),
)

DATA_RECEIVED: Final = _row(
    metric=Metric("data_received", MetricType.COUNTER, Contains.DATA),
    text="Bytes read from sockets: upgrade answers, frames and their headers.",
    heading=Heading.NETWORK,
    tags=VU_TAGS,
    is_of_k6=True,
    lines=(Line(charts.BYTES, Value.RATE, "received"),),
    tile=Tile("Bytes received", Value.RATE),
)

WS_REQ_DURATION: Final = _row(
    metric=Metric("ws_req_duration", MetricType.TREND, Contains.TIME),
    text="Time from a request over a socket to the message that answers it.",
    tags=LENS_TAGS,
    worse=Worse.HIGHER,
    kind_tag="name",
    lines=(Line(charts.REQUEST_LATENCY, Value.PERCENTILES),),
    tile=Tile("Request p95", Value.P95),
)

WS_REQ_FAILED: Final = _row(
    metric=Metric("ws_req_failed", MetricType.RATE),
    text="Share of requests over sockets that were not answered, or by an error.",
    tags=LENS_TAGS,
    worse=Worse.HIGHER,
    lines=(
        Line(charts.REQUESTS, Value.FAILED, "answered"),
        Line(charts.REQUESTS, Value.PASSED, "not answered"),
    ),
)

WS_EVENTS: Final = _row(
    metric=Metric("ws_events", MetricType.COUNTER),
    text="Messages that the server pushed, as a lens read them.",
    tags=LENS_TAGS,
    kind_tag="operation",
)

WS_EVENT_INTERVAL: Final = _row(
    metric=Metric("ws_event_interval", MetricType.TREND, Contains.TIME),
    text="Time between two items of one subscription or stream, as a lens read them.",
    tags=LENS_TAGS,
    is_detail=True,
    worse=Worse.HIGHER,
)

WS_PROTOCOL_ERRORS: Final = _row(
    metric=Metric("ws_protocol_errors", MetricType.COUNTER),
    text="Errors that servers reported in their protocol's own way, by its code.",
    tags=(*SOCKET_TAGS, "protocol", "code"),
    worse=Worse.HIGHER,
    kind_tag="code",
    is_sum_of_kinds=True,
)

WS_READY: Final = _row(
    metric=Metric("ws_ready", MetricType.TREND, Contains.TIME),
    text="Time from an open WebSocket until its protocol says that it can be used.",
    tags=(*SOCKET_TAGS, "protocol"),
    worse=Worse.HIGHER,
)

WS_CONNECTING: Final = _row(
    metric=Metric("ws_connecting", MetricType.TREND, Contains.TIME),
    text="Time of an attempt to open a WebSocket: DNS, TCP, TLS and upgrade together.",
    tags=ATTEMPT_TAGS,
    is_of_k6=True,
    worse=Worse.HIGHER,
    lines=(Line(charts.CONNECTING, Value.PERCENTILES),),
    tile=Tile("Connecting p95", Value.P95),
)

WS_DNS: Final = _row(
    metric=Metric("ws_dns", MetricType.TREND, Contains.TIME),
    text="Time for resolving the host's name.",
    tags=SOCKET_TAGS,
    is_detail=True,
    worse=Worse.HIGHER,
    lines=(Line(charts.PHASES, Value.AVERAGE, "DNS"),),
)

WS_TCP: Final = _row(
    metric=Metric("ws_tcp", MetricType.TREND, Contains.TIME),
    text="Time for the TCP connection.",
    tags=SOCKET_TAGS,
    is_detail=True,
    worse=Worse.HIGHER,
    lines=(Line(charts.PHASES, Value.AVERAGE, "TCP"),),
)

WS_TLS: Final = _row(
    metric=Metric("ws_tls", MetricType.TREND, Contains.TIME),
    text="Time for the TLS handshake.",
    tags=SOCKET_TAGS,
    is_detail=True,
    worse=Worse.HIGHER,
    lines=(Line(charts.PHASES, Value.AVERAGE, "TLS"),),
)

WS_UPGRADE: Final = _row(
    metric=Metric("ws_upgrade", MetricType.TREND, Contains.TIME),
    text="Time from the upgrade request to the end of the answer's headers.",
    tags=SOCKET_TAGS,
    is_detail=True,
    worse=Worse.HIGHER,
    lines=(Line(charts.PHASES, Value.AVERAGE, "upgrade"),),
)

WS_SESSION_DURATION: Final = _row(
    metric=Metric("ws_session_duration", MetricType.TREND, Contains.TIME),
    text="Time from the start of connecting to the end of a WebSocket that had opened.",
    tags=SOCKET_TAGS,
    is_of_k6=True,
)

WS_PING: Final = _row(
    metric=Metric("ws_ping", MetricType.TREND, Contains.TIME),
    text="Time from a ping to the pong that answers it.",
    tags=SOCKET_TAGS,
    is_of_k6=True,
    worse=Worse.HIGHER,
    lines=(Line(charts.PINGS, Value.PERCENTILES),),
    tile=Tile("Ping p95", Value.P95),
)

WS_PINGS_LOST: Final = _row(
    metric=Metric("ws_pings_lost", MetricType.COUNTER),
    text="Pings that no pong, theirs or a later one, had answered when the socket ended.",
    tags=SOCKET_TAGS,
)

WS_ERRORS: Final = _row(
    metric=Metric("ws_errors", MetricType.COUNTER),
    text="WebSockets that failed, by reason.",
    tags=(
        *VU_TAGS,
        "url",
        "name",
        "status",
        "subproto",
        "error",
        "error_code",
        "reason",
    ),
    worse=Worse.HIGHER,
    kind_tag="reason",
    is_sum_of_kinds=True,
    lines=(
        Line(charts.CONNECTIONS, Value.RATE, "failures"),
        Line(charts.ERRORS, Value.RATE, kind_label="*"),
    ),
    tile=Tile("Errors", Value.TOTAL),
)

WS_CLOSE: Final = _row(
    metric=Metric("ws_close", MetricType.COUNTER),
    text="WebSockets that had opened and have ended, by close code.",
    tags=(*VU_TAGS, "url", "name", "status", "subproto", "code"),
    kind_tag="code",
    is_sum_of_kinds=True,
    lines=(Line(charts.CLOSE_CODES, Value.RATE, kind_label="*"),),
)

CHECKS: Final = _row(
    metric=Metric("checks", MetricType.RATE),
    text="Share of checks that passed.",
    heading=Heading.CHECKS,
    tags=(*VU_TAGS, "check"),
    is_of_k6=True,
    worse=Worse.LOWER,
    kind_tag="check",
    lines=(Line(charts.CHECKS, Value.SHARE, kind_label="*"),),
    tile=Tile("Checks passed", Value.SHARE),
)

ITERATIONS: Final = _row(
    metric=Metric("iterations", MetricType.COUNTER),
    text="Iterations that came to their end, also those that threw.",
    heading=Heading.EXECUTION,
    tags=VU_TAGS,
    is_of_k6=True,
    worse=Worse.LOWER,
    kind_tag="scenario",
    lines=(Line(charts.ITERATIONS, Value.RATE, "completed", kind_label="*"),),
    tile=Tile("Iterations", Value.TOTAL),
)

ITERATIONS_FAILED: Final = _row(
    metric=Metric("iterations_failed", MetricType.COUNTER),
    text="Iterations that came to their end because they threw, by the exception's kind.",
    heading=Heading.EXECUTION,
    tags=(*VU_TAGS, "kind"),
    worse=Worse.HIGHER,
    kind_tag="kind",
    is_sum_of_kinds=True,
    lines=(Line(charts.ITERATIONS, Value.RATE, "failed"),),
)

DROPPED_ITERATIONS: Final = _row(
    metric=Metric("dropped_iterations", MetricType.COUNTER),
    text="Iterations that should have started, but found no free virtual user or no time.",
    heading=Heading.EXECUTION,
    tags=("scenario",),
    is_of_k6=True,
    worse=Worse.HIGHER,
    kind_tag="scenario",
    lines=(Line(charts.ITERATIONS, Value.RATE, "dropped"),),
)

ITERATION_DURATION: Final = _row(
    metric=Metric("iteration_duration", MetricType.TREND, Contains.TIME),
    text="Time that one iteration took, until its last socket and timer were gone.",
    heading=Heading.EXECUTION,
    tags=VU_TAGS,
    is_of_k6=True,
    worse=Worse.HIGHER,
    lines=(Line(charts.ITERATION_DURATION, Value.PERCENTILES),),
)

GROUP_DURATION: Final = _row(
    metric=Metric("group_duration", MetricType.TREND, Contains.TIME),
    text="Time that one call of group() took.",
    heading=Heading.EXECUTION,
    tags=VU_TAGS,
    is_of_k6=True,
    is_detail=True,
    worse=Worse.HIGHER,
)

WS_MSG_SIZE_SENT: Final = _row(
    metric=Metric("ws_msg_size_sent", MetricType.TREND, Contains.DATA),
    text="Payload size of a data message sent.",
    tags=SOCKET_TAGS,
    is_detail=True,
    lines=(Line(charts.SIZES, Value.AVERAGE, "sent"),),
)

WS_MSG_SIZE_RECEIVED: Final = _row(
    metric=Metric("ws_msg_size_received", MetricType.TREND, Contains.DATA),
    text="Payload size of a data message received.",
    tags=SOCKET_TAGS,
    is_detail=True,
    lines=(Line(charts.SIZES, Value.AVERAGE, "received"),),
)

HTTP_REQS: Final = _row(
    metric=Metric("http_reqs", MetricType.COUNTER),
    text="HTTP requests, redirects and failed ones too.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    worse=Worse.LOWER,
    lines=(Line(charts.HTTP, Value.RATE, "requests"),),
)

HTTP_REQ_DURATION: Final = _row(
    metric=Metric("http_req_duration", MetricType.TREND, Contains.TIME),
    text="Time for sending an HTTP request, waiting and receiving together.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    worse=Worse.HIGHER,
    lines=(Line(charts.HTTP_DURATION, Value.PERCENTILES),),
)

HTTP_REQ_FAILED: Final = _row(
    metric=Metric("http_req_failed", MetricType.RATE),
    text="Share of HTTP requests with an unexpected answer.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    worse=Worse.HIGHER,
)

HTTP_REQ_BLOCKED: Final = _row(
    metric=Metric("http_req_blocked", MetricType.TREND, Contains.TIME),
    text="Time until an HTTP request had a connection or began to make one.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    is_detail=True,
    worse=Worse.HIGHER,
)

HTTP_REQ_CONNECTING: Final = _row(
    metric=Metric("http_req_connecting", MetricType.TREND, Contains.TIME),
    text="Time for the TCP connection, 0 if it was open.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    is_detail=True,
    worse=Worse.HIGHER,
)

HTTP_REQ_TLS_HANDSHAKING: Final = _row(
    metric=Metric("http_req_tls_handshaking", MetricType.TREND, Contains.TIME),
    text="Time for the TLS handshake, 0 if the connection was open.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    is_detail=True,
    worse=Worse.HIGHER,
)

HTTP_REQ_SENDING: Final = _row(
    metric=Metric("http_req_sending", MetricType.TREND, Contains.TIME),
    text="Time for writing an HTTP request.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    is_detail=True,
    worse=Worse.HIGHER,
)

HTTP_REQ_WAITING: Final = _row(
    metric=Metric("http_req_waiting", MetricType.TREND, Contains.TIME),
    text="Time from the end of an HTTP request to the start of its answer.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    is_detail=True,
    worse=Worse.HIGHER,
)

HTTP_REQ_RECEIVING: Final = _row(
    metric=Metric("http_req_receiving", MetricType.TREND, Contains.TIME),
    text="Time for reading an HTTP answer.",
    heading=Heading.HTTP,
    tags=HTTP_TAGS,
    is_of_k6=True,
    is_detail=True,
    worse=Worse.HIGHER,
)

WORKER_CPU: Final = _row(
    metric=Metric("worker_cpu", MetricType.GAUGE),
    text="CPU time of a worker's process in a second, as a percentage of one core.",
    heading=Heading.EXECUTION,
    tags=("worker",),
    worse=Worse.HIGHER,
    kind_tag="worker",
    lines=(Line(charts.WORKER_CPU, Value.GAUGE, kind_label="worker *"),),
)

VU_LOOP_LAG: Final = _row(
    metric=Metric("vu_loop_lag", MetricType.TREND, Contains.TIME),
    text="How late a worker's event loop turns to what is due; asked every 20 ms.",
    heading=Heading.EXECUTION,
    tags=("worker",),
    worse=Worse.HIGHER,
    kind_tag="worker",
    lines=(Line(charts.LOOP_LAG, Value.P99, kind_label="worker *"),),
)


BUILTIN: Final[Mapping[str, Row]] = MappingProxyType(_rows)
"""All built-in metrics, by name, in the order of their rows."""


def metrics_by_name(own: Iterable[Metric] = ()) -> dict[str, Metric]:
    """Return all built-in metrics, and a script's own, which win, by name."""
    metrics = {name: row.metric for name, row in BUILTIN.items()}
    return metrics | {metric.name: metric for metric in own}


def row_of(metric: Metric) -> Row | None:
    """Return what is known of a metric, None if a script made it."""
    return None if metric.is_custom else BUILTIN.get(metric.name)


def description_of(metric: Metric) -> str:
    """Return what a metric means, empty if a script made it."""
    row = row_of(metric)
    return row.text if row else ""


def is_ours(name: str, type: MetricType, contains: Contains) -> bool:  # noqa: A002 - the word that users know it by
    """Return whether a metric that is known by these alone may be a built-in one."""
    row = BUILTIN.get(name)
    return row is not None and (type, contains) == (
        row.metric.type,
        row.metric.contains,
    )
