"""
Sends the messages of one connection: the hot path of nearly every message.

``sender_in_c.pyx`` does the same where it could be compiled.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from picows import WSMsgType

from gharial.lenses.lens import BINARY, TEXT
from gharial.websocket.scalar_text import to_utf8
from gharial.websocket.size_list import SizeList
from gharial.websocket.task_count import TaskCount
from gharial.websocket.watch import MessageWatch
from gharial.websocket.wire.unsent import Unsent


class Sender:
    """
    Frames, sends and counts messages while its connection is open.

    Attributes:
        unsent: What was given to send and is not on the network.

    """

    __slots__ = ("_count", "_send_binary", "_send_text", "_wire", "unsent")

    def __init__(self, tasks: TaskCount) -> None:
        self.unsent = Unsent(tasks)
        self._wire: Any = None
        self._count: Callable[[int], object]
        # The wire's own functions; None while nothing can be sent.
        self._send_text: Callable[[bytes], int | None] | None = None
        self._send_binary: Callable[[bytes], int | None] | None = None

    def open(
        self,
        wire: Any,
        count: Callable[[int], object],
        count_further: Callable[[int], object],
    ) -> None:
        """
        Send over this wire from now on.

        The sizes of messages go to ``count``; `Unsent.open` says what to
        ``count_further``.
        """
        self.unsent.open(wire, count_further)
        self._wire = wire
        self._count = count.add if isinstance(count, SizeList) else count
        self._send_text, self._send_binary = wire.send_text, wire.send_binary
        if wire.plain_transport is not None:
            # Functions in C: to send a message costs no further call in Python.
            send = wire.plain_transport.send
            self._send_text = partial(send, WSMsgType.TEXT)
            self._send_binary = partial(send, WSMsgType.BINARY)

    def watch(self, watch: MessageWatch) -> None:
        """Show what is sent from now on to the lens of an open socket."""

        def shown(send: Any, kind: int, payload: bytes) -> int | None:
            at_s = watch.now_s()
            framed: int | None = send(payload)
            watch.sent(payload, kind, at_s)
            return framed

        self._send_text = partial(shown, self._send_text, TEXT)
        self._send_binary = partial(shown, self._send_binary, BINARY)

    def close(self) -> None:
        """Drop what is given to send from now on."""
        self.unsent.close()
        self._send_text = self._send_binary = self._wire = None

    def send_text(self, text: str) -> None:
        """
        Send a text; lone surrogates become U+FFFD. Dropped when closing or closed.

        Raises:
            WebSocketError: ``InvalidStateError`` while connecting.

        """
        # On the hot path, as is the next one: alike on purpose.
        try:
            payload = text.encode()
        except UnicodeEncodeError:
            payload = to_utf8(text)
        size = len(payload)
        send, wire = self._send_text, self._wire
        if send is None:
            self.unsent.drop(size)
            return
        framed = send(payload)
        self._count(size)
        self.unsent.add(size)
        # The sender is closed by now if the write failed.
        if framed is not None or wire.is_blocked:
            self.unsent.note(wire, size, framed)

    def send_binary(self, payload: bytes) -> None:
        """
        Send bytes. Dropped when closing or closed.

        Raises:
            WebSocketError: ``InvalidStateError`` while connecting.

        """
        size = len(payload)
        send, wire = self._send_binary, self._wire
        if send is None:
            self.unsent.drop(size)
            return
        framed = send(payload)
        self._count(size)
        self.unsent.add(size)
        if framed is not None or wire.is_blocked:
            self.unsent.note(wire, size, framed)
