"""
One WebSocket connection: its states, its messages, its end.

This is the protocol's logic, once; scripts see it through a facade in their own language.
All of it runs on the event loop's thread. The connection tells its listener what happens
at the moment at which it happens, and its observer what is to be measured.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from gharial.net.failures import Failure, FailureReason, HandshakeResponse
from gharial.net.network import Network
from gharial.timing import Clock
from gharial.websocket import close_codes
from gharial.websocket.back_pressure import Reading
from gharial.websocket.ends import lost_failure, unanswered_close, violation
from gharial.websocket.errors import WebSocketError
from gharial.websocket.listener import ConnectionListener
from gharial.websocket.logged_wire import LoggedEvents, logged_wire
from gharial.websocket.observer import ConnectionObserver, given_up
from gharial.websocket.opening import Opened, OpeningError, open_transport
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.pings import Pings
from gharial.websocket.state import TRANSITIONS, ReadyState
from gharial.websocket.task_count import TaskCount
from gharial.websocket.url import without_password
from gharial.websocket.watch import MessageWatch
from gharial.websocket.watching import watch_for
from gharial.websocket.wire.attach import attach
from gharial.websocket.wire.base import Wire
from gharial.websocket.wire.frame_sizes import wire_size
from gharial.websocket.wire.sender import Sender

if TYPE_CHECKING:
    from gharial.net.cookies import CookieJar


class Connection:
    """
    One WebSocket connection.

    Attributes:
        request: What was asked for.
        ready_state: Its state.
        protocol: The negotiated subprotocol; empty before it is open, or for none.
        extensions: The negotiated extensions as the server sent them; empty for none.
        on_drained: Called, once, when all that was sent has been written.
        reading: Whether it is read; once either side closes, all that is left is.
        response: The server's answer, where the owner wanted it kept and it is open.
        sender: Sends messages, as `send_text` and `send_binary` do, with one call less.

    """

    __slots__ = (
        "_clock",
        "_close_handle",
        "_cookies",
        "_count_received",
        "_failure",
        "_keeps_response",
        "_limits",
        "_listener",
        "_network",
        "_observer",
        "_peer_close",
        "_pings",
        "_sent_close",
        "_sent_code",
        "_started_at_s",
        "_task",
        "_untold",
        "_watch",
        "_wire",
        "extensions",
        "on_drained",
        "protocol",
        "reading",
        "ready_state",
        "request",
        "response",
        "sender",
    )

    def __init__(  # noqa: PLR0913 - each is one part that a connection is made of
        self,
        request: OpeningRequest,
        *,
        network: Network,
        listener: ConnectionListener,
        observer: ConnectionObserver,
        clock: Clock,
        cookies: "CookieJar | None" = None,
        keeps_response: bool = False,
        tasks: TaskCount | None = None,
    ) -> None:
        self.request = request
        self.response: HandshakeResponse | None = None
        self.on_drained: Callable[[], object] | None = None
        self._keeps_response = keeps_response
        self.ready_state = ReadyState.CONNECTING
        self.protocol = ""
        self.extensions = ""
        self._network = network
        self._limits = request.limits or network.settings.limits
        self._listener = listener
        self._observer = observer
        self._count_received: Callable[[int, float], object]
        self.reading = Reading()
        self.sender = Sender(tasks or TaskCount())
        self._clock = clock
        self._cookies = cookies
        self._wire: Wire | None = None
        self._task: asyncio.Task[None] | None = None
        self._close_handle: asyncio.TimerHandle | None = None
        # There from the first ping on: most connections send none.
        self._pings: Pings | None = None
        # There where a lens reads the socket.
        self._watch: MessageWatch | None = None
        self._sent_close = False
        self._sent_code: int | None = None
        self._started_at_s = 0.0
        self._peer_close: tuple[int, str] | None = None
        self._failure: Failure | None = None
        # Why it could not be opened and when, until the owner was told.
        self._untold: tuple[Failure, float] | None = None

    # -- For the owner ---------------------------------------------------------------

    def open(self) -> None:
        """Begin to connect in the background."""
        self._started_at_s = self._clock.now_s()
        self._task = asyncio.get_running_loop().create_task(self._open())

    @property
    def buffered_amount(self) -> int:
        """Bytes of payload that were given to send and are not on the network."""
        return self.sender.unsent.amount()

    @property
    def unsent_bytes(self) -> int:
        """Bytes of payload that are not on the network yet, and may get there."""
        return self.sender.unsent.waiting_bytes()

    def send_text(self, text: str) -> None:
        """Send a text, as `Sender` does."""
        self.sender.send_text(text)

    def send_binary(self, payload: bytes) -> None:
        """Send bytes, as `Sender` does."""
        self.sender.send_binary(payload)

    def ping(self) -> None:
        """
        Send a ping.

        Raises:
            WebSocketError: ``InvalidStateError`` unless the connection is open.

        """
        if self.ready_state is not ReadyState.OPEN:
            raise WebSocketError("InvalidStateError", "ping() needs an open socket")
        assert self._wire is not None
        if self._wire.is_mute:
            return
        if self._pings is None:
            self._pings = Pings()
        payload = self._pings.next_payload(self._clock.now_s())
        self._observer.bytes_sent(self._wire.send_ping(payload))

    def close(self, code: int | None = None, reason: str = "") -> None:
        """
        Begin the closing handshake, or give up connecting.

        Without effect when closing or closed. What was sent before goes out first.

        Raises:
            WebSocketError: ``InvalidAccessError`` or ``SyntaxError`` for a code or a
                reason that a script must not use, in whatever state.

        Source:
            WHATWG WebSockets, section 3.1, ``close()``.

        """
        encoded = close_codes.check_close(code, reason)
        if code is None and encoded:
            code = close_codes.NORMAL
        self._begin_close(code, encoded)

    @property
    def description(self) -> str:
        """What it is, and in which state, in a few words; without a password."""
        url = without_password(self.request.url)
        return f"WebSocket {url} ({self.ready_state.name.lower()})"

    def shut(self, code: int, reason: bytes = b"") -> None:
        """Close with any code, because the iteration or the run is over."""
        if self._watch is not None:
            self._watch.forget()
        self._begin_close(code, reason)

    def pong(self, payload: bytes) -> None:
        """Send a pong that nobody asked for (RFC 6455 section 5.5.3), if it is open."""
        if self._wire is not None and not self._sent_close:
            self._observer.bytes_sent(self._wire.send_pong(payload))

    @property
    def pings_answered(self) -> int:
        """How many of the pings sent are answered: the pong of one answers older ones."""
        return 0 if self._pings is None else self._pings.answered_count

    def abort(self) -> None:
        """End at once, without a word to the peer."""
        if self._watch is not None:
            self._watch.forget()
        if self.ready_state is ReadyState.CLOSED:
            self._tell_of_failed_opening()
            return
        if self._wire is None:
            self._give_up_opening()
            self._tell_of_failed_opening()
        else:
            self._wire.abort()
            self._end()

    def request_begins(self) -> None:
        """Take note that the script measures the answer to what it sends next."""
        if self._watch is not None:
            self._watch.begins_request = True

    def request_ended(self, duration_s: float | None, name: str) -> None:
        """Take note of a request of the script's; None for one that was not answered."""
        self._observer.request_ended(duration_s, name)

    # -- What the wire tells -----------------------------------------------------------

    def text_received(self, text: str, size_bytes: int, at_s: float) -> None:
        """Take a text that needed more than the direct way from wire to listener."""
        self._count_received(size_bytes, at_s)
        if self.ready_state is ReadyState.OPEN:
            (self._watch or self._listener.on_message)(text, at_s)

    def binary_received(self, data: bytes, at_s: float) -> None:
        """Take bytes that needed more than the direct way."""
        self._count_received(len(data), at_s)
        if self.ready_state is ReadyState.OPEN:
            (self._watch or self._listener.on_message)(data, at_s)

    def ping_received(self, payload: bytes, at_s: float) -> None:
        """Answer a ping at once, then tell of it."""
        self._observer.bytes_received(wire_size(len(payload)))
        if self._peer_close is not None:
            # RFC 6455 section 5.5.1: nothing that comes after it counts.
            return
        assert self._wire is not None
        if not self._sent_close:
            self._observer.bytes_sent(self._wire.send_pong(payload))
        self._listener.on_ping(at_s)

    def pong_received(self, payload: bytes, at_s: float) -> None:
        """Measure the round trip of a ping of ours."""
        self._observer.bytes_received(wire_size(len(payload)))
        if self._peer_close is not None:
            return
        sent_at_s = None if self._pings is None else self._pings.answered(payload)
        if sent_at_s is not None:
            if at_s < sent_at_s:
                # Sent and answered within one turn of the loop, whose date is earlier.
                at_s = self._clock.now_s()
            self._observer.pong_matched(at_s - sent_at_s, at_s)
        self._listener.on_pong(at_s)

    def close_received(self, code: int | None, reason: str, at_s: float) -> None:
        """Answer the peer's close frame, or take it as the answer to ours."""
        self._observer.bytes_received(
            wire_size(0 if code is None else len(reason.encode()) + 2)
        )
        if self._peer_close is not None:
            return
        self._peer_close = (close_codes.NO_STATUS if code is None else code, reason)
        problem = close_codes.error_words(code, reason)
        # The peer's echo of our own code says nothing.
        if problem and self._failure is None and code != self._sent_code:
            failure = Failure(FailureReason.CLOSE_CODE, f"websocket: {problem}")
            self._observer.failed(failure, at_s)
        assert self._wire is not None
        if not self._sent_close:
            self._sent_close = True
            self._become(ReadyState.CLOSING)
            self._observer.bytes_sent(self._wire.send_close(code, b""))
            self._listener.on_closing(at_s)
        # Else the end of TCP would stay unseen.
        self.reading.read_all()
        # RFC 6455 section 7.1.1: the server is to close TCP first. It gets so long.
        self._limit_close()

    def bytes_received(self, wire_bytes: int) -> None:
        """Count bytes."""
        self._observer.bytes_received(wire_bytes)

    def violated(self, code: int, problem: str, at_s: float) -> None:
        """Fail the connection (RFC 6455 section 7.1.7); the close frame is sent."""
        if self.ready_state is ReadyState.CLOSED:
            return
        self.reading.end()
        self._sent_close = True
        self._fail(violation(code, problem, self._limits.max_message_size_bytes))
        assert self._wire is not None
        self._peer_close = None
        self._wire.close()
        self._limit_close(1.0)

    def drained(self) -> None:
        """Take note that all that was sent is written."""
        self.sender.unsent.written()
        if self.on_drained is not None:
            on_drained, self.on_drained = self.on_drained, None
            on_drained()

    def muted(self) -> None:
        """Drop what is sent from now on, and go on with what comes."""
        self.sender.unsent.drop_rest()
        self.sender.close()

    def lost(self, error: BaseException | None, at_s: float) -> None:
        """Take the end of TCP."""
        if self.ready_state is ReadyState.CLOSED:
            return
        if self._peer_close is None and self._failure is None:
            self._fail(lost_failure(error))
        self._end()

    # -- The inside --------------------------------------------------------------------

    async def _open(self) -> None:
        try:
            opened = await open_transport(
                self.request, self._network, clock=self._clock, cookies=self._cookies
            )
        except OpeningError as error:
            self._task = None
            self._observer.opening_ended(error.facts)
            self._fail_opening(error.failure)
        except asyncio.CancelledError:
            if self.ready_state is not ReadyState.CLOSED:
                raise
        else:
            self._task = None
            try:
                self._opened(opened)
            except Exception as error:
                # Nothing may leave a socket that neither opens nor closes.
                opened.transport.abort()
                logging.getLogger("gharial").exception("while opening a socket")
                self._wire = None
                self._fail(Failure(FailureReason.PROTOCOL, f"websocket: {error}"))
                self._end()

    def _opened(self, opened: Opened) -> None:
        at_s = self._clock.now_s()
        self.protocol = opened.protocol
        self.extensions = opened.extensions
        if self._keeps_response:
            self.response = opened.response
        observer = self._observer
        observer.opening_ended(opened.facts)
        self._count_received = observer.count_received
        log = self._network.frame_log
        told = (self.request.url, opened.response.status, opened.extensions)
        write = log.begin(*told) if log.left > 0 else None
        wire = attach(
            opened.transport,
            self if write is None else LoggedEvents(self, write),
            deflate=opened.deflate,
            limits=self._limits,
            turns=self._network.turns(self._clock.now_s),
        )
        self._wire = wire if write is None else logged_wire(wire, write)
        self._become(ReadyState.OPEN)
        self.reading.start(self._wire)
        self.sender.open(self._wire, observer.count_sent, observer.bytes_sent)
        take = self._listener.on_message
        self._watch = watch_for(
            self.request,
            self.protocol,
            self._network,
            observer,
            take,
            self._clock.now_s,
        )
        if self._watch is not None:
            self.sender.watch(self._watch)
        self._wire.hand_over(self._count_received, self._watch or take)
        self._listener.on_open(at_s)
        wire.start(opened.leftover)

    def _begin_close(self, code: int | None, reason: bytes) -> None:
        if self.ready_state is ReadyState.CONNECTING:
            self._give_up_opening()
        elif self.ready_state is ReadyState.OPEN:
            self._become(ReadyState.CLOSING)
            self._send_close(code, reason)
            # Else the answer would stay behind what nobody reads.
            self.reading.read_all()

    def _send_close(self, code: int | None, reason: bytes) -> None:
        assert self._wire is not None
        self._sent_close = True
        self._sent_code = code
        self._observer.bytes_sent(self._wire.send_close(code, reason))
        self._limit_close()

    def _give_up_opening(self) -> None:
        """Fail the connection while it is being made; the events come in a later task."""
        failure = Failure(
            FailureReason.CANCELLED,
            "websocket: closed before the connection was established",
        )
        at_s = self._clock.now_s()
        self._observer.opening_ended(given_up(self._started_at_s, at_s, failure))
        self._become(ReadyState.CLOSED)
        self._untold = (failure, at_s)
        if self._task is not None:
            self._task.cancel()
            # Never within the call that closes: its script is not ready to hear of it.
            self._task.get_loop().call_soon(self._tell_of_failed_opening)
            self._task = None

    def _fail_opening(self, failure: Failure) -> None:
        self._become(ReadyState.CLOSED)
        self._untold = (failure, self._clock.now_s())
        self._tell_of_failed_opening()

    def _tell_of_failed_opening(self) -> None:
        """Tell the owner, once; where it is about to go, before that."""
        if self._untold is None:
            return
        (failure, at_s), self._untold = self._untold, None
        self._listener.on_error(failure, at_s)
        self._listener.on_close(close_codes.ABNORMAL, "", False, at_s)

    def _fail(self, failure: Failure) -> None:
        if self._failure is None:
            self._failure = failure
            if self.ready_state is ReadyState.OPEN:
                self._become(ReadyState.CLOSING)
            self._observer.failed(failure, self._clock.now_s())

    def _limit_close(self, limit_s: float | None = None) -> None:
        if self._close_handle is None:
            self._close_handle = asyncio.get_running_loop().call_later(
                self._limits.close_timeout_s if limit_s is None else limit_s,
                self._give_up_closing,
            )

    def _give_up_closing(self) -> None:
        if self.ready_state is ReadyState.CLOSED or self._wire is None:
            return
        if self._peer_close is None:
            self._fail(unanswered_close(self._limits.close_timeout_s))
        self._wire.abort()
        self._end()

    def _end(self) -> None:
        """Tell of the end, once."""
        if self.ready_state is ReadyState.CLOSED:
            return
        at_s = self._clock.now_s()
        if self._close_handle is not None:
            self._close_handle.cancel()
            self._close_handle = None
        self.sender.unsent.end()
        self._become(ReadyState.CLOSED)
        self.reading.end()
        self._wire = None
        code, reason = self._peer_close or (close_codes.ABNORMAL, "")
        if self._pings is not None and self._pings.lost:
            self._observer.pings_lost(self._pings.lost, at_s)
        if self._watch is not None:
            self._watch.closed(code, at_s)
        self._observer.closed(code, at_s)
        if self._failure is not None:
            self._listener.on_error(self._failure, at_s)
        self._listener.on_close(code, reason, self._peer_close is not None, at_s)

    def _become(self, state: ReadyState) -> None:
        assert state in TRANSITIONS[self.ready_state], (self.ready_state, state)
        if state is not ReadyState.OPEN:
            # What is sent or comes from now on is counted and dropped.
            self.sender.close()
            if self.ready_state is ReadyState.OPEN and self._wire is not None:
                self._wire.hand_over(self._count_received, None)
        self.ready_state = state
