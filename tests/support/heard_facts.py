"""Keeps what a lens says, and plays dialogues to lenses."""

from collections.abc import Iterable
from typing import Any

from gharial.lenses.lens import BINARY, TEXT, Facts, Lens


class HeardFacts(Facts):
    """Keeps facts as tuples, with durations in whole milliseconds."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    def ended(
        self, operation: str, duration_s: float | None, at_s: float, *, failed: bool
    ) -> None:
        """Keep it."""
        duration_ms = None if duration_s is None else round(duration_s * 1e3)
        self.seen.append(("failed" if failed else "ended", operation, duration_ms))

    def pushed(self, operation: str, at_s: float) -> None:
        """Keep it."""
        self.seen.append(("pushed", operation))

    def interval(self, operation: str, duration_s: float, at_s: float) -> None:
        """Keep it."""
        self.seen.append(("interval", operation, round(duration_s * 1e3)))

    def error(self, code: str, at_s: float) -> None:
        """Keep it."""
        self.seen.append(("error", code))

    def ready(self, at_s: float) -> None:
        """Keep it."""
        self.seen.append(("ready", round(at_s * 1e3)))


def heard(
    kind: type[Lens], dialogue: Iterable[tuple[str, str | bytes]]
) -> list[tuple[Any, ...]]:
    """
    Return what a lens says of a dialogue, of which each message comes 10 ms after the last.

    Each is written as ``(">", text or bytes)`` if it was sent, with ``"<"`` if it came, and
    ``("x", code)`` for the end with a close code.
    """
    facts = HeardFacts()
    lens = kind(facts)
    for number, (way, message) in enumerate(dialogue):
        at_s = number * 0.01
        payload = message.encode() if isinstance(message, str) else message
        opcode = TEXT if isinstance(message, str) else BINARY
        if way == "x":
            lens.closed(int(message), at_s)
        elif way == ">":
            lens.sent(payload, opcode, at_s)
        else:
            lens.received(payload, opcode, at_s)
    return facts.seen
