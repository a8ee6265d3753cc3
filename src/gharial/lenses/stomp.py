"""
STOMP 1.0 to 1.2.

Source:
    https://stomp.github.io/stomp-specification-1.2.html.
"""

import re
from typing import ClassVar

from gharial.lenses.lens import Facts, Lens, UnreadableError
from gharial.lenses.names import topic_pattern

# A frame may come in parts, over several messages. Of one that is longer only this much is
# kept; then the lens cannot read the socket.
FRAME_MAXIMUM_BYTES = 1024 * 1024
_HEAD_MAXIMUM_BYTES = 16 * 1024
_COMMAND = re.compile(rb"[A-Z]{3,12}\r?\n")
_HEADER = re.compile(rb"([^\r\n:]{1,200}):([^\r\n]*)")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CONNECT = "CONNECT"


class StompLens(Lens):
    """Reads CONNECT, receipts, messages and errors; heart-beats are passed over."""

    __slots__ = ("_received", "_sent")

    name: ClassVar[str] = "stomp"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        # What came of a frame that is not whole.
        self._sent = b""
        self._received = b""

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent: all that has a receipt is answered."""
        frames, self._sent = _frames(self._sent + payload if self._sent else payload)
        for command, headers in frames:
            if command in ("CONNECT", "STOMP"):
                self.exchanges.begin(_CONNECT, command, at_s)
            elif b"receipt" in headers:
                destination = _text(headers.get(b"destination", b""))
                operation = f"{command} {topic_pattern(destination)}".rstrip()
                self.exchanges.begin(headers[b"receipt"], operation, at_s)

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came."""
        whole = self._received + payload if self._received else payload
        frames, self._received = _frames(whole)
        for command, headers in frames:
            self._take(command, headers, at_s)

    def _take(self, command: str, headers: dict[bytes, bytes], at_s: float) -> None:
        if command == "MESSAGE":
            destination = _text(headers.get(b"destination", b""))
            self.facts.pushed(topic_pattern(destination), at_s)
        elif command == "RECEIPT":
            self.exchanges.end(headers.get(b"receipt-id"), at_s)
        elif command == "CONNECTED":
            self.exchanges.end(_CONNECT, at_s)
            self.facts.ready(at_s)
        elif command == "ERROR":
            answered = headers.get(b"receipt-id", _CONNECT)
            self.exchanges.end(answered, at_s, failed=True)
            self.facts.error("ERROR", at_s)
        else:
            raise UnreadableError(f"a server does not send STOMP's {command}")


def _frames(stream: bytes) -> tuple[list[tuple[str, dict[bytes, bytes]]], bytes]:
    """Return whole frames as command and headers, and what follows them."""
    frames: list[tuple[str, dict[bytes, bytes]]] = []
    at = 0
    while True:
        # Ends of lines between frames are heart-beats.
        while stream[at : at + 1] in (b"\n", b"\r"):
            at += 1
        if at == len(stream):
            return frames, b""
        command = _COMMAND.match(stream, at)
        if command is None:
            if _may_begin(stream[at:]):
                return frames, stream[at:]
            raise UnreadableError("a message is not of STOMP")
        head = _END_OF_HEAD.search(stream, command.end() - 2, at + _HEAD_MAXIMUM_BYTES)
        if head is None:
            return frames, _kept(stream, at)
        headers = _headers(stream[command.end() : head.start()])
        end = _end_of_body(stream, head.end(), headers)
        if end < 0:
            return frames, _kept(stream, at)
        frames.append((command[0].strip().decode("ascii"), headers))
        at = end + 1


def _headers(written: bytes) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in _HEADER.findall(written):
        # Of headers that are repeated the first one counts.
        headers.setdefault(name, value)
    return headers


def _end_of_body(stream: bytes, at: int, headers: dict[bytes, bytes]) -> int:
    """Return where the NUL behind a body is; below 0 if it has not come yet."""
    length = headers.get(b"content-length", b"")
    if not length.isdigit() or len(length) > 9:
        return stream.find(b"\0", at)
    end = at + int(length)
    if end < len(stream) and stream[end] != 0:
        raise UnreadableError("a frame of STOMP does not end where it should")
    return end if end < len(stream) else -1


def _may_begin(rest: bytes) -> bool:
    return len(rest) < 14 and re.fullmatch(rb"[A-Z]{0,12}\r?", rest) is not None


def _kept(stream: bytes, at: int) -> bytes:
    if len(stream) - at > FRAME_MAXIMUM_BYTES:
        raise UnreadableError("a frame of STOMP is too large")
    return stream[at:]


def _text(written: bytes) -> str:
    return written.decode("utf-8", "replace")
