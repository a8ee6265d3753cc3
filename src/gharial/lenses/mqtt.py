"""
MQTT 3.1.1 and 5.

Source:
    OASIS MQTT 5.0 (https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html) and 3.1.1;
    section 6.0 for WebSockets: packets need not begin where messages do.
"""

from functools import partial
from typing import ClassVar

from gharial.lenses.lengths import read_length
from gharial.lenses.lens import BINARY, Facts, Lens, UnreadableError
from gharial.lenses.names import topic_pattern

_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _PUBREC, _PUBREL, _PUBCOMP = range(1, 8)
_SUBSCRIBE, _SUBACK, _UNSUBSCRIBE, _UNSUBACK, _PINGREQ, _PINGRESP = range(8, 14)
_DISCONNECT, _AUTH = 14, 15
_NO_ALIAS = "(topic alias)"
# All of a packet that is looked at: the longest topic and what is in front of it.
KEPT_BYTES = 70_000
# 3.1, 3.1.1 and 5.
_VERSIONS = (3, 4, 5)


class Packets:
    """
    Cuts the bytes of one direction into packets.

    Of a long packet only the beginning is kept.
    """

    __slots__ = ("_begun", "_missing")

    def __init__(self) -> None:
        # A packet that has not come whole, and how many of its bytes are missing; None
        # where its length is not known yet.
        self._begun = b""
        self._missing: int | None = None

    def take(self, payload: bytes) -> list[tuple[int, bytes]]:
        """
        Return the first byte and the body's beginning of each packet that is whole now.

        Raises:
            UnreadableError: If a length is longer than four bytes, or the kind is none.

        """
        packets: list[tuple[int, bytes]] = []
        if self._missing is not None:
            used = min(self._missing, len(payload))
            room = max(0, KEPT_BYTES - len(self._begun))
            self._begun += payload[: min(used, room)]
            self._missing -= used
            if self._missing:
                return packets
            payload = payload[used:]
            packets.append(_split(self._begun))
            self._begun, self._missing = b"", None
        stream, at = self._begun + payload, 0
        self._begun = b""
        while at < len(stream):
            if stream[at] < 0x10:
                raise UnreadableError("a message is not of MQTT")
            size, body_at = _length(stream, at + 1)
            if size is None or body_at + size > len(stream):
                self._begun = stream[at : at + KEPT_BYTES]
                if size is not None:
                    self._missing = body_at + size - len(stream)
                break
            packets.append((stream[at], stream[body_at : body_at + size][:KEPT_BYTES]))
            at = body_at + size
        return packets


class MqttLens(Lens):
    """Reads connections, subscriptions, pings and publications of all qualities."""

    __slots__ = ("_from_server", "_to_server", "_version")

    name: ClassVar[str] = "mqtt"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._to_server = Packets()
        self._from_server = Packets()
        self._version = 4

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent."""
        if kind != BINARY:
            raise UnreadableError("MQTT is in binary messages only")
        begin = self.exchanges.begin
        for first, body in self._to_server.take(payload):
            what = first >> 4
            if what == _CONNECT:
                self._version = _version(body)
                begin(_CONNECT_KEY, "CONNECT", at_s)
            elif what == _PUBLISH:
                topic, number = _publication(first, body)
                if number is not None:
                    begin(number, f"PUBLISH {topic}", at_s)
            elif what in (_SUBSCRIBE, _UNSUBSCRIBE):
                name = "SUBSCRIBE" if what == _SUBSCRIBE else "UNSUBSCRIBE"
                begin(_number(body), f"{name} {self._filter(body)}", at_s)
            elif what == _PINGREQ:
                begin(_PING_KEY, "PINGREQ", at_s)

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came."""
        if kind != BINARY:
            raise UnreadableError("MQTT is in binary messages only")
        for first, body in self._from_server.take(payload):
            self._take(first, body, at_s)

    def _take(self, first: int, body: bytes, at_s: float) -> None:
        what = first >> 4
        if what == _PUBLISH:
            topic, _ = _publication(first, body)
            self.facts.pushed(topic, at_s)
        elif what in (_PUBACK, _PUBCOMP):
            self._answer(_number(body), body[2:3], at_s)
        elif what == _PUBREC:
            if body[2:3] >= b"\x80":
                # Then there is no second half of it.
                self._answer(_number(body), body[2:3], at_s)
        elif what in (_SUBACK, _UNSUBACK):
            number = _number(body)
            self._answer(number, self._worst(body), at_s)
        elif what == _CONNACK:
            self._take_connack(body, at_s)
        elif what == _PINGRESP:
            self.exchanges.end(_PING_KEY, at_s)
        elif what == _DISCONNECT and body[:1] >= b"\x80":
            self.facts.error(_code(body[0]), at_s)

    def _take_connack(self, body: bytes, at_s: float) -> None:
        reason = body[1:2]
        if not reason:
            raise UnreadableError("a CONNACK of MQTT is cut off")
        has_failed = reason != b"\0"
        self.exchanges.end(_CONNECT_KEY, at_s, failed=has_failed)
        if has_failed:
            self.facts.error(_code(reason[0]), at_s)
        else:
            self.facts.ready(at_s)

    def _answer(self, number: int, reason: bytes, at_s: float) -> None:
        has_failed = reason >= b"\x80"
        self.exchanges.end(number, at_s, failed=has_failed)
        if has_failed:
            self.facts.error(_code(reason[0]), at_s)

    def _worst(self, body: bytes) -> bytes:
        """Return the highest of a SUBACK's reasons, which are all of its payload."""
        reasons = body[self._properties_end(body) :]
        return bytes([max(reasons)]) if reasons else b""

    def _filter(self, body: bytes) -> str:
        """Return the pattern of the first topic filter."""
        topic, _ = _string(body, self._properties_end(body))
        return topic_pattern(topic)

    def _properties_end(self, body: bytes) -> int:
        """Return where what follows a packet's number and properties begins."""
        if self._version < 5:
            return 2
        size, at = _length(body, 2)
        return at + (size or 0)


_length = partial(read_length, protocol="MQTT", maximum_bytes=4)
# Packets' numbers are keys, and these are none.
_CONNECT_KEY, _PING_KEY = "CONNECT", "PINGREQ"


def _split(packet: bytes) -> tuple[int, bytes]:
    _, at = _length(packet, 1)
    return packet[0], packet[at:]


def _number(body: bytes, at: int = 0) -> int:
    if len(body) < at + 2:
        raise UnreadableError("a packet of MQTT is cut off")
    return int.from_bytes(body[at : at + 2], "big")


def _string(body: bytes, at: int) -> tuple[str, int]:
    size = _number(body, at)
    end = at + 2 + size
    if end > len(body):
        raise UnreadableError("a packet of MQTT is cut off")
    return body[at + 2 : end].decode("utf-8", "replace"), end


def _publication(first: int, body: bytes) -> tuple[str, int | None]:
    """Return a PUBLISH's topic pattern, and its number where it is acknowledged."""
    topic, end = _string(body, 0)
    number = _number(body, end) if first & 0b110 else None
    return topic_pattern(topic) if topic else _NO_ALIAS, number


def _version(connect: bytes) -> int:
    name, end = _string(connect, 0)
    version = connect[end] if end < len(connect) else 0
    if name not in ("MQTT", "MQIsdp") or version not in _VERSIONS:
        raise UnreadableError("a CONNECT is not of MQTT 3.1, 3.1.1 or 5")
    return version


def _code(reason: int) -> str:
    """Return a reason as the specification writes it."""
    return f"0x{reason:02X}"
