"""
GraphQL over WebSocket: the present protocol, and the one before it.

Source:
    https://github.com/enisdenjo/graphql-ws, PROTOCOL.md, for ``graphql-transport-ws``;
    https://github.com/apollographql/subscriptions-transport-ws, PROTOCOL.md, for
    ``graphql-ws``.
"""

import re
from typing import Any, ClassVar

import msgspec
from msgspec import Raw

from gharial.lenses.json_text import NOTHING, json_decoder
from gharial.lenses.lens import Facts, Lens, Streams, UnreadableError
from gharial.lenses.names import method_name

_OPERATION = re.compile(r"\b(?:query|mutation|subscription)\s+(\w+)")
_FIRST_FIELD = re.compile(r"\{\s*(?:\w+\s*:\s*)?(\w+)")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,40}")
_UNNAMED = "(unnamed)"
# What the server closes with where a client does not follow the protocol.
_FIRST_CODE, _LAST_CODE = 4_400, 4_499


class _Message(msgspec.Struct):
    type: str
    id: str | int | None = None
    payload: Raw = NOTHING


class _Request(msgspec.Struct):
    query: str | None = None
    operation_name: str | None = msgspec.field(name="operationName", default=None)


class _Result(msgspec.Struct):
    errors: Raw = NOTHING


class _Error(msgspec.Struct):
    extensions: Any = None


class _GraphQlLens(Lens):
    """What both protocols have in common."""

    __slots__ = ("_streams",)

    SUBSCRIBE: ClassVar[str]
    COMPLETES: ClassVar[str]
    NEXT: ClassVar[str]

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._streams = Streams(facts, self.exchanges)

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent."""
        message = _message(payload)
        what = message.type
        if what == self.SUBSCRIBE:
            if message.id is None or message.payload is NOTHING:
                raise UnreadableError(f"{what} has no id or no payload")
            operation = _operation(_request(message.payload))
            self.exchanges.begin(message.id, operation, at_s)
        elif what == "connection_init":
            self.exchanges.begin("connection_init", "connection_init", at_s)
        elif what == "ping":
            self.exchanges.begin("ping", "ping", at_s)
        elif what == self.COMPLETES and message.id is not None:
            # The client has heard enough.
            self.exchanges.forget(message.id)
            self._streams.forget(message.id)

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came."""
        message = _message(payload)
        what, key = message.type, message.id
        if what == self.NEXT and key is not None:
            self._take_result(key, message.payload, at_s)
        elif what == "complete" and key is not None:
            self.exchanges.end(key, at_s)
            self._streams.forget(key)
        elif what == "error":
            self._streams.forget(key)
            self.exchanges.end(key, at_s, failed=True)
            self.facts.error(_code(message.payload), at_s)
        elif what == "connection_ack":
            self.exchanges.end("connection_init", at_s)
            self.facts.ready(at_s)
        elif what == "connection_error":
            self.exchanges.end("connection_init", at_s, failed=True)
            self.facts.error("connection_error", at_s)
        elif what == "pong":
            self.exchanges.end("ping", at_s)

    def closed(self, code: int, at_s: float) -> None:
        """Count the close codes that the protocol has for errors, too."""
        if _FIRST_CODE <= code <= _LAST_CODE:
            self.facts.error(str(code), at_s)
        self._streams.forget_all()
        super().closed(code, at_s)

    def _take_result(self, key: str | int, payload: Raw, at_s: float) -> None:
        has_failed = b'"errors"' in bytes(payload)
        if has_failed:
            errors = _result(payload).errors
            has_failed = bytes(errors) not in (b"", b"null", b"[]")
            if has_failed:
                self.facts.error(_code(errors), at_s)
        self._streams.item(key, at_s, unknown=_UNNAMED, failed=has_failed)


class GraphQlTransportWsLens(_GraphQlLens):
    """Reads ``graphql-transport-ws``."""

    __slots__ = ()

    name: ClassVar[str] = "graphql-transport-ws"
    SUBSCRIBE, COMPLETES, NEXT = "subscribe", "complete", "next"


class GraphQlWsLens(_GraphQlLens):
    """Reads ``graphql-ws``, the protocol of ``subscriptions-transport-ws``."""

    __slots__ = ()

    name: ClassVar[str] = "graphql-ws"
    SUBSCRIBE, COMPLETES, NEXT = "start", "stop", "data"


_message = json_decoder(_Message, "GraphQL over WebSocket")
_request = json_decoder(_Request, "GraphQL over WebSocket")
_result = json_decoder(_Result, "GraphQL over WebSocket")
_errors = json_decoder(list[_Error] | _Error, "GraphQL over WebSocket")


def _operation(request: _Request) -> str:
    """Return an operation's name; without one, its first field."""
    if request.operation_name:
        return method_name(request.operation_name)
    for pattern in (_OPERATION, _FIRST_FIELD):
        found = pattern.search(request.query or "")
        if found is not None:
            return method_name(found[1])
    return _UNNAMED


def _code(payload: Raw) -> str:
    """Return the code in an error's extensions, where servers have one; else ``error``."""
    try:
        errors = _errors(payload)
    except UnreadableError:
        return "error"
    first = errors[0] if isinstance(errors, list) and errors else errors
    extensions = getattr(first, "extensions", None)
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "error"
