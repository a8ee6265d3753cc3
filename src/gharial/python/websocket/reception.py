"""
Who gets the messages of a socket in Python.

One rule: from the handshake on, messages are kept in order until somebody takes them.

==========================================  ===============================================
who                                         what it takes
==========================================  ===============================================
a listener                                  what waits when the first one is added, then
                                            every message as it comes
``request()``                               the first message after it that answers it
``expect()``                                the first that matches, of those that wait, too
``receive()``, ``async for``                any
nobody                                      messages wait
==========================================  ===============================================

Where there are listeners *and* somebody receives, the last word counts: a message that
listeners heard is kept, too, if ``receive()`` was called after the last of them was added,
or a loop of ``async for`` goes on.

What waits is bounded by its size. At the bound the socket is no longer read, so that the
rest stays with the server. But not where that could be for ever: while a request, or
somebody who waits for the end of the socket, needs what comes behind; where nobody could
receive it; and where nobody did so for a while. Then the oldest messages are dropped; one
who receives later, or does so now, is told by the log.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from gharial.python.websocket.backlog import Backlog, KeptMessage
from gharial.python.websocket.dispatching import DispatchingSocket
from gharial.python.websocket.events import message_event
from gharial.websocket.matching import Matches

# For so long a socket is not read because nobody receives: less than a server usually
# waits for a pong.
PATIENCE_S = 10.0
# Of messages that nobody seems to want, the latest are kept up to this size.
UNWANTED_BYTES = 64 * 1024


class Hearer(Protocol):
    """Takes messages before others: the requests that wait for their answers."""

    def hear(self, data: Any, at_ms: float, number: int) -> bool:
        """Take a message if it is an answer; return whether it was."""
        ...

    def overhear(self, data: Any, at_ms: float, number: int) -> None:
        """Take note of a message that listeners have heard, and nobody else."""
        ...


class Reception:
    """
    Passes the messages of one socket to their receivers, and queues the others.

    Args:
        socket: The socket.
        on_need: Called when :attr:`is_needed` may have changed.

    Attributes:
        number: How many messages came so far, of those that were told of here.
        receivers: How many wait in ``receive()``.
        closers: How many wait for the end of the socket.
        hearer: What takes answers; None as long as nothing was asked.

    """

    __slots__ = (
        "_backlog",
        "_dropped",
        "_has_given_up",
        "_has_read",
        "_is_reader",
        "_listeners",
        "_loops",
        "_on_need",
        "_patience",
        "_requests",
        "_socket",
        "closers",
        "hearer",
        "number",
        "receivers",
    )

    def __init__(self, socket: DispatchingSocket, on_need: Callable[[], None]) -> None:
        self._socket = socket
        self._on_need = on_need
        self._backlog = Backlog(self._kept_maximum, self._end_patience)
        self._listeners = len(socket._registrations.get("message", ()))
        # Whether ``receive()`` had the last word, and how many loops go on.
        self._is_reader = False
        self._loops = 0
        # How many requests wait.
        self._requests = 0
        self._has_given_up = False
        self._has_read = False
        # Messages that nobody took, of which nobody was told.
        self._dropped = 0
        self._patience: asyncio.TimerHandle | None = None
        self.closers = 0
        self.receivers = 0
        self.number = 0
        self.hearer: Hearer | None = None

    @property
    def is_needed(self) -> bool:
        """Whether there is more to do with the next message than to tell listeners."""
        return self._is_reading or self._requests > 0 or self._socket._is_flushing

    @property
    def _kept_maximum(self) -> int:
        return self._socket._environment.waiting.limit_bytes

    @property
    def _is_reading(self) -> bool:
        return self._is_reader or self._loops > 0

    # -- Messages ------------------------------------------------------------------------

    def take(self, data: Any, at_ms: float) -> None:
        """Hand a message that came to those who take it, or keep it."""
        self.number += 1
        if self._socket._is_flushing:
            # After those that came before it.
            self._keep(data, at_ms)
            return
        is_heard = self._listeners > 0
        if is_heard:
            self._fire(data, at_ms)
        if self._requests and self._answers(data, at_ms, self.number):
            return
        if self._is_reading or not is_heard:
            self._keep(data, at_ms)
        elif self._requests and self.hearer is not None:
            self.hearer.overhear(data, at_ms, self.number)

    def read(self) -> KeptMessage | None:
        """Return the oldest message that waits; from now on messages wait for the next."""
        if not self._is_reader or self._dropped:
            self._is_reader = True
            self._note_reader()
        backlog = self._backlog
        if not backlog.messages:
            return None
        message = backlog.take_oldest()
        if backlog.paused:
            self._has_read = True
            backlog.relieve()
        return message

    def take_matching(self, matches: Matches) -> KeptMessage | None:
        """Return the oldest message that waits and matches; None for none."""
        message = self._backlog.take_matching(matches)
        self._backlog.relieve()
        return message

    # -- Who takes them ------------------------------------------------------------------

    def begin_loop(self) -> None:
        """Keep all messages for a loop that goes on."""
        self._loops += 1
        self._note_reader()

    def end_loop(self) -> None:
        """Take note that a loop has ended."""
        self._loops -= 1
        self._on_need()

    def begin_request(self) -> None:
        """Read on whatever is kept: the answer comes behind it."""
        self._requests += 1
        self._backlog.read_on()
        self._on_need()

    def end_request(self) -> None:
        """Take note that a request waits no longer."""
        self._requests -= 1
        self._on_need()

    def await_end(self) -> None:
        """Read on for one who waits for the end, unless somebody receives before it."""
        self.closers += 1
        if self._backlog.paused and not self._is_reading:
            self._give_up()

    def listeners_changed(self, count: int) -> None:
        """Take note of how many listeners there are; a new one gets what waits."""
        is_added = count > self._listeners
        self._listeners = count
        if is_added and not self.receivers:
            self._is_reader = False
        if (
            count
            and self._backlog.messages
            and not self._is_reading
            and not self._socket._is_flushing
        ):
            self._socket._is_flushing = True
            self._socket._hold_again()
            self._flush_soon()

    # -- The inside ----------------------------------------------------------------------

    def _fire(self, data: Any, at_ms: float) -> None:
        socket = self._socket
        socket._fire(message_event(socket._shown(data), at_ms, socket))

    def _answers(self, data: Any, at_ms: float, number: int) -> bool:
        return self.hearer is not None and self.hearer.hear(data, at_ms, number)

    def _flush_soon(self) -> None:
        # Never within the call that adds a listener, and each as a task of its own.
        loop = asyncio.get_running_loop()
        loop.call_soon(self._socket._environment.post, self._flush)

    def _flush(self) -> None:
        if self._backlog.messages and self._listeners and not self._is_reading:
            message = self._backlog.take_oldest()
            self._backlog.relieve()
            self._flush_soon()
            self._fire(message.data, message.at_ms)
            self._answers(message.data, message.at_ms, message.number)
            return
        self._socket._is_flushing = False
        self._on_need()
        self._socket._flushed()

    def _keep(self, data: Any, at_ms: float) -> None:
        backlog = self._backlog
        backlog.append(data, at_ms, self.number)
        if self._socket._waiters:
            self._socket._wake()
        if backlog.is_full and not backlog.paused:
            self._bound()

    def _bound(self) -> None:
        """Do what is to be done as too much waits."""
        if self._socket._is_flushing:
            self._pause()
        elif self._has_given_up:
            self._drop()
        elif self._is_reading:
            if self._requests:
                self._drop()
            else:
                self._pause()
        elif (
            self._requests
            or self.closers
            or not self._socket._environment.may_receive()
        ):
            self._give_up()
        else:
            self._pause()

    def _pause(self) -> None:
        self._backlog.pause(self._socket._connection.reading)
        self._has_read = False
        self._limit_patience()

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _limit_patience(self) -> None:
        self._patience = asyncio.get_running_loop().call_later(
            PATIENCE_S, self._lose_patience
        )

    def _lose_patience(self) -> None:
        if self._loops or self._has_read or self._socket._is_flushing:
            self._has_read = False
            self._limit_patience()
        else:
            self._give_up()

    def _give_up(self) -> None:
        """Keep only the latest from now on: nobody receives."""
        self._is_reader = False
        self._has_given_up = True
        self._backlog.limit_bytes = min(self._backlog.limit_bytes, UNWANTED_BYTES)
        self._drop()
        self._backlog.read_on()
        self._on_need()

    def _note_reader(self) -> None:
        self._has_read = True
        if self._dropped:
            self._say_what_was_dropped()
        if self._has_given_up:
            self._has_given_up = False
            self._backlog.limit_bytes = self._kept_maximum
        self._on_need()

    def _drop(self) -> None:
        self._dropped += self._backlog.shrink()
        if self._dropped and self._is_reading:
            self._say_what_was_dropped()

    def _say_what_was_dropped(self) -> None:
        """Tell one who receives; where nobody ever does, nothing is missed."""
        socket = self._socket
        socket._environment.warn(
            f"receive() misses messages of {socket._url}: more than {self._kept_maximum:,} "
            "bytes of them waited, so the oldest were dropped"
        )
        self._dropped = 0
