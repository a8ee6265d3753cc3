"""
Puts picows on a transport that is upgraded already.

Dial and handshake are ours, so picows gets a stand-in transport that swallows its upgrade
request, and an answer that is made to fit. Then its transport is made anew on the real one,
so that its direct path to the socket works.
"""

import asyncio
import logging
import socket
import struct
import time
from contextlib import suppress
from typing import Any

from picows import WSAutoPingStrategy, WSCloseCode, WSTransport
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from gharial.net.last_reads import last_reads
from gharial.net.settings import Limits
from gharial.net.turns import Turns
from gharial.websocket import close_codes
from gharial.websocket.extensions import DeflateParameters
from gharial.websocket.handshake import accept_of
from gharial.websocket.wire import arrivals
from gharial.websocket.wire.base import WireEvents
from gharial.websocket.wire.picows import PicowsWire
from gharial.websocket.wire.stream import Stream

# What an idle connection costs; it grows with the messages (measured: 15 KB with this
# buffer, 30 KB with picows' own 16 KiB).
READ_BUFFER_BYTES = 1024


class _Reporter:
    """
    What picows takes for its logger.

    It makes no child logger for each connection then, formats nothing, and tells of the
    errors of its parser, which it reports in no other way.
    """

    __slots__ = ("_loop", "_retriever", "_wire", "engine")

    def __init__(self, wire: PicowsWire, loop: asyncio.AbstractEventLoop) -> None:
        self._wire = wire
        self._loop = loop
        self._retriever: asyncio.Task[None] | None = None
        # There once picows has made it.
        self.engine: WSTransport

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the name in `logging`
        """Return that nothing is logged."""
        return False

    def error(self, message: str, *arguments: Any) -> None:
        """Break the wire off for an error of the parser."""
        facts = arguments[0] if arguments else ()
        if isinstance(facts, tuple) and len(facts) == 2:
            code, problem = int(facts[0].value), str(facts[1])
        else:
            code, problem = close_codes.PROTOCOL_ERROR, str(message)
        self._retriever = self._loop.create_task(_retrieve_exception(self.engine))
        if self._wire.discards(_close_payload(self.engine.close_handshake)):
            return
        self._wire.condemn()
        # What still comes before the wire is broken off must not be taken for frames:
        # one round of the loop may read several times.
        self._wire.read_no_more()
        # picows parses one frame ahead: the frame before the bad one is still to come.
        self._loop.call_soon(self._wire.break_off, code, problem)

    def exception(self, message: str, *arguments: Any) -> None:
        """Log an error of our own, which picows caught."""
        logging.getLogger("gharial").exception("while handling a frame")

    def ignore(self, *arguments: Any, **options: Any) -> None:
        """Log nothing."""

    debug = info = warning = log = ignore


async def _retrieve_exception(engine: WSTransport) -> None:
    """Retrieve the exception that picows keeps for whoever waits for the end."""
    with suppress(Exception):
        await engine.wait_disconnected()


def _close_payload(handshake: Any) -> bytes | None:
    """Return the payload of the close frame that picows parsed; None for none."""
    if handshake is None or handshake.recv is None:
        return None
    # An `int` where picows has no name for it, whatever its annotation says.
    code: Any = handshake.recv.code
    reason = handshake.recv.reason or ""
    if code == WSCloseCode.NO_INFO and not reason:
        # picows says 0 for no code, and for the code 0 as well.
        return b""
    return struct.pack("!H", int(code)) + reason.encode()


class _Protocol(WSProtocol):  # type: ignore[misc]
    """picows' protocol, which keeps how the connection was lost."""

    def connection_lost(self, error: BaseException | None) -> None:
        """Tell the wire, with the error that picows drops."""
        super().connection_lost(error)
        self.listener.lost(error)

    def eof_received(self) -> bool:
        """Close the transport, as picows does."""
        self.listener.end_of_file()
        return False


_AF_UNIX = getattr(socket, "AF_UNIX", None)


class _UnixSocket:
    """A Unix socket that takes TCP's options, and does nothing with them."""

    __slots__ = ("_socket",)

    def __init__(self, real: Any) -> None:
        self._socket = real

    def setsockopt(self, *option: Any) -> None:
        """Set nothing."""

    def getsockopt(self, *option: Any) -> int:
        """Say that an option is set: there is nothing that could hold bytes back."""
        return 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _StandIn:
    """The real transport, save that what is written to it is kept instead."""

    __slots__ = ("_transport", "written")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.written = b""

    def get_extra_info(self, name: str) -> Any:
        """Return what the real transport has."""
        info = self._transport.get_extra_info(name)
        if name == "socket" and _AF_UNIX and getattr(info, "family", None) == _AF_UNIX:
            return _UnixSocket(info)
        return info

    def get_write_buffer_size(self) -> int:
        """Return that nothing is kept."""
        return 0

    def write(self, data: bytes) -> None:
        """Keep what is written."""
        self.written += bytes(data)


def attach(
    transport: asyncio.Transport,
    events: WireEvents,
    *,
    limits: Limits,
    deflate: DeflateParameters | None = None,
    turns: Turns | None = None,
) -> PicowsWire:
    """
    Return a wire on a transport that is upgraded already; it can send.

    It does not read before :meth:`PicowsWire.start`.

    Args:
        transport: Connected, with its upgrade behind it; its protocol is replaced.
        events: Hears all that comes.
        deflate: What was agreed on for compression; None for none.
        limits: Of these, the largest message.
        turns: What dates the bytes that come in; None for one of its own.

    """
    loop = asyncio.get_running_loop()
    turns = turns or Turns(loop, time.monotonic)
    wire = PicowsWire(events, deflate=deflate, limits=limits, turns=turns)
    if isinstance(transport, Stream):
        stream: Any = transport
        wire.on_ws_connected(stream)
        stream.take_frames(wire, limits.max_message_size_bytes)
        wire.hear_of_end(stream)
        return wire
    reporter = _Reporter(wire, loop)
    protocol = _Protocol(
        "", "/", True, lambda: wire, reporter, False, None, False, 0, 0,
        WSAutoPingStrategy.PING_WHEN_IDLE, False, limits.max_message_size_bytes, None,
        READ_BUFFER_BYTES,
    )  # fmt: skip
    stand_in = _StandIn(transport)
    protocol.connection_made(stand_in)
    reporter.engine = protocol.transport
    key = stand_in.written.split(b"Sec-WebSocket-Key: ", 1)[1].split(b"\r\n", 1)[0]
    wire.feed(
        protocol,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept_of(key.decode("ascii")).encode()
        + b"\r\n\r\n",
    )
    protocol.transport.__init__(True, transport, reporter, loop)
    # Tell at once when not all can be written: that is how the buffered amount is known.
    transport.set_write_buffer_limits(high=0)
    transport.set_protocol(protocol)
    wire.hear_of_end(last_reads(transport))
    arrivals.date_by_kernel(transport, wire)
    return wire
