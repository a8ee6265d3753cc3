"""
Socket.IO 5 on Engine.IO 4.

Source:
    https://github.com/socketio/socket.io-protocol (revision 5) and
    https://github.com/socketio/engine.io-protocol (revision 4).
"""

import re
from typing import ClassVar

from gharial.lenses.json_text import json_decoder
from gharial.lenses.lens import BINARY, Facts, Lens, UnreadableError
from gharial.lenses.names import method_name, topic_pattern

# What nearly all messages begin with: an event in the main namespace, without an id.
_PLAIN_EVENT = b'42["'
_PACKET = re.compile(rb"4([0-6])(?:(\d{1,4})-)?(?:(/[^,]*),?)?(\d{1,19})?", re.DOTALL)
_EVENT = re.compile(rb'\[\s*("(?:[^"\\]|\\.)*"|\d+)', re.DOTALL)
_CONNECT, _DISCONNECT, _EVENT_TYPE, _ACK, _CONNECT_ERROR = b"0", b"1", b"2", b"3", b"4"
_BINARY_EVENT, _BINARY_ACK = b"5", b"6"
# Distinct names kept as they came, so that they need not be decoded again.
_NAMES_MAXIMUM = 1_000


class SocketIoLens(Lens):
    """Reads Socket.IO: acknowledged events, pushed ones, namespaces, binary attachments."""

    __slots__ = ("_attachments", "_held", "_is_ready", "_names", "_sent_attachments")

    name: ClassVar[str] = "socketio"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._names: dict[bytes, str] = {}
        self._is_ready = False
        # Binary messages that still belong to what was sent, and to what came; with the
        # latter what that is.
        self._sent_attachments = 0
        self._attachments = 0
        self._held: tuple[bytes, bytes, bytes, str] | None = None

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent: only what will be answered matters."""
        if payload.startswith(_PLAIN_EVENT):
            return
        if kind == BINARY:
            self._sent_attachments = _one_less(self._sent_attachments)
            return
        first = payload[:1]
        if first != b"4":
            if payload == b"2probe":
                self.exchanges.begin("probe", "probe", at_s)
            elif first not in b"012356" or not first:
                raise UnreadableError("a message is not of Engine.IO 4")
            return
        packet, attachments, namespace, number, rest = _packet(payload)
        self._sent_attachments += attachments
        if packet == _CONNECT:
            self.exchanges.begin((_CONNECT, namespace), _in("connect", namespace), at_s)
        elif number and packet in (_EVENT_TYPE, _BINARY_EVENT):
            operation = self._operation(rest, namespace)
            self.exchanges.begin((namespace, number), operation, at_s)

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came."""
        if payload.startswith(_PLAIN_EVENT):
            end = payload.find(b'"', 4)
            operation = self._names.get(payload[4:end])
            if operation is not None:
                self.facts.pushed(operation, at_s)
                return
        if kind == BINARY:
            self._attachments = _one_less(self._attachments)
            if not self._attachments and self._held is not None:
                held, self._held = self._held, None
                self._take(*held, at_s)
            return
        first = payload[:1]
        if first != b"4":
            if payload == b"3probe":
                self.exchanges.end("probe", at_s)
            elif first not in b"012356" or not first:
                raise UnreadableError("a message is not of Engine.IO 4")
            return
        packet, attachments, namespace, number, rest = _packet(payload)
        operation = ""
        if packet in (_EVENT_TYPE, _BINARY_EVENT):
            operation = self._operation(rest, namespace)
        if attachments:
            self._attachments = attachments
            self._held = packet, namespace, number, operation
        else:
            self._take(packet, namespace, number, operation, at_s)

    def _take(
        self,
        packet: bytes,
        namespace: bytes,
        number: bytes,
        operation: str,
        at_s: float,
    ) -> None:
        """Take a packet that is there with all its attachments."""
        exchanges, facts = self.exchanges, self.facts
        if packet in (_ACK, _BINARY_ACK):
            exchanges.end((namespace, number), at_s)
        elif packet == _CONNECT:
            exchanges.end((_CONNECT, namespace), at_s)
            if not self._is_ready:
                self._is_ready = True
                facts.ready(at_s)
        elif packet == _CONNECT_ERROR:
            exchanges.end((_CONNECT, namespace), at_s, failed=True)
            facts.error("connect_error", at_s)
        elif packet == _DISCONNECT:
            facts.pushed(_in("disconnect", namespace), at_s)
        else:
            facts.pushed(operation, at_s)

    def _operation(self, rest: bytes, namespace: bytes) -> str:
        found = _EVENT.match(rest)
        if found is None:
            raise UnreadableError("an event of Socket.IO has no name")
        name = str(_name(found[1]))
        operation = _in(method_name(name), namespace)
        if (
            not namespace
            and len(self._names) < _NAMES_MAXIMUM
            and b"\\" not in found[1]
        ):
            self._names[found[1].strip(b'"')] = operation
        return operation


_name = json_decoder(str | int, "Socket.IO 5")


def _packet(payload: bytes) -> tuple[bytes, int, bytes, bytes, bytes]:
    """Return type, number of attachments, namespace, id and the rest of a packet."""
    found = _PACKET.match(payload)
    if found is None:
        raise UnreadableError("a message is not a packet of Socket.IO 5")
    packet, attachments, namespace, number = found.groups(b"")
    # Only the client's first packet has a query.
    namespace = namespace.partition(b"?")[0]
    if namespace == b"/":
        namespace = b""
    if not attachments and packet in (_BINARY_EVENT, _BINARY_ACK):
        raise UnreadableError("a binary packet of Socket.IO does not count its parts")
    return packet, int(attachments or 0), namespace, number, payload[found.end() :]


def _one_less(attachments: int) -> int:
    if not attachments:
        raise UnreadableError("a binary message belongs to no packet of Socket.IO")
    return attachments - 1


def _in(name: str, namespace: bytes) -> str:
    """Return a name with the namespace that it is in, unless that is the main one."""
    if not namespace:
        return name
    return f"{topic_pattern(namespace.decode('utf-8', 'replace'))} {name}"
