"""
The metrics that Gharial measures by itself.

Those of k6 keep k6's names, types and contents; ``DESCRIPTIONS`` says of each what it is
and marks our own.
"""

from gharial.metrics.metric import Contains, Metric, MetricType

_COUNTER, _GAUGE = MetricType.COUNTER, MetricType.GAUGE
_RATE, _TREND = MetricType.RATE, MetricType.TREND
_TIME, _DATA = Contains.TIME, Contains.DATA

VUS = Metric("vus", _GAUGE)
VUS_MAX = Metric("vus_max", _GAUGE)
ITERATIONS = Metric("iterations", _COUNTER)
ITERATION_DURATION = Metric("iteration_duration", _TREND, _TIME)
DROPPED_ITERATIONS = Metric("dropped_iterations", _COUNTER)
DATA_SENT = Metric("data_sent", _COUNTER, _DATA)
DATA_RECEIVED = Metric("data_received", _COUNTER, _DATA)
CHECKS = Metric("checks", _RATE)
GROUP_DURATION = Metric("group_duration", _TREND, _TIME)
WS_SESSIONS = Metric("ws_sessions", _COUNTER)
WS_CONNECTING = Metric("ws_connecting", _TREND, _TIME)
WS_SESSION_DURATION = Metric("ws_session_duration", _TREND, _TIME)
WS_MSGS_SENT = Metric("ws_msgs_sent", _COUNTER)
WS_MSGS_RECEIVED = Metric("ws_msgs_received", _COUNTER)
WS_PING = Metric("ws_ping", _TREND, _TIME)
WS_ERRORS = Metric("ws_errors", _COUNTER)
WS_OPEN = Metric("ws_open", _GAUGE)
WS_CLOSE = Metric("ws_close", _COUNTER)
WS_MSG_SIZE_SENT = Metric("ws_msg_size_sent", _TREND, _DATA)
WS_MSG_SIZE_RECEIVED = Metric("ws_msg_size_received", _TREND, _DATA)
WS_DNS = Metric("ws_dns", _TREND, _TIME)
WS_TCP = Metric("ws_tcp", _TREND, _TIME)
WS_TLS = Metric("ws_tls", _TREND, _TIME)
WS_UPGRADE = Metric("ws_upgrade", _TREND, _TIME)

_SOCKET_TAGS = "url, name, status, subproto, group, scenario, ip*, and the socket's own"
_VU_TAGS = "group, scenario, and the script's own"

# Metric -> what it is, and which tags it carries beside those of the run.
DESCRIPTIONS: dict[Metric, tuple[str, str]] = {
    VUS: ("Virtual users that are working for a scenario", "none"),
    VUS_MAX: ("Virtual users that exist", "none"),
    ITERATIONS: ("Iterations that came to their end, failed ones among them", _VU_TAGS),
    ITERATION_DURATION: ("Length of one whole iteration", _VU_TAGS),
    DROPPED_ITERATIONS: ("Iterations that were due and could not be begun", "scenario"),
    DATA_SENT: (
        "Bytes of WebSocket frames and upgrade requests sent, counted as they are sent "
        "(before TLS)",
        _VU_TAGS,
    ),
    DATA_RECEIVED: (
        "Bytes of WebSocket frames and upgrade answers received, counted as they come "
        "(after TLS)",
        _VU_TAGS,
    ),
    CHECKS: ("Share of checks that held", "check, " + _VU_TAGS),
    GROUP_DURATION: ("Length of one call of group()", _VU_TAGS),
    WS_SESSIONS: ("Attempts to open a socket, failed ones among them", _SOCKET_TAGS),
    WS_CONNECTING: (
        "Time to open a socket: name, TCP, TLS and upgrade; also of failed attempts",
        _SOCKET_TAGS,
    ),
    WS_SESSION_DURATION: (
        "Time from the beginning of the dial to the end of the socket, for every socket "
        "that opened, also one that was cut off",
        _SOCKET_TAGS,
    ),
    WS_MSGS_SENT: ("Data messages sent (no control frames)", _SOCKET_TAGS),
    WS_MSGS_RECEIVED: ("Data messages received", _SOCKET_TAGS),
    WS_PING: ("Round trip of a ping() and its pong, wire to wire", _SOCKET_TAGS),
    WS_ERRORS: ("Sockets that failed, by cause; not in k6", "reason, " + _SOCKET_TAGS),
    WS_OPEN: ("Sockets that are open; not in k6", "none"),
    WS_CLOSE: (
        "Sockets that ended, by the code of their close event; not in k6",
        "code, " + _SOCKET_TAGS,
    ),
    WS_MSG_SIZE_SENT: ("Payload of a message sent; not in k6", _SOCKET_TAGS),
    WS_MSG_SIZE_RECEIVED: ("Payload of a message received; not in k6", _SOCKET_TAGS),
    WS_DNS: (
        "Time to resolve the name, where it was not known; not in k6",
        _SOCKET_TAGS,
    ),
    WS_TCP: ("Time to connect TCP; not in k6", _SOCKET_TAGS),
    WS_TLS: ("Time for TLS's handshake; not in k6", _SOCKET_TAGS),
    WS_UPGRADE: (
        "Time from the upgrade request to the end of its answer; not in k6",
        _SOCKET_TAGS,
    ),
}

ALL = tuple(DESCRIPTIONS)
