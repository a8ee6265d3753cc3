"""Which metric stands under which heading of the summary: one table, no guessing."""

from typing import Final

from gharial.metrics import builtin
from gharial.metrics.metric import Metric

CUSTOM: Final = "CUSTOM"

SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "HTTP": (
        builtin.HTTP_REQ_BLOCKED.name,
        builtin.HTTP_REQ_CONNECTING.name,
        builtin.HTTP_REQ_DURATION.name,
        builtin.HTTP_REQ_FAILED.name,
        builtin.HTTP_REQ_RECEIVING.name,
        builtin.HTTP_REQ_SENDING.name,
        builtin.HTTP_REQ_TLS_HANDSHAKING.name,
        builtin.HTTP_REQ_WAITING.name,
        builtin.HTTP_REQS.name,
    ),
    "EXECUTION": (
        builtin.DROPPED_ITERATIONS.name,
        builtin.GROUP_DURATION.name,
        builtin.ITERATION_DURATION.name,
        builtin.ITERATIONS.name,
        builtin.ITERATIONS_FAILED.name,
        builtin.VU_LOOP_LAG.name,
        builtin.VUS.name,
        builtin.VUS_MAX.name,
        builtin.WORKER_CPU.name,
    ),
    "NETWORK": (builtin.DATA_RECEIVED.name, builtin.DATA_SENT.name),
    "WEBSOCKET": (
        builtin.WS_CLOSE.name,
        builtin.WS_CONNECTING.name,
        builtin.WS_DNS.name,
        builtin.WS_ERRORS.name,
        builtin.WS_MSG_SIZE_RECEIVED.name,
        builtin.WS_MSG_SIZE_SENT.name,
        builtin.WS_MSGS_RECEIVED.name,
        builtin.WS_MSGS_SENT.name,
        builtin.WS_OPEN.name,
        builtin.WS_PING.name,
        builtin.WS_PINGS_LOST.name,
        builtin.WS_REQ_DURATION.name,
        builtin.WS_REQ_FAILED.name,
        builtin.WS_SESSION_DURATION.name,
        builtin.WS_SESSIONS.name,
        builtin.WS_TCP.name,
        builtin.WS_TLS.name,
        builtin.WS_UPGRADE.name,
    ),
}
"""Headings after CUSTOM, in order; a metric that is not built in stands under CUSTOM."""

SHOWN_AS_CHECKS: Final = builtin.CHECKS.name
"""Has a section of its own."""

HIDDEN_IF_COMPACT: Final = frozenset(
    {
        builtin.GROUP_DURATION.name,
        builtin.HTTP_REQ_BLOCKED.name,
        builtin.HTTP_REQ_CONNECTING.name,
        builtin.HTTP_REQ_RECEIVING.name,
        builtin.HTTP_REQ_SENDING.name,
        builtin.HTTP_REQ_TLS_HANDSHAKING.name,
        builtin.HTTP_REQ_WAITING.name,
        builtin.WS_DNS.name,
        builtin.WS_TCP.name,
        builtin.WS_TLS.name,
        builtin.WS_UPGRADE.name,
        builtin.WS_MSG_SIZE_SENT.name,
        builtin.WS_MSG_SIZE_RECEIVED.name,
    }
)
"""Details, left out of the compact summary unless a threshold asks for them."""

UNREMARKABLE_KINDS: Final = frozenset({"1000", "1005"})
"""If these are the only kinds of a breakdown, the compact summary leaves it out."""

_HEADING_BY_NAME: Final = {
    name: heading for heading, names in SECTIONS.items() for name in names
}


def heading_of(metric: Metric) -> str:
    """Return the heading that a metric stands under."""
    return CUSTOM if metric.is_custom else _HEADING_BY_NAME.get(metric.name, CUSTOM)
