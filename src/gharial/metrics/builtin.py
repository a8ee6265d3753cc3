"""The metrics that every run has, each with what it means; the documentation lists them."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gharial.metrics.metric import Contains, Metric, MetricType

VUS: Final = Metric("vus", MetricType.GAUGE, is_summed=True)
VUS_MAX: Final = Metric("vus_max", MetricType.GAUGE, is_summed=True)
ITERATIONS: Final = Metric("iterations", MetricType.COUNTER)
ITERATIONS_FAILED: Final = Metric("iterations_failed", MetricType.COUNTER)
ITERATION_DURATION: Final = Metric(
    "iteration_duration", MetricType.TREND, Contains.TIME
)
DROPPED_ITERATIONS: Final = Metric("dropped_iterations", MetricType.COUNTER)
GROUP_DURATION: Final = Metric("group_duration", MetricType.TREND, Contains.TIME)
CHECKS: Final = Metric("checks", MetricType.RATE)
DATA_SENT: Final = Metric("data_sent", MetricType.COUNTER, Contains.DATA)
DATA_RECEIVED: Final = Metric("data_received", MetricType.COUNTER, Contains.DATA)
WS_SESSIONS: Final = Metric("ws_sessions", MetricType.COUNTER)
WS_CONNECTING: Final = Metric("ws_connecting", MetricType.TREND, Contains.TIME)
WS_SESSION_DURATION: Final = Metric(
    "ws_session_duration", MetricType.TREND, Contains.TIME
)
WS_MSGS_SENT: Final = Metric("ws_msgs_sent", MetricType.COUNTER)
WS_MSGS_RECEIVED: Final = Metric("ws_msgs_received", MetricType.COUNTER)
WS_PING: Final = Metric("ws_ping", MetricType.TREND, Contains.TIME)
WS_PINGS_LOST: Final = Metric("ws_pings_lost", MetricType.COUNTER)
WS_REQ_DURATION: Final = Metric("ws_req_duration", MetricType.TREND, Contains.TIME)
WS_REQ_FAILED: Final = Metric("ws_req_failed", MetricType.RATE)
WS_ERRORS: Final = Metric("ws_errors", MetricType.COUNTER)
WS_OPEN: Final = Metric("ws_open", MetricType.GAUGE, is_summed=True)
WS_CLOSE: Final = Metric("ws_close", MetricType.COUNTER)
WS_MSG_SIZE_SENT: Final = Metric("ws_msg_size_sent", MetricType.TREND, Contains.DATA)
WS_MSG_SIZE_RECEIVED: Final = Metric(
    "ws_msg_size_received", MetricType.TREND, Contains.DATA
)
WS_DNS: Final = Metric("ws_dns", MetricType.TREND, Contains.TIME)
WS_TCP: Final = Metric("ws_tcp", MetricType.TREND, Contains.TIME)
WS_TLS: Final = Metric("ws_tls", MetricType.TREND, Contains.TIME)
WS_UPGRADE: Final = Metric("ws_upgrade", MetricType.TREND, Contains.TIME)

VU_LOOP_LAG: Final = Metric("vu_loop_lag", MetricType.TREND, Contains.TIME)
WORKER_CPU: Final = Metric("worker_cpu", MetricType.GAUGE)

HTTP_REQS: Final = Metric("http_reqs", MetricType.COUNTER)
HTTP_REQ_DURATION: Final = Metric("http_req_duration", MetricType.TREND, Contains.TIME)
HTTP_REQ_BLOCKED: Final = Metric("http_req_blocked", MetricType.TREND, Contains.TIME)
HTTP_REQ_CONNECTING: Final = Metric(
    "http_req_connecting", MetricType.TREND, Contains.TIME
)
HTTP_REQ_TLS_HANDSHAKING: Final = Metric(
    "http_req_tls_handshaking", MetricType.TREND, Contains.TIME
)
HTTP_REQ_SENDING: Final = Metric("http_req_sending", MetricType.TREND, Contains.TIME)
HTTP_REQ_WAITING: Final = Metric("http_req_waiting", MetricType.TREND, Contains.TIME)
HTTP_REQ_RECEIVING: Final = Metric(
    "http_req_receiving", MetricType.TREND, Contains.TIME
)
HTTP_REQ_FAILED: Final = Metric("http_req_failed", MetricType.RATE)

K6_NAMES: Final = frozenset(
    metric.name
    for metric in (
        *(VUS, VUS_MAX, ITERATIONS, ITERATION_DURATION, DROPPED_ITERATIONS),
        *(GROUP_DURATION, CHECKS, DATA_SENT, DATA_RECEIVED, WS_SESSIONS),
        *(WS_CONNECTING, WS_SESSION_DURATION, WS_MSGS_SENT, WS_MSGS_RECEIVED),
        *(WS_PING, HTTP_REQS, HTTP_REQ_DURATION, HTTP_REQ_BLOCKED),
        *(HTTP_REQ_CONNECTING, HTTP_REQ_TLS_HANDSHAKING, HTTP_REQ_SENDING),
        *(HTTP_REQ_WAITING, HTTP_REQ_RECEIVING, HTTP_REQ_FAILED),
    )
)
"""Metrics that k6 has as well: no script can take these names for something else."""

VU_TAGS: Final = ("scenario", "group")
"""Tags of what a virtual user does, beside those that the user set."""

SOCKET_TAGS: Final = (*VU_TAGS, "url", "name", "status", "subproto")
"""Tags of what a socket does; ``status`` and ``subproto`` if the server answered."""

ATTEMPT_TAGS: Final = (*SOCKET_TAGS, "error", "error_code")
"""Tags of an attempt to connect; the last two if it failed."""

HTTP_TAGS: Final = (
    *(*VU_TAGS, "url", "name", "method", "status", "proto", "tls_version"),
    *("error", "error_code", "expected_response"),
)
"""Tags of what an HTTP request does; each where it is known."""


@dataclass(frozen=True, slots=True)
class Description:
    """
    What a built-in metric means.

    Attributes:
        metric: The metric.
        text: One sentence.
        tags: Names of the tags that its values carry by default.

    """

    metric: Metric
    text: str
    tags: tuple[str, ...] = ()


_DESCRIPTIONS = (
    Description(VUS, "Virtual users that are running iterations."),
    Description(VUS_MAX, "Virtual users that have been made ready."),
    Description(
        ITERATIONS,
        "Iterations that came to their end, also those that threw.",
        VU_TAGS,
    ),
    Description(
        ITERATIONS_FAILED,
        "Iterations that came to their end because they threw, by the exception's kind.",
        (*VU_TAGS, "kind"),
    ),
    Description(
        ITERATION_DURATION,
        "Time that one iteration took, until its last socket and timer were gone.",
        VU_TAGS,
    ),
    Description(
        DROPPED_ITERATIONS,
        "Iterations that should have started, but found no free virtual user or no time.",
        ("scenario",),
    ),
    Description(CHECKS, "Share of checks that passed.", (*VU_TAGS, "check")),
    Description(GROUP_DURATION, "Time that one call of group() took.", VU_TAGS),
    Description(
        DATA_SENT,
        "Bytes written to sockets: upgrade requests, frames and their headers.",
        VU_TAGS,
    ),
    Description(
        DATA_RECEIVED,
        "Bytes read from sockets: upgrade answers, frames and their headers.",
        VU_TAGS,
    ),
    Description(
        WS_SESSIONS, "Attempts to open a WebSocket, failed ones too.", ATTEMPT_TAGS
    ),
    Description(
        WS_CONNECTING,
        "Time of an attempt to open a WebSocket: DNS, TCP, TLS and upgrade together.",
        ATTEMPT_TAGS,
    ),
    Description(
        WS_SESSION_DURATION,
        "Time from the start of connecting to the end of a WebSocket that had opened.",
        SOCKET_TAGS,
    ),
    Description(WS_MSGS_SENT, "Data messages sent.", SOCKET_TAGS),
    Description(WS_MSGS_RECEIVED, "Data messages received.", SOCKET_TAGS),
    Description(WS_PING, "Time from a ping to the pong that answers it.", SOCKET_TAGS),
    Description(
        WS_PINGS_LOST,
        "Pings that neither their own pong nor a later one had answered when their socket "
        "ended.",
        SOCKET_TAGS,
    ),
    Description(
        WS_REQ_DURATION,
        "Time from a request over a socket to the message that answers it.",
        SOCKET_TAGS,
    ),
    Description(
        WS_REQ_FAILED,
        "Share of requests over sockets that were not answered.",
        SOCKET_TAGS,
    ),
    Description(
        WS_ERRORS,
        "WebSockets that failed, by reason.",
        (*ATTEMPT_TAGS, "reason"),
    ),
    Description(WS_OPEN, "WebSockets that are open."),
    Description(
        WS_CLOSE,
        "WebSockets that had opened and have ended, by close code.",
        (*SOCKET_TAGS, "code"),
    ),
    Description(WS_MSG_SIZE_SENT, "Payload size of a data message sent.", SOCKET_TAGS),
    Description(
        WS_MSG_SIZE_RECEIVED, "Payload size of a data message received.", SOCKET_TAGS
    ),
    Description(WS_DNS, "Time for resolving the host's name.", SOCKET_TAGS),
    Description(WS_TCP, "Time for the TCP connection.", SOCKET_TAGS),
    Description(WS_TLS, "Time for the TLS handshake.", SOCKET_TAGS),
    Description(
        WS_UPGRADE,
        "Time from the upgrade request to the end of the answer's headers.",
        SOCKET_TAGS,
    ),
    Description(
        VU_LOOP_LAG,
        "How late a worker's event loop turns to what is due; asked every 20 ms.",
        ("worker",),
    ),
    Description(
        WORKER_CPU,
        "CPU time of a worker's process in a second, as a percentage of one core.",
        ("worker",),
    ),
    Description(HTTP_REQS, "HTTP requests, redirects and failed ones too.", HTTP_TAGS),
    Description(
        HTTP_REQ_DURATION,
        "Time for sending an HTTP request, waiting and receiving together.",
        HTTP_TAGS,
    ),
    Description(
        HTTP_REQ_BLOCKED,
        "Time until an HTTP request had a connection or began to make one.",
        HTTP_TAGS,
    ),
    Description(
        HTTP_REQ_CONNECTING, "Time for the TCP connection, 0 if it was open.", HTTP_TAGS
    ),
    Description(
        HTTP_REQ_TLS_HANDSHAKING,
        "Time for the TLS handshake, 0 if the connection was open.",
        HTTP_TAGS,
    ),
    Description(HTTP_REQ_SENDING, "Time for writing an HTTP request.", HTTP_TAGS),
    Description(
        HTTP_REQ_WAITING,
        "Time from the end of an HTTP request to the start of its answer.",
        HTTP_TAGS,
    ),
    Description(HTTP_REQ_RECEIVING, "Time for reading an HTTP answer.", HTTP_TAGS),
    Description(
        HTTP_REQ_FAILED, "Share of HTTP requests with an unexpected answer.", HTTP_TAGS
    ),
)

DESCRIPTIONS: Final = MappingProxyType(
    {description.metric.name: description for description in _DESCRIPTIONS}
)
"""What each built-in metric means, by name."""

BUILTIN_METRICS: Final = tuple(description.metric for description in _DESCRIPTIONS)
"""All built-in metrics."""


def description_of(metric: Metric) -> str:
    """Return what a metric means, empty if a script made it."""
    if metric.is_custom or metric.name not in DESCRIPTIONS:
        return ""
    return DESCRIPTIONS[metric.name].text


def is_ours(name: str, type: MetricType, contains: Contains) -> bool:  # noqa: A002 - the word that users know it by
    """Return whether a metric that is known by these alone may be a built-in one."""
    known = DESCRIPTIONS.get(name)
    return known is not None and (type, contains) == (
        known.metric.type,
        known.metric.contains,
    )
