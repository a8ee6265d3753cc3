"""Logs the messages of some sockets, for debugging (``--ws-debug``)."""

from collections.abc import Callable
from typing import Any, cast

from gharial.net.frame_log import Write
from gharial.websocket.messages import MessageTaker
from gharial.websocket.wire.base import TakeMessage, Wire, WireEvents

SHOWN_CHARACTERS = 200


def logged_wire(wire: Wire, write: Write) -> Wire:
    """Return a wire that does the same, and writes down what it sends."""
    return cast("Wire", _LoggedWire(wire, write))


class _LoggedWire:
    """Writes down what it sends; all else is the real wire's."""

    plain_transport = None

    def __init__(self, wire: Wire, write: Write) -> None:
        self._wire = wire
        self._write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wire, name)

    def hand_over(
        self,
        count: Callable[[int, float], object],
        take: MessageTaker | TakeMessage | None,
    ) -> None:
        """Do nothing: each message is to be seen on its way."""

    def send_text(self, payload: bytes) -> int | None:
        """Tell of it, and send it."""
        self._write(f"→ text {_text(payload.decode('utf-8', 'replace'))}")
        framed: int | None = self._wire.send_text(payload)
        return framed

    def send_binary(self, payload: bytes) -> int | None:
        """Tell of it, and send it."""
        self._write(f"→ binary {_bytes(payload)}")
        framed: int | None = self._wire.send_binary(payload)
        return framed

    def send_ping(self, payload: bytes) -> int:
        """Tell of it, and send it."""
        self._write(f"→ ping {_bytes(payload)}")
        return int(self._wire.send_ping(payload))

    def send_pong(self, payload: bytes) -> int:
        """Tell of it, and send it."""
        self._write(f"→ pong {_bytes(payload)}")
        return int(self._wire.send_pong(payload))

    def send_close(self, code: int | None, reason: bytes) -> int:
        """Tell of it, and send it."""
        self._write(f"→ close {code or 'without a code'} {reason.decode()}".rstrip())
        return int(self._wire.send_close(code, reason))


class LoggedEvents:
    """Tells what comes in, and hands it on."""

    def __init__(self, events: WireEvents, write: Write) -> None:
        self._events = events
        self._write = write

    def text_received(self, text: str, size_bytes: int, at_s: float) -> None:
        """Tell of it, and hand it on."""
        self._write(f"← text {_text(text)}")
        self._events.text_received(text, size_bytes, at_s)

    def binary_received(self, data: bytes, at_s: float) -> None:
        """Tell of it, and hand it on."""
        self._write(f"← binary {_bytes(data)}")
        self._events.binary_received(data, at_s)

    def ping_received(self, payload: bytes, at_s: float) -> None:
        """Tell of it, and hand it on."""
        self._write(f"← ping {_bytes(payload)}")
        self._events.ping_received(payload, at_s)

    def pong_received(self, payload: bytes, at_s: float) -> None:
        """Tell of it, and hand it on."""
        self._write(f"← pong {_bytes(payload)}")
        self._events.pong_received(payload, at_s)

    def close_received(self, code: int | None, reason: str, at_s: float) -> None:
        """Tell of it, and hand it on."""
        self._write(f"← close {code or 'without a code'} {reason}".rstrip())
        self._events.close_received(code, reason, at_s)

    def bytes_received(self, wire_bytes: int) -> None:
        """Hand it on."""
        self._events.bytes_received(wire_bytes)

    def violated(self, code: int, problem: str, at_s: float) -> None:
        """Tell of it, and hand it on."""
        self._write(f"← what breaks the protocol: {problem}; → close {code}")
        self._events.violated(code, problem, at_s)

    def drained(self) -> None:
        """Hand it on."""
        self._events.drained()

    def muted(self) -> None:
        """Hand it on."""
        self._events.muted()

    def lost(self, error: BaseException | None, at_s: float) -> None:
        """Tell of it, and hand it on."""
        self._write(f"TCP ended{f': {error}' if error is not None else ''}")
        self._events.lost(error, at_s)


def _text(text: str) -> str:
    shown = text[:SHOWN_CHARACTERS]
    more = f"… ({len(text):,} characters)" if len(text) > len(shown) else ""
    return f"{shown!r}{more}"


def _bytes(data: bytes) -> str:
    shown = data[: SHOWN_CHARACTERS // 2]
    more = "…" if len(data) > len(shown) else ""
    return f"({len(data):,} bytes) {shown.hex(' ')}{more}".rstrip()
