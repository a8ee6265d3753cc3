"""
What a client must make of a server's bytes, the plain way.

Written from RFC 6455 and RFC 7692 to be compared with: no haste, no state beyond one
stream, nothing shared with what it judges.

Source:
    RFC 6455 sections 5 and 7; RFC 7692 section 7.2.
"""

import codecs
import zlib
from dataclasses import dataclass, field
from typing import Any

from gharial.websocket.extensions import DeflateParameters

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
PROTOCOL_ERROR, INVALID_DATA, TOO_BIG = 1002, 1007, 1009
TAIL = b"\x00\x00\xff\xff"


class Broken(Exception):  # noqa: N818 - it is no error of ours
    """The peer broke the protocol; one of these codes tells it so."""

    def __init__(self, *codes: int) -> None:
        super().__init__(*codes)
        self.codes = frozenset(codes)


class CutOff(Broken):
    """A compressed message of one frame is cut off, which may pass for a shorter one."""


class Unseen(Broken):
    """
    A close frame is wrong in a way that picows does not see.

    It has reserved bits, or the code 0, which picows cannot tell from none.
    """


@dataclass
class Told:
    """
    What comes of a stream.

    Attributes:
        events: ``(kind, content)`` of messages, pings and pongs, in order.
        end: ``waiting`` for more, ``closed`` by the peer, ``broken`` by it, ``unsure``, or
            ``ambiguous``: that even depends on where the stream is cut.
        codes: The codes that tell why, where it is broken.
        codes_ahead: Those that tell what is wrong with the frame after, too.
        close: The peer's code (1005 for none) and reason, where it closed.
        whole_bytes: The size of all frames that came whole before the end.

    """

    events: list[tuple[str, Any]] = field(default_factory=list)
    end: str = "waiting"
    codes: frozenset[int] = frozenset()
    codes_ahead: frozenset[int] = frozenset()
    close: tuple[int, str] | None = None
    whole_bytes: int = 0


@dataclass
class Head:
    """One frame's header."""

    opcode: int
    is_final: bool
    reserved: int
    size: int
    ends_at: int


class Inflater:
    """One connection's inflater."""

    def __init__(self, parameters: DeflateParameters, limit_bytes: int) -> None:
        self._parameters = parameters
        self._limit_bytes = limit_bytes
        self._has_ended = True
        self._size = 0
        self._zlib: Any = None

    def inflate(self, part: bytes, *, is_last: bool) -> bytes:
        """Return the content of the next part of a message."""
        if self._has_ended:
            bits = max(9, self._parameters.server_max_window_bits)
            self._zlib = zlib.decompressobj(wbits=-bits)
            self._has_ended = False
        try:
            content = b"" if self._zlib.eof else self._zlib.decompress(part)
            self._size += len(content)
            is_too_big = self._size > self._limit_bytes
            if is_last and not self._zlib.eof:
                self._finish()
        except zlib.error:
            # Where the damage comes after too much content, either may be told of.
            raise Broken(INVALID_DATA, TOO_BIG) from None
        if is_too_big:
            raise Broken(TOO_BIG)
        if is_last:
            self._size = 0
            self._has_ended = (
                self._parameters.server_no_context_takeover or self._zlib.eof
            )
        return content

    def _finish(self) -> None:
        """Section 7.2.2: these four bytes end a stored block that has no content."""
        content = self._zlib.decompress(TAIL)
        copied = self._zlib.copy()
        try:
            # Between two blocks, and nowhere else, a last one ends the stream.
            rest = copied.decompress(b"\x01\x00\x00\xff\xff")
        except zlib.error:
            raise CutOff(INVALID_DATA, TOO_BIG) from None
        if content or rest or not copied.eof:
            raise CutOff(INVALID_DATA, TOO_BIG)


class Model:
    """Reads one stream."""

    def __init__(self, limit_bytes: int, deflate: DeflateParameters | None) -> None:
        self._limit_bytes = limit_bytes
        self._inflater = None if deflate is None else Inflater(deflate, limit_bytes)
        self._opcode: int | None = None
        self._content = b""
        self._wire_bytes = 0
        self._is_compressed = False
        self._decoder: Any = None

    def read(self, stream: bytes) -> Told:
        """Return what comes of a stream."""
        told = Told()
        head: Head | None = None
        try:
            while told.end == "waiting":
                head = None
                head = self._head(stream, told.whole_bytes)
                if head is None or len(stream) < head.ends_at + head.size:
                    break
                payload = stream[head.ends_at : head.ends_at + head.size]
                self._take(head, payload, told)
                told.whole_bytes = head.ends_at + head.size
            if told.end == "closed":
                told.codes_ahead = self._codes_ahead(stream, told.whole_bytes)
        except Broken as broken:
            told.end, told.codes = "broken", broken.codes
            if head is None:
                return told
            told.codes_ahead = self._codes_ahead(stream, head.ends_at + head.size)
            if isinstance(broken, CutOff):
                is_one_frame = head.is_final and head.opcode != CONTINUATION
                told.end = "unsure" if is_one_frame else "broken"
            if isinstance(broken, Unseen) and told.codes_ahead:
                told.end = "ambiguous"
        return told

    def _codes_ahead(self, stream: bytes, at: int) -> frozenset[int]:
        try:
            head = self._head(stream, at)
            if head is not None and head.opcode == CLOSE:
                payload = stream[head.ends_at : head.ends_at + head.size]
                if len(payload) == head.size:
                    self._close(payload, is_plain=True)
                    # It may be the second one.
                    return frozenset({PROTOCOL_ERROR})
        except Broken as broken:
            return broken.codes
        return frozenset()

    def _head(self, stream: bytes, at: int) -> Head | None:
        if len(stream) < at + 2:
            return None
        first, second = stream[at], stream[at + 1]
        opcode, size, at = first & 15, second & 127, at + 2
        is_control = opcode >= CLOSE
        if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Broken(PROTOCOL_ERROR)
        if second & 128 or (is_control and (size > 125 or not first & 128)):
            raise Broken(PROTOCOL_ERROR)
        if size > 125:
            length, least = (2, 126) if size == 126 else (8, 65_536)
            if len(stream) < at + length:
                return None
            size = int.from_bytes(stream[at : at + length], "big")
            at += length
            if not least <= size < 2**63:
                raise Broken(PROTOCOL_ERROR)
        if size > self._limit_bytes and not is_control:
            raise Broken(TOO_BIG)
        return Head(opcode, bool(first & 128), first >> 4 & 7, size, at)

    def _take(self, head: Head, payload: bytes, told: Told) -> None:
        if head.opcode == CLOSE:
            told.close = self._close(payload, is_plain=not head.reserved)
            told.end = "closed"
        elif head.opcode in (PING, PONG):
            if head.reserved:
                raise Broken(PROTOCOL_ERROR)
            told.events.append(("ping" if head.opcode == PING else "pong", payload))
        else:
            self._take_part(head, payload, told)

    def _close(self, payload: bytes, *, is_plain: bool) -> tuple[int, str]:
        codes = set() if is_plain else {PROTOCOL_ERROR}
        code, reason = 1005, ""
        if payload:
            code = int.from_bytes(payload[:2], "big")
            known = {1000, 1001, 1002, 1003, *range(1007, 1015)}
            if len(payload) == 1 or not (code in known or 3000 <= code <= 4999):
                codes.add(PROTOCOL_ERROR)
            try:
                reason = payload[2:].decode()
            except UnicodeDecodeError:
                codes.add(INVALID_DATA)
        if codes and (not is_plain or payload == b"\0\0"):
            raise Unseen(*codes)
        if codes:
            raise Broken(*codes)
        return code, reason

    def _take_part(self, head: Head, payload: bytes, told: Told) -> None:
        is_first = head.opcode != CONTINUATION
        may_be_compressed = is_first and self._inflater is not None
        if head.reserved and not (head.reserved == 4 and may_be_compressed):
            raise Broken(PROTOCOL_ERROR)
        if is_first != (self._opcode is None):
            raise Broken(PROTOCOL_ERROR)
        if is_first:
            self._opcode, self._content, self._wire_bytes = head.opcode, b"", 0
            self._is_compressed = head.reserved == 4
            self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._wire_bytes += len(payload)
        if self._wire_bytes > self._limit_bytes:
            raise Broken(TOO_BIG)
        if self._is_compressed:
            assert self._inflater is not None
            payload = self._inflater.inflate(payload, is_last=head.is_final)
        self._content += payload
        if self._opcode == TEXT:
            try:
                self._decoder.decode(payload, final=head.is_final)
            except UnicodeDecodeError:
                raise Broken(INVALID_DATA) from None
        if head.is_final:
            is_text = self._opcode == TEXT
            self._opcode = None
            told.events.append(
                ("message", self._content.decode() if is_text else self._content)
            )
