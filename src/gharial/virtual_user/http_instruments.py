"""Turns an HTTP exchange into measurements."""

from gharial.http.exchange import HttpExchange
from gharial.metrics import builtin
from gharial.metrics.failures import BODY_MAXIMUM, HTTP, Failed
from gharial.metrics.tags import TagSet
from gharial.virtual_user.instruments import Measurements


def record_exchange(
    exchange: HttpExchange,
    measurements: Measurements,
    *,
    vu_tags: TagSet,
    request_tags: TagSet,
    system_tags: frozenset[str],
    is_expected: bool | None,
) -> None:
    """
    Add what one exchange measured.

    Args:
        exchange: The exchange.
        measurements: Where to.
        vu_tags: Tags of the virtual user, for the bytes.
        request_tags: The same with those of the request, for the rest.
        system_tags: Names of the system tags to set.
        is_expected: Whether the answer is one that the script wants; None for no
            judgement.

    Source:
        k6 v2.2, ``lib/netext/httpext/transport.go`` and ``tracer.go``.

    """
    system = _system_tags(exchange, request_tags.get("name"), is_expected=is_expected)
    tags = request_tags.with_(
        {name: value for name, value in system.items() if name in system_tags}
    )
    timings = exchange.timings
    add = measurements.add
    add(builtin.HTTP_REQS, 1, tags)
    for metric, phase_s in (
        (builtin.HTTP_REQ_DURATION, timings.duration_s),
        (builtin.HTTP_REQ_BLOCKED, timings.blocked_s),
        (builtin.HTTP_REQ_CONNECTING, timings.connecting_s),
        (builtin.HTTP_REQ_TLS_HANDSHAKING, timings.tls_s),
        (builtin.HTTP_REQ_SENDING, timings.sending_s),
        (builtin.HTTP_REQ_WAITING, timings.waiting_s),
        (builtin.HTTP_REQ_RECEIVING, timings.receiving_s),
    ):
        add(metric, phase_s * 1e3, tags)
    if is_expected is not None:
        add(builtin.HTTP_REQ_FAILED, 0 if is_expected else 1, tags)
        if not is_expected:
            measurements.keep(_failed(exchange, request_tags))
    add(builtin.DATA_SENT, exchange.sent_bytes, vu_tags)
    add(builtin.DATA_RECEIVED, exchange.received_bytes, vu_tags)


def _failed(exchange: HttpExchange, tags: TagSet) -> Failed:
    url = exchange.written_url or exchange.url
    failure = exchange.failure
    return Failed(
        HTTP,
        "status" if failure is None else failure.message,
        exchange.status,
        tags.get("name") or url,
        tags.get("scenario") or "",
        url,
        (
            f"{exchange.method}: status {exchange.status} {exchange.reason}".strip()
            if failure is None
            else failure.detail
        ),
        exchange.body[:BODY_MAXIMUM],
    )


def _system_tags(
    exchange: HttpExchange, name: str | None, *, is_expected: bool | None
) -> dict[str, str]:
    # k6 lets a name given by the script stand for the URL too, so that URLs with unique
    # parts do not make a series each.
    shown = name or exchange.written_url or exchange.url
    tags = {
        "method": exchange.method,
        "url": shown,
        "name": shown,
        "status": str(exchange.status),
    }
    if exchange.version:
        tags["proto"] = exchange.version
    if exchange.tls_version:
        tags["tls_version"] = exchange.tls_version
    if exchange.remote_ip:
        tags["ip"] = exchange.remote_ip
    if exchange.error_code:
        tags["error_code"] = str(exchange.error_code)
    if exchange.failure is not None:
        tags["error"] = exchange.failure.message
    if is_expected is not None:
        tags["expected_response"] = "true" if is_expected else "false"
    return tags
