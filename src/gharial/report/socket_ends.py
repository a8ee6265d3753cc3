"""How the sockets of a run ended, in one line."""

from gharial.metrics import builtin
from gharial.metrics.sinks import CounterSink
from gharial.report.numbers import format_number
from gharial.report.run_report import RunReport

# RFC 6455 section 7.4.1 and the registry, in few words; others are shown as a number alone.
_NAMES = {
    "1000": "normal",
    "1001": "going away",
    "1002": "protocol error",
    "1003": "unsupported data",
    "1005": "no code",
    "1006": "lost",
    "1007": "invalid data",
    "1008": "policy",
    "1009": "too big",
    "1011": "server error",
    "1012": "restart",
    "1013": "try again",
}


def socket_ends(report: RunReport) -> str:
    """
    Return how many sockets ended with which close code; empty if there was no socket.

    Those that never opened, and those that were still open when the last measurement
    was taken, are listed as well, so that the numbers add up to all attempts.
    """
    attempts = _count(report, builtin.WS_SESSIONS.name)
    if not attempts:
        return ""
    closed = report.metric(builtin.WS_CLOSE.name)
    opened = report.metric(builtin.WS_OPEN.name)
    if any(each is not None and each.metric.is_custom for each in (closed, opened)):
        # The script took these names, so the ends were not counted.
        return ""
    breakdown = closed.breakdown if closed is not None else ()
    parts = []
    for _, code, count in breakdown:
        name = f" ({_NAMES[code]})" if code in _NAMES else ""
        parts.append(f"{format_number(count)} with {code}{name}")
    still_open = max(0.0, getattr(opened.sink, "value", 0.0)) if opened else 0.0
    never = attempts - sum(count for _, _, count in breakdown) - still_open
    if never > 0:
        parts.append(f"{format_number(never)} never opened")
    if still_open > 0:
        parts.append(f"{format_number(still_open)} still open")
    sockets = "socket" if attempts == 1 else "sockets"
    return f"{format_number(attempts)} {sockets} ended: {', '.join(parts)}"


def none_opened(report: RunReport) -> str:
    """Return a sentence if sockets were tried and not one ever opened; else nothing."""
    attempts = _count(report, builtin.WS_SESSIONS.name)
    closed, opened = (
        report.metric(each.name) for each in (builtin.WS_CLOSE, builtin.WS_OPEN)
    )
    if any(each is not None and each.metric.is_custom for each in (closed, opened)):
        return ""
    was_open = opened is not None and getattr(opened.sink, "maximum", 0.0) > 0
    if not attempts or was_open or _count(report, builtin.WS_CLOSE.name):
        return ""
    failed = report.metric(builtin.WS_ERRORS.name)
    kinds = failed.breakdown if failed is not None else ()
    reasons = ", ".join(
        f"{format_number(count)} {reason}" for _, reason, count in kinds
    )
    tried = "1 attempt" if attempts == 1 else f"{format_number(attempts)} attempts"
    return f"no socket ever opened in {tried}" + (f": {reasons}" if reasons else "")


def _count(report: RunReport, name: str) -> float:
    found = report.metric(name)
    if found is None or not isinstance(found.sink, CounterSink):
        return 0.0
    return found.sink.value
