"""
SignalR, in JSON or MessagePack.

Source:
    https://github.com/dotnet/aspnetcore, ``src/SignalR/docs/specs/HubProtocol.md``.
"""

from typing import ClassVar

import msgspec
from msgspec import Raw

from gharial.lenses.json_text import json_decoder
from gharial.lenses.lengths import read_length
from gharial.lenses.lens import Facts, Lens, Streams, UnreadableError
from gharial.lenses.names import method_name

_SEPARATOR = b"\x1e"
_INVOCATION, _ITEM, _COMPLETION, _STREAM, _CANCEL, _PING, _CLOSE = range(1, 8)
_LAST = 9
_HANDSHAKE = "handshake"


class _Handshake(msgspec.Struct):
    protocol: str = ""
    error: str | None = None


class _Message(msgspec.Struct):
    type: int
    invocation_id: str | None = msgspec.field(name="invocationId", default=None)
    target: str = ""
    error: str | None = None


class SignalRLens(Lens):
    """Reads the handshake, invocations, streams, completions and the server's calls."""

    __slots__ = ("_is_binary", "_is_greeted", "_is_open", "_streams")

    name: ClassVar[str] = "signalr"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        # Whether each side's first message, which is always JSON, has been read.
        self._is_greeted = False
        self._is_open = False
        self._is_binary = False
        self._streams = Streams(facts, self.exchanges)

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent."""
        if not self._is_greeted:
            greeting, payload = _first(payload)
            protocol = _handshake(greeting).protocol
            if not protocol:
                raise UnreadableError("the first message is not SignalR's handshake")
            self._is_greeted, self._is_binary = True, protocol != "json"
            self.exchanges.begin(_HANDSHAKE, _HANDSHAKE, at_s)
        for message in self._messages(payload):
            number = message.invocation_id
            if message.type in (_INVOCATION, _STREAM) and number is not None:
                self.exchanges.begin(number, method_name(message.target), at_s)
            elif message.type == _CANCEL and number is not None:
                self.exchanges.forget(number)
                self._streams.forget(number)

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came."""
        if not self._is_open:
            answer, payload = _first(payload)
            error = _handshake(answer).error
            self._is_open = True
            self.exchanges.end(_HANDSHAKE, at_s, failed=error is not None)
            if error is None:
                self.facts.ready(at_s)
            else:
                self.facts.error("handshake", at_s)
        for message in self._messages(payload):
            self._take(message, at_s)

    def closed(self, code: int, at_s: float) -> None:
        """Forget the streams, too."""
        self._streams.forget_all()
        super().closed(code, at_s)

    def _take(self, message: _Message, at_s: float) -> None:
        what, number = message.type, message.invocation_id
        if what == _INVOCATION:
            self.facts.pushed(method_name(message.target), at_s)
        elif what == _ITEM and number is not None:
            self._streams.item(number, at_s, unknown="(unknown)")
        elif what == _COMPLETION and number is not None:
            self._streams.forget(number)
            self.exchanges.end(number, at_s, failed=message.error is not None)
            if message.error is not None:
                self.facts.error("completion", at_s)
        elif what == _CLOSE and message.error is not None:
            self.facts.error("close", at_s)

    def _messages(self, payload: bytes) -> list[_Message]:
        if self._is_binary:
            return [_from_binary(each) for each in _binary_messages(payload)]
        *whole, rest = payload.split(_SEPARATOR)
        if rest:
            raise UnreadableError("a message of SignalR has no end")
        return [_checked(_from_json(each)) for each in whole]


_handshake = json_decoder(_Handshake, "SignalR")
_from_json = json_decoder(_Message, "SignalR")
_as_array = msgspec.msgpack.Decoder(list[Raw])
_as_number = msgspec.msgpack.Decoder(int)
_as_string = msgspec.msgpack.Decoder(str | None)


def _first(payload: bytes) -> tuple[bytes, bytes]:
    """Return a handshake, and what follows it in the same message."""
    first, separator, rest = payload.partition(_SEPARATOR)
    if not separator:
        raise UnreadableError("the first message is not SignalR's handshake")
    return first, rest


def _checked(message: _Message) -> _Message:
    if not 0 < message.type <= _LAST:
        raise UnreadableError("a message is not of SignalR")
    return message


def _binary_messages(payload: bytes) -> list[bytes]:
    """Return messages that each have their length in front, 7 bits a byte."""
    messages, at = [], 0
    while at < len(payload):
        size, at = read_length(payload, at, protocol="SignalR", maximum_bytes=5)
        if size is None or at + size > len(payload):
            raise UnreadableError("a message of SignalR is cut off")
        messages.append(payload[at : at + size])
        at += size
    return messages


def _from_binary(packed: bytes) -> _Message:
    """Return a message out of its array; arguments and results stay as they are."""
    try:
        items = _as_array.decode(packed)
        message = _checked(_Message(_as_number.decode(items[0])))
        if message.type in (_INVOCATION, _STREAM):
            message.invocation_id = _as_string.decode(items[2])
            message.target = _as_string.decode(items[3]) or ""
        elif message.type in (_ITEM, _COMPLETION, _CANCEL):
            message.invocation_id = _as_string.decode(items[2])
            # The kind of a result: 1 is an error.
            if message.type == _COMPLETION and _as_number.decode(items[3]) == 1:
                message.error = "error"
        elif message.type == _CLOSE:
            message.error = _as_string.decode(items[1])
    except (msgspec.MsgspecError, IndexError, UnicodeDecodeError, RecursionError):
        raise UnreadableError("a message is not of SignalR in MessagePack") from None
    return message
