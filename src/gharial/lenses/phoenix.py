"""
Phoenix channels, version 2 of the serializer.

Source:
    https://github.com/phoenixframework/phoenix: ``lib/phoenix/socket/serializers/
    v2_json_serializer.ex`` for both forms, ``assets/js/phoenix/channel.js`` for what is
    sent when.
"""

from typing import ClassVar

import msgspec
from msgspec import Raw

from gharial.lenses.json_text import json_decoder
from gharial.lenses.lens import BINARY, Facts, Lens, UnreadableError
from gharial.lenses.names import method_name, topic_pattern

_PUSH, _REPLY, _BROADCAST = 0, 1, 2
_OF_SERVER = frozenset({"phx_error", "phx_close"})


class _Reply(msgspec.Struct):
    status: str = "ok"


_Frame = tuple[str | None, str | None, str, str, Raw]


class PhoenixLens(Lens):
    """Reads joins, pushes and their replies, broadcasts and heartbeats."""

    __slots__ = ("_is_ready",)

    name: ClassVar[str] = "phoenix"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._is_ready = False

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent: everything with a reference is replied to."""
        if kind == BINARY:
            reference, topic, event = _binary_push(payload, references=2)
        else:
            _, reference, topic, event, _ = _frame(payload)
        if reference:
            self.exchanges.begin(reference, _operation(topic, event), at_s)

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came."""
        if kind == BINARY:
            self._take_binary(payload, at_s)
            return
        _, reference, topic, event, content = _frame(payload)
        if event == "phx_reply":
            self._take_reply(reference, _reply(content).status, at_s)
        elif event in _OF_SERVER:
            self.facts.error(event, at_s)
        else:
            self.facts.pushed(_operation(topic, event), at_s)

    def _take_reply(self, reference: str | None, status: str, at_s: float) -> None:
        is_good = status == "ok"
        operation = self.exchanges.operation(reference) or ""
        self.exchanges.end(reference, at_s, failed=not is_good)
        if not is_good:
            # Phoenix itself knows no other; a channel may reply with any word.
            self.facts.error("error" if status == "error" else "other", at_s)
        elif not self._is_ready and operation.startswith("phx_join"):
            self._is_ready = True
            self.facts.ready(at_s)

    def _take_binary(self, payload: bytes, at_s: float) -> None:
        if payload[:1] == b"\x01":
            # Its join's reference, its own, the topic, and the status.
            _, reference, _, status = _parts(payload, 4)
            self._take_reply(reference, status, at_s)
        elif payload[:1] == b"\x02":
            topic, event = _parts(payload, 2)
            self.facts.pushed(_operation(topic, event), at_s)
        else:
            _, topic, event = _binary_push(payload, references=1)
            self.facts.pushed(_operation(topic, event), at_s)


_frame = json_decoder(_Frame, "Phoenix's channels, version 2")
_reply = json_decoder(_Reply, "Phoenix's channels, version 2")


def _operation(topic: str, event: str) -> str:
    if topic == "phoenix":
        return method_name(event)
    return f"{method_name(event)} {topic_pattern(topic)}"


def _binary_push(payload: bytes, *, references: int) -> tuple[str, str, str]:
    """Return reference, topic and event of a push, which the client's have one more of."""
    if payload[:1] != b"\x00":
        raise UnreadableError(
            "a binary message is not of Phoenix's channels, version 2"
        )
    *given, topic, event = _parts(payload, references + 2)
    return given[-1], topic, event


def _parts(payload: bytes, count: int) -> list[str]:
    """Return strings whose lengths come first, a byte each, behind the kind."""
    lengths = payload[1 : 1 + count]
    at = 1 + count
    if len(lengths) < count or len(payload) < at + sum(lengths):
        raise UnreadableError("a binary message of Phoenix's channels is cut off")
    parts = []
    for length in lengths:
        parts.append(payload[at : at + length].decode("utf-8", "replace"))
        at += length
    return parts
