"""
After a failed write, reads what the peer has sent before closing.

A server that refuses a message sends its close frame and closes TCP. What we send after
that is answered with a reset, and our next write fails, while all that the server sent
still lies in the kernel. A transport that closes there, as asyncio's do, loses messages
that came in order, and with the close frame the reason of it all.
"""

import asyncio
import socket
import ssl
import weakref
from collections.abc import Callable
from typing import Any

# That of a protocol by which one transport serves another with TLS.
_TLS_MODULE = "aiofastnet.ssl_transport"
_PEEK = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)


class LastReads:
    """
    Stands between a transport of ``aiofastnet``'s and its end.

    Attributes:
        error: What the first write or read failed with; None before that.
        is_mute: Whether nothing can be sent any more.
        on_mute: Called once, when that begins.

    """

    __slots__ = ("_end", "_transport", "error", "is_mute", "on_mute")

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        self.error: OSError | None = None
        self.is_mute = False
        self.on_mute: Callable[[], object] = _nothing
        # Weak, since the transport keeps this object.
        self._transport = weakref.ref(transport)
        self._end: Callable[[Any, BaseException | None], object]
        self._end = type(transport)._force_close  # type: ignore[attr-defined]

    def __call__(self, error: BaseException | None) -> None:
        """
        End the transport, unless a write failed and there is something to read.

        The transport calls it with what a read or write raised, or None to be aborted.
        """
        transport: Any = self._transport()
        if transport is None:
            return
        is_closing = transport.is_closing()
        if not self.is_mute:
            self.is_mute = True
            self.on_mute()
        if (
            is_closing
            or not isinstance(error, OSError)
            or isinstance(error, ssl.SSLError)
        ):
            self._end(transport, error)
            return
        if self.error is None:
            self.error = error
            # What waits to be written stays: it counts as sent by nobody.
            number = transport.get_extra_info("socket").fileno()
            asyncio.get_running_loop().remove_writer(number)
        if not _has_more(transport):
            self._end(transport, self.error)

    def end(self) -> None:
        """End the transport: there is nothing more to read."""
        transport: Any = self._transport()
        if transport is not None:
            self._end(transport, self.error)


def read_to_the_end(transport: asyncio.BaseTransport) -> None:
    """Have a transport read to the end after a failed write, if it is ``aiofastnet``'s."""
    is_known = type(transport).__module__.partition(".")[0] == "aiofastnet"
    if is_known and last_reads(transport) is None:
        # The transport looks for this method on the object first, also from C.
        transport._force_close = LastReads(transport)  # type: ignore[attr-defined]


def share_last_reads(
    lower: asyncio.BaseTransport, upper: asyncio.BaseTransport
) -> None:
    """Let one object stand between both transports and their end, that of the lower."""
    upper._force_close = last_reads(lower)  # type: ignore[attr-defined]


def last_reads(transport: asyncio.BaseTransport) -> LastReads | None:
    """Return what stands between a transport and its end, if anything does."""
    found = getattr(transport, "_force_close", None)
    return found if isinstance(found, LastReads) else None


def _has_more(transport: Any) -> bool:
    """Return whether there is something left that a transport could read."""
    is_secure = (
        transport.get_extra_info("ssl_object") is not None
        or type(transport.get_protocol()).__module__ == _TLS_MODULE
    )
    if is_secure and not transport.is_reading():
        # What was taken from the kernel may wait in the TLS engine.
        return True
    known = transport.get_extra_info("socket")
    # The same descriptor: to make another one could fail.
    sock = socket.socket(known.family, known.type, known.proto, fileno=known.fileno())
    try:
        return bool(sock.recv(1, _PEEK))
    except OSError:
        return False
    finally:
        sock.detach()


def _nothing() -> None:
    return None
