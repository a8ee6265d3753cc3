"""
The wire on picows: only its frame engine is used (``attach.py`` puts it on a transport).

What picows does not do is done here: reserved bits, compression, UTF-8, the size of a
message; and in ``partial_message.py`` whole messages out of fragments.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from picows import (
    WSCloseCode,
    WSFrame,
    WSMsgType,
    WSTransport,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from gharial.net.last_reads import LastReads
from gharial.net.settings import Limits
from gharial.net.turns import Turns
from gharial.websocket import close_codes
from gharial.websocket.deflate import Deflate, InflateError
from gharial.websocket.extensions import DeflateParameters
from gharial.websocket.messages import MessageTaker
from gharial.websocket.wire.base import TakeMessage, WireEvents
from gharial.websocket.wire.close_frame import CloseFrameError, read_close
from gharial.websocket.wire.frame_sizes import MASK_BYTES, wire_size
from gharial.websocket.wire.held_frames import HeldFrame
from gharial.websocket.wire.partial_message import PartialMessage
from gharial.websocket.wire.plain_frames import PlainFrames
from gharial.websocket.wire.stream import Stream

_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY
_CONTINUATION, _CLOSE = WSMsgType.CONTINUATION, WSMsgType.CLOSE
_PING, _PONG = WSMsgType.PING, WSMsgType.PONG


class PicowsWire(PlainFrames):
    """
    One upgraded transport, as :class:`gharial.websocket.wire.base.Wire`.

    Attributes:
        is_mute: Whether nothing can be sent any more; what is, is dropped.
        plain_transport: The transport, if to send a message takes nothing but a frame.

    """

    __slots__ = (
        "_deflate",
        "_events",
        "_has_sent_close",
        "_held",
        "_is_broken",
        "_is_closed_by_peer",
        "_is_condemned",
        "_is_paused",
        "_last_reads",
        "_limit_bytes",
        "_message",
        "_now_s",
        "_transport",
        "_wanted_count",
        "_wanted_take",
        "is_mute",
        "plain_transport",
    )

    def __init__(
        self,
        events: WireEvents,
        *,
        deflate: DeflateParameters | None,
        limits: Limits,
        turns: Turns,
    ) -> None:
        super().__init__(turns)
        self._events = events
        self._now_s = turns.now_s
        # Where whole messages go, as long as there is nothing to think of: no fragments,
        # nothing that the peer did wrong.
        self._wanted_count: Callable[[int, float], object] = _nothing
        self._wanted_take: MessageTaker | TakeMessage | None = None
        self.plain_transport: WSTransport | None = None
        self._limit_bytes = limits.max_message_size_bytes
        self._deflate = (
            None if deflate is None else Deflate(deflate, limits.max_message_size_bytes)
        )
        self._transport: WSTransport
        self._last_reads: LastReads | None = None
        self.is_mute = False
        # Of which some frames have come.
        self._message: PartialMessage | None = None
        # Set by picows' parser when it refuses bytes: the frame before them, which it
        # parsed already, is still to come.
        self._is_condemned = False
        self._is_broken = False
        self._is_paused = False
        # What was read before a pause and not inflated yet: a buffer of compressed frames
        # can be a thousand times as large.
        self._held: deque[HeldFrame] | tuple[()] = ()
        # Whether the peer's close frame was taken: what follows it does not count.
        self._is_closed_by_peer = False
        self._has_sent_close = False

    def start(self, leftover: bytes) -> None:
        """Take the bytes that came after the answer to the upgrade, then read on."""
        underlying: Any = self._transport.underlying_transport
        reads = self._last_reads
        if reads is not None and reads.is_mute and not self.is_mute:
            self._become_mute()
        is_stream = isinstance(underlying, Stream)
        if leftover and is_stream:
            underlying.feed(leftover)
        elif leftover:
            self.feed(underlying.get_protocol(), leftover)
        # What follows refused bytes counts for nothing, but the end of file does.
        if not self._is_paused and (is_stream or not self._is_condemned):
            self.resume_reading()

    def hear_of_end(self, reads: LastReads | None) -> None:
        """Be told by ``reads`` when nothing can be sent any more."""
        self._last_reads = reads
        if reads is not None:
            reads.on_mute = self._become_mute

    def feed(self, protocol: WSProtocol, data: bytes) -> None:
        """Give picows bytes as if they were read, up to what it refuses."""
        view = memoryview(data)
        while view and not self._is_condemned:
            buffer = protocol.get_buffer(len(view))
            size = min(len(buffer), len(view))
            buffer[:size] = view[:size]
            protocol.buffer_updated(size)
            view = view[size:]

    # -- Called by picows ----------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Keep the transport."""
        self._transport = transport
        self.plain_transport = transport if self._deflate is None else None

    def take_other(self, frame: WSFrame) -> None:
        """Take a frame that is no plain message, or that nobody wants to have directly."""
        if (
            self._deflate is not None
            and (self._is_paused or self._held)
            and frame.msg_type not in (_PING, _PONG)
        ):
            if not self._held:
                # Few wires hold any, and an empty deque takes 760 bytes.
                self._held = deque()
            self._held.append(HeldFrame(frame, self.at_s))
            self._choose_path()
        else:
            self._take_now(frame)

    def refuse_text(self) -> None:
        """Fail the connection: a text message is not UTF-8."""
        self._violate(close_codes.INVALID_DATA, "a text message is not UTF-8")

    def pause_writing(self) -> None:
        """Note that not all could be written."""
        self.is_blocked = True

    def resume_writing(self) -> None:
        """Note that all was written."""
        self.is_blocked = False
        self._events.drained()

    # -- The wire --------------------------------------------------------------------

    def hand_over(
        self,
        count: Callable[[int, float], object],
        take: MessageTaker | TakeMessage | None,
    ) -> None:
        """Hand whole messages to ``take`` from now on, and their sizes to ``count``."""
        self._wanted_count = count
        self._wanted_take = take
        self._choose_path()

    def send_text(self, payload: bytes) -> int | None:
        """Send UTF-8 as one whole text message."""
        return self._send(_TEXT, payload)

    def send_binary(self, payload: bytes) -> int | None:
        """Send one whole binary message."""
        return self._send(_BINARY, payload)

    def send_ping(self, payload: bytes) -> int:
        """Send a ping."""
        return self._send_control(_PING, payload)

    def send_pong(self, payload: bytes) -> int:
        """Send a pong."""
        return self._send_control(_PONG, payload)

    def send_close(self, code: int | None, reason: bytes) -> int:
        """Send a close frame."""
        self._has_sent_close = True
        if code is None:
            return self._send_control(_CLOSE, b"")
        if self.is_mute:
            return 0
        # picows knows of a close frame that is sent so, and sends nothing after it.
        self._transport.send_close(code, reason)  # type: ignore[arg-type]
        return wire_size(2 + len(reason)) + MASK_BYTES

    def unsent_bytes(self) -> int:
        """Return how many bytes the transport still holds."""
        size: int = self._transport.underlying_transport.get_write_buffer_size()
        return size

    def pause_reading(self) -> None:
        """Leave further bytes in the kernel."""
        self._is_paused = True
        self.read_no_more()

    def resume_reading(self) -> None:
        """Read again."""
        self._is_paused = False
        transport = self._transport.underlying_transport
        if self._held or hasattr(transport, "_retry_ssl_read"):
            asyncio.get_running_loop().call_soon(self._resume_soon)
        elif not transport.is_closing():
            transport.resume_reading()

    def close(self) -> None:
        """Close TCP once all that was sent is written."""
        if self.is_mute:
            self.abort()
        else:
            self._transport.underlying_transport.close()

    def abort(self) -> None:
        """Close TCP at once."""
        self._held = ()
        self._transport.underlying_transport.abort()

    def read_no_more(self) -> None:
        """Read nothing; what was read already is taken all the same."""
        transport = self._transport.underlying_transport
        if not transport.is_closing():
            transport.pause_reading()

    # -- The inside --------------------------------------------------------------------

    def _choose_path(self) -> None:
        is_plain = self._message is None and not self._is_condemned and not self._held
        self.lead(self._wanted_count, self._wanted_take if is_plain else None)

    def _send(self, kind: Any, payload: bytes) -> int | None:
        if self.is_mute:
            return None
        if self._deflate is None:
            self._transport.send(kind, payload)
            return None
        payload = self._deflate.compress(payload)
        self._transport.send(kind, payload, True, True)
        return wire_size(len(payload)) + MASK_BYTES

    def _send_control(self, kind: Any, payload: bytes) -> int:
        if self.is_mute:
            return 0
        self._transport.send(kind, payload)
        return wire_size(len(payload)) + MASK_BYTES

    def _take_now(self, frame: WSFrame | HeldFrame) -> None:
        if not (self._is_condemned and self._refuses(frame)):
            self._take_whole(frame, frame.msg_type)

    def _take_held(self, *, is_last: bool = False) -> None:
        """Take what was held, all of it or up to where reading is paused again."""
        at_s = self.at_s
        while self._held and (is_last or not self._is_paused):
            assert isinstance(self._held, deque)
            frame = self._held.popleft()
            self.at_s = frame.at_s
            self._take_now(frame)
        self.at_s = at_s
        self._choose_path()

    def _take_whole(self, frame: WSFrame | HeldFrame, kind: Any) -> None:
        if (
            frame.rsv2
            or frame.rsv3
            or (frame.rsv1 and not self._may_be_compressed(kind))
        ):
            self._violate(close_codes.PROTOCOL_ERROR, "a reserved bit is set")
        elif kind is _PING:
            self._events.ping_received(frame.get_payload_as_bytes(), self.at_s)
        elif kind is _PONG:
            self._events.pong_received(frame.get_payload_as_bytes(), self.at_s)
        elif kind is _CLOSE:
            self._take_close(frame.get_payload_as_bytes())
        else:
            self._take_part(frame, kind)

    def _may_be_compressed(self, kind: Any) -> bool:
        return self._deflate is not None and (kind is _TEXT or kind is _BINARY)

    def _take_close(self, payload: bytes) -> None:
        try:
            code, reason = read_close(payload)
        except CloseFrameError as error:
            self._violate(error.code, error.problem)
        else:
            self._is_closed_by_peer = True
            self._events.close_received(code, reason, self.at_s)

    def _take_part(self, frame: WSFrame | HeldFrame, kind: Any) -> None:
        message = self._message
        if (kind is _CONTINUATION) != (message is not None):
            self._violate(
                close_codes.PROTOCOL_ERROR,
                "a continuation frame continues nothing"
                if kind is _CONTINUATION
                else "a message begins before the one before it has ended",
            )
            return
        part = frame.get_payload_as_bytes()
        if message is None and frame.fin:
            if self._fits(len(part)):
                self._take_payload(kind, part, is_compressed=bool(frame.rsv1))
            return
        if message is None:
            message = PartialMessage(kind, self._deflate if frame.rsv1 else None)
            self._message = message
            self._choose_path()
        if self._fits(message.grow(len(part))) and self._keep(message, part, frame.fin):
            self._message = None
            self._choose_path()
            self._take_payload(message.kind, bytes(message.payload))

    def _fits(self, size_bytes: int) -> bool:
        if size_bytes <= self._limit_bytes:
            return True
        self._violate(
            close_codes.TOO_BIG, f"a message is larger than {self._limit_bytes} bytes"
        )
        return False

    def _keep(self, message: PartialMessage, part: bytes, is_last: Any) -> bool:
        """Keep a fragment; return whether the message is whole, and sound."""
        try:
            self._events.bytes_received(message.add(part, is_last=bool(is_last)))
        except InflateError as error:
            self._violate_inflating(error)
            return False
        except UnicodeDecodeError:
            self.refuse_text()
            return False
        return bool(is_last)

    def _violate_inflating(self, error: InflateError) -> None:
        self._violate(
            close_codes.TOO_BIG if error.is_too_big else close_codes.INVALID_DATA,
            str(error),
        )

    def _take_payload(
        self, kind: Any, payload: bytes, *, is_compressed: bool = False
    ) -> None:
        if is_compressed:
            assert self._deflate is not None
            compressed_bytes = wire_size(len(payload))
            try:
                payload = self._deflate.inflate(payload)
            except InflateError as error:
                self._violate_inflating(error)
                return
            self._events.bytes_received(compressed_bytes - wire_size(len(payload)))
        if kind is _BINARY:
            self._events.binary_received(payload, self.at_s)
            return
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            self.refuse_text()
            return
        self._events.text_received(text, len(payload), self.at_s)

    def _violate(self, code: int, problem: str) -> None:
        # RFC 6455 section 1.4: what comes after a close frame is discarded.
        if self._is_broken or self._is_closed_by_peer:
            return
        self._is_broken = True
        self._message = None
        self.condemn()
        if not self._has_sent_close:
            self._transport.send_close(WSCloseCode(code))
        self._events.violated(code, problem, self.at_s)

    def _refuses(self, frame: WSFrame | HeldFrame) -> bool:
        # picows delivers a frame that it found too large, once all of it is there.
        return self._is_broken or (
            frame.payload_size > self._limit_bytes
            and frame.msg_type not in (_PING, _PONG, _CLOSE)
        )

    def condemn(self) -> None:
        """Take only the frame that was parsed before the bytes that were refused."""
        self._is_condemned = True
        self._choose_path()

    def break_off(self, code: int, problem: str) -> None:
        """Take note that picows' own parser refused the peer's bytes."""
        # What came before it counts, however long it was to wait.
        self._take_held(is_last=True)
        if not self._is_broken:
            self._is_broken = True
            self.condemn()
            self._events.violated(code, problem, self._now_s())

    def refuse(self, code: int, problem: str) -> None:
        """Fail the connection for what are no frames; called by a stream."""
        # What came before it counts, however long it was to wait.
        self._take_held(is_last=True)
        self._violate(code, problem)
        # Where that counts for nothing, either: there are no frames behind it.
        self._is_broken = True
        self.condemn()

    def discards(self, closed_with: bytes | None) -> bool:
        """
        Return whether the peer closed before the bytes that picows refuses.

        They do not count then. A close frame that is still to come is taken at once, so
        that its answer goes out before picows tells the peer what it refused.

        Args:
            closed_with: The payload of the close frame that picows parsed; None for none.

        Source:
            RFC 6455 section 1.4.

        """
        if self._is_broken:
            # A frame before the close frame was wrong already: nothing counts any more.
            return True
        if closed_with is None:
            return False
        self._take_held(is_last=True)
        if not self._is_closed_by_peer:
            self._take_close(closed_with)
        self._is_broken = True
        self.condemn()
        return True

    def _resume_soon(self) -> None:
        """Go on with what was held, with what TLS's engine holds, then with the kernel."""
        self._take_held()
        transport: Any = self._transport.underlying_transport
        if self._is_paused or transport.is_closing():
            return
        transport.resume_reading()
        read_engine = getattr(transport, "_retry_ssl_read", None)
        if read_engine is not None:
            # `aiofastnet` 1.2 asks the kernel only: what its engine holds would wait
            # until more comes, and be dropped if the end comes.
            read_engine()

    def _become_mute(self) -> None:
        self.is_mute = True
        # The owner is asked about a message whose write just failed, as about one that
        # waits to be written.
        self.is_blocked = True
        self._events.muted()

    def end_of_file(self) -> None:
        """Take note that all was read: the transport closes once all is written."""
        reads = self._last_reads
        if reads is not None and (self.is_mute or not self._is_closed_by_peer):
            # Then nothing need be written, or can be, and it would wait for that.
            if not self.is_mute:
                self._become_mute()
            asyncio.get_running_loop().call_soon(reads.end)

    def lost(self, error: BaseException | None) -> None:
        """Take note that TCP is gone."""
        self._take_held(is_last=True)
        reads = self._last_reads
        if error is None and reads is not None:
            # The end of file came after what a write failed with.
            error = reads.error
        self._events.lost(error, self._now_s())


def _nothing(size_bytes: int, at_s: float) -> None:
    return None
