"""
JSON-RPC 2.0.

Source:
    https://www.jsonrpc.org/specification.
"""

from typing import ClassVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from gharial.lenses.json_text import NOTHING, json_decoder
from gharial.lenses.lens import Lens, UnreadableError
from gharial.lenses.names import method_name

_Id = str | int | float | None


class _Message(msgspec.Struct):
    method: str | UnsetType = UNSET
    id: _Id | UnsetType = UNSET
    error: Raw = NOTHING
    result: Raw = NOTHING


class _Error(msgspec.Struct):
    code: int


class JsonRpcLens(Lens):
    """Reads calls and their answers, batches of them, and the server's notifications."""

    __slots__ = ()

    name: ClassVar[str] = "jsonrpc"

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent: calls, by their ids."""
        for message in _messages(payload):
            if message.method is not UNSET and message.id not in (UNSET, None):
                operation = method_name(message.method)
                self.exchanges.begin(message.id, operation, at_s)

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came: answers, notifications and calls of the server's."""
        for message in _messages(payload):
            if message.method is not UNSET:
                self.facts.pushed(method_name(message.method), at_s)
            elif bytes(message.error) not in (b"", b"null"):
                self.exchanges.end(message.id, at_s, failed=True)
                self.facts.error(str(_error(message.error).code), at_s)
            elif message.result is NOTHING:
                raise UnreadableError("a message has neither method, result nor error")
            else:
                self.exchanges.end(message.id, at_s)


_one = json_decoder(_Message, "JSON-RPC 2.0")
_several = json_decoder(list[_Message], "JSON-RPC 2.0")
_error = json_decoder(_Error, "JSON-RPC 2.0")


def _messages(payload: bytes) -> list[_Message]:
    if payload[:1] == b"[":
        batch: list[_Message] = _several(payload)
        return batch
    return [_one(payload)]
