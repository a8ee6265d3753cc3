"""
Turns facts of sockets into measurements: each is added at once to a sink with its tags.

A sink is looked up once per socket and set of tags; on the hot path there are only
additions.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gharial.lenses.lens import Facts
from gharial.metrics import builtin
from gharial.metrics.failures import REQUEST, SOCKET, Failed
from gharial.metrics.tags import TagSet
from gharial.net.failures import Failure, FailureReason
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.known_servers import too_big_hint, unanswered_ping_hint
from gharial.virtual_user.lens_instruments import LensInstruments
from gharial.virtual_user.socket_errors import error_tags
from gharial.websocket.observer import OpeningFacts


class SocketInstruments:
    """
    The observer of one socket: turns what it hears into measurements.

    ``url``, ``name``, ``status`` and ``subproto`` are known when the dial has ended; what
    is measured before that carries the tags of the virtual user only.

    Source:
        k6 v2.2, ``internal/js/modules/k6/websockets/websockets.go`` for the tags and for
        what is counted when.
    """

    __slots__ = (
        "_base_tags",
        "_data_received",
        "_data_sent",
        "_is_open",
        "_measurements",
        "_opened_at_s",
        "_protocol",
        "_server",
        "_sinks",
        "_started_at_s",
        "_system_tags",
        "_tags",
        "_url",
        "_vu_tags",
    )

    def __init__(
        self,
        measurements: Measurements,
        *,
        url: str,
        vu_tags: TagSet,
        socket_tags: TagSet,
        system_tags: frozenset[str],
    ) -> None:
        series = measurements.registry.series
        self._measurements = measurements
        self._url = url
        self._base_tags = socket_tags
        self._vu_tags = vu_tags
        self._system_tags = system_tags
        self._data_sent: Any = series(builtin.DATA_SENT, vu_tags)
        self._data_received: Any = series(builtin.DATA_RECEIVED, vu_tags)
        self._tags = socket_tags
        self._sinks: Any = None
        self._started_at_s = 0.0
        self._opened_at_s = 0.0
        # What a lens reads there; empty where there is none.
        self._protocol = ""
        self._server = ""
        self._is_open = False

    def opening_ended(self, facts: OpeningFacts) -> None:
        """Record the attempt, its phases and, if it failed, why."""
        self._started_at_s = facts.started_at_s
        self._opened_at_s = facts.ended_at_s
        self._server = facts.server
        tags = self._tags = self._base_tags.with_(self._tags_of(facts))
        connecting_s = facts.ended_at_s - facts.started_at_s
        record, series = self._measurements.record, self._measurements.registry.series
        record(series(builtin.WS_SESSIONS, tags), 1, facts.ended_at_s)
        for metric, phase_s in (
            (builtin.WS_CONNECTING, connecting_s),
            (builtin.WS_DNS, facts.dns_s),
            (builtin.WS_TCP, facts.tcp_s),
            (builtin.WS_TLS, facts.tls_s),
            (builtin.WS_UPGRADE, facts.upgrade_s),
        ):
            if phase_s is not None:
                record(series(metric, tags), phase_s * 1e3, facts.ended_at_s)
        self._data_sent.value += facts.sent_bytes
        self._data_received.value += facts.received_bytes
        if facts.failure is not None:
            self._count_failure(facts.failure, facts.ended_at_s)
            return
        self._sinks = self._measurements.socket_sinks(tags, self._vu_tags)
        self._sinks.users += 1
        self._is_open = True
        self._measurements.socket_opened(1)

    @property
    def count_sent(self) -> Callable[[int], None]:
        """What counts a message sent; there once the socket is open."""
        count: Callable[[int], None] = self._sinks.sent.count
        return count

    @property
    def count_received(self) -> Callable[[int, float], None]:
        """What counts a message received; there once the socket is open."""
        count: Callable[[int, float], None] = self._sinks.received.count_at
        return count

    def bytes_sent(self, wire_bytes: int) -> None:
        """Count bytes besides messages."""
        self._data_sent.value += wire_bytes

    def bytes_received(self, wire_bytes: int) -> None:
        """Count bytes besides messages."""
        self._data_received.value += wire_bytes

    def pong_matched(self, round_trip_s: float, at_s: float) -> None:
        """Record a round trip."""
        self._measurements.record(self._sinks.ping, round_trip_s * 1e3, at_s)

    def pings_lost(self, count: int, at_s: float) -> None:
        """Count pings that were not answered when the socket ended."""
        self._measurements.add(builtin.WS_PINGS_LOST, count, self._tags)

    def request_ended(self, duration_s: float | None, name: str) -> None:
        """Record a request over the socket; ``name`` stands for the socket's, if given."""
        tags = self._tags.with_({"name": name}) if name else self._tags
        if self._protocol:
            operations = self._measurements.registry.operations
            operation = operations.value(name or "request()")
            tags = tags.with_({"protocol": self._protocol, "operation": operation})
        add = self._measurements.add
        add(builtin.WS_REQ_FAILED, float(duration_s is None), tags)
        if duration_s is not None:
            add(builtin.WS_REQ_DURATION, duration_s * 1e3, tags)
            return
        self._measurements.keep(
            Failed(
                REQUEST,
                "unanswered",
                name=name or self._base_tags.get("name") or self._url,
                scenario=self._vu_tags.get("scenario") or "",
                url=self._url,
                text="the request was not answered",
            )
        )

    def lens_facts(self, protocol: str) -> Facts:
        """Return what records what a lens reads."""
        self._protocol = protocol
        tags = self._tags.with_({"protocol": protocol})
        return LensInstruments(self._measurements.lens_sinks(tags), self._opened_at_s)

    def failed(self, failure: Failure, at_s: float) -> None:
        """Count a failure after the socket had opened."""
        self._count_failure(failure, at_s)

    def closed(self, code: int, at_s: float) -> None:
        """Record the session's length and how it ended, also when it was cut off."""
        if not self._is_open:
            return
        self._is_open = False
        self._measurements.socket_opened(-1)
        sinks = self._sinks
        record = self._measurements.record
        record(sinks.session_duration, (at_s - self._started_at_s) * 1e3, at_s)
        counter = sinks.closed.get(code)
        if counter is None:
            counter = sinks.closed[code] = self._measurements.registry.series(
                builtin.WS_CLOSE, self._tags.with_({"code": str(code)})
            )
        record(counter, 1, at_s)
        sinks.users -= 1
        if self._tags.metadata:
            sinks.end(self._measurements.registry)

    def _count_failure(self, failure: Failure, at_s: float) -> None:
        tags = self._tags.with_(error_tags(failure, self._system_tags))
        if failure.reason is FailureReason.CLOSE_CODE:
            # Not in the tags, where sizes would make a series each.
            failure = replace(
                failure, message=f"{failure.message}{self._hint(failure)}"
            )
        self._measurements.failed(failure, tags)
        response = failure.response
        failed = Failed(
            SOCKET,
            failure.reason.value,
            0 if response is None else response.status,
            self._base_tags.get("name") or self._url,
            self._vu_tags.get("scenario") or "",
            self._url,
            failure.message,
            b"" if response is None else response.body,
        )
        self._measurements.keep(failed, at_s)

    def _hint(self, failure: Failure) -> str:
        """Return what is known of servers that end a socket like this."""
        if " 1009" in failure.message and self._sinks is not None:
            return too_big_hint(self._server, self._sinks.sent.largest())
        if "keepalive ping timeout" in failure.message:
            return unanswered_ping_hint(self._server)
        return ""

    def _tags_of(self, facts: OpeningFacts) -> dict[str, str]:
        wanted = self._system_tags
        tags: dict[str, str] = {}
        # k6 lets a name given by the script stand for the URL too, so that URLs with
        # unique parts do not make a series each.
        name = self._base_tags.get("name") or self._url
        if "url" in wanted:
            tags["url"] = name
        if "name" in wanted:
            tags["name"] = name
        if facts.status is not None:
            if "status" in wanted:
                tags["status"] = str(facts.status)
            if "subproto" in wanted:
                tags["subproto"] = facts.protocol
        if facts.ip and "ip" in wanted:
            tags["ip"] = facts.ip
        if facts.failure is not None:
            tags |= error_tags(facts.failure, wanted)
        return tags
