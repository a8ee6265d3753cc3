"""Our WebSocket with what other clients' APIs need of it: pings and close codes."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from gharial.compat import package
from gharial.net.failures import Failure, HandshakeResponse
from gharial.python.websocket.api import WebSocket
from gharial.python.websocket.environment import current_environment
from gharial.websocket.close_codes import REASON_MAXIMUM_BYTES
from gharial.websocket.state import ReadyState

package.load()


class CompatSocket(WebSocket):
    """
    A WebSocket for the API of another client to be built on.

    Attributes:
        failure: What went wrong; None for nothing so far.
        sent_close: The code and the reason of our own close frame, if we closed first.
        latency_s: The round trip of the last ping that was answered; 0 before.

    """

    _keeps_response: ClassVar[bool] = True

    def __init__(self, url: str, **parameters: Any) -> None:
        self.failure: Failure | None = None
        self.sent_close: tuple[int, str] | None = None
        self.latency_s = 0.0
        self._pings_sent = 0
        self._awaited_pings: deque[tuple[int, float, asyncio.Future[float]]] = deque()
        self._keepalive: asyncio.TimerHandle | None = None
        super().__init__(url, **parameters)

    @property
    def response(self) -> HandshakeResponse | None:
        """The server's answer to the upgrade, once there is one."""
        failed = self.failure.response if self.failure is not None else None
        return self._connection.response or failed

    @property
    def request_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers that were given for the upgrade, those of the options included."""
        return self._connection.request.headers

    @property
    def end(self) -> tuple[int, str, bool] | None:
        """The close code, its reason, and whether the server sent them; None before."""
        event = self._close
        return None if event is None else (event.code, event.reason, event.was_clean)

    async def opened_within(self, limit_s: float | None) -> None:
        """
        Wait until it is open; abort it if that takes too long or the wait is cancelled.

        Args:
            limit_s: How long it may take; None for any time.

        Raises:
            TimeoutError: If it takes longer.
            SocketClosedError: If it cannot be opened.

        """
        try:
            async with asyncio.timeout(limit_s):
                await self.opened()
        except (TimeoutError, asyncio.CancelledError):
            self.abort()
            raise

    def end_with(self, code: int, reason: str = "") -> None:
        """
        Begin the closing handshake with any code that a client may send.

        Raises:
            ValueError: If the reason is too long for a close frame.

        """
        encoded = reason.encode()
        if len(encoded) > REASON_MAXIMUM_BYTES:
            raise ValueError(
                f"a close reason takes at most {REASON_MAXIMUM_BYTES} bytes, "
                f"not {len(encoded)}"
            )
        if self._state in (ReadyState.CLOSING, ReadyState.CLOSED):
            return
        self.sent_close = (code, reason)
        self._has_closed = True
        self._become(ReadyState.CLOSING)
        self._connection.shut(code, encoded)

    def send_ping(self) -> asyncio.Future[float]:
        """
        Send a ping; the future has its round trip in seconds once it is answered.

        It is cancelled if the socket closes first.
        """
        self.ping()
        self._pings_sent += 1
        answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        # Not the loop's time, which stands still during one of its turns.
        sent_at_s = self._environment.clock.now_s()
        self._awaited_pings.append((self._pings_sent, sent_at_s, answered))
        return answered

    def send_pong(self, payload: bytes) -> None:
        """Send a pong that nobody asked for."""
        self._connection.pong(payload)

    def keep_alive(
        self, interval_s: float, limit_s: float | None, on_lost: Callable[[], object]
    ) -> None:
        """
        Ping at an interval from now on, until the socket is closed.

        Args:
            interval_s: Time from one ping to the next.
            limit_s: How long a pong may take; None for any time.
            on_lost: Called if a pong does not come in time.

        """
        loop = asyncio.get_running_loop()

        def ping() -> None:
            if self._state is not ReadyState.OPEN:
                return
            answered = self.send_ping()
            if limit_s is None:
                self._keepalive = loop.call_later(interval_s, ping)
                return
            self._keepalive = loop.call_later(limit_s, lost)
            answered.add_done_callback(again)

        def again(answered: asyncio.Future[float]) -> None:
            if self._keepalive is not None:
                self._keepalive.cancel()
            if not answered.cancelled() and self._state is ReadyState.OPEN:
                rest_s = max(0.0, interval_s - answered.result())
                self._keepalive = loop.call_later(rest_s, ping)

        def lost() -> None:
            if self._state is ReadyState.OPEN:
                on_lost()

        self._keepalive = loop.call_later(interval_s, ping)

    # -- What happens on the wire --------------------------------------------------------

    def _dispatch_error(self, failure: Failure, at_ms: float) -> None:
        self.failure = failure
        super()._dispatch_error(failure, at_ms)

    def _dispatch_control(self, kind: str, at_ms: float) -> None:
        if kind == "pong":
            self._settle_pings()
        super()._dispatch_control(kind, at_ms)

    def _tell_waiting(self) -> None:
        if self._keepalive is not None:
            self._keepalive.cancel()
        for _, _, answered in self._awaited_pings:
            answered.cancel()
        self._awaited_pings.clear()
        super()._tell_waiting()

    def _settle_pings(self) -> None:
        """Settle the pings that this pong answers: its own and all earlier ones."""
        now_s = self._environment.clock.now_s()
        waiting, count = self._awaited_pings, self._connection.pings_answered
        while waiting and waiting[0][0] <= count:
            _, sent_at_s, answered = waiting.popleft()
            self.latency_s = now_s - sent_at_s
            if not answered.done():
                answered.set_result(self.latency_s)


def joined_headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers with those of one name in one field (RFC 9110, section 5.3)."""
    found: dict[str, tuple[str, str]] = {}
    for name, value in pairs:
        key = name.lower()
        if key in found:
            between = "; " if key == "cookie" else ", "
            value = f"{found[key][1]}{between}{value}"
        found[key] = (found.get(key, (name, ""))[0], value)
    return dict(found.values())


def tls_parameter(
    context: object, server_name: str | None = None
) -> Mapping[str, Any] | None:
    """
    Return our parameter ``tls`` for what other clients call ``ssl``.

    Args:
        context: True or None for the usual, False for no verification, or a context of
            ``ssl``, of which the authorities and whether it verifies count.
        server_name: The name to ask for; None for the URL's.

    Raises:
        TypeError: If it is anything else.

    """
    given: dict[str, Any] = {}
    if server_name:
        given["sni"] = server_name
    if context is False:
        given["verify"] = False
    elif isinstance(context, ssl.SSLContext):
        if context.verify_mode is ssl.CERT_NONE or not context.check_hostname:
            given["verify"] = False
        elif authorities := context.get_ca_certs(binary_form=True):
            given["ca"] = [ssl.DER_cert_to_PEM_cert(each) for each in authorities]
    elif context is not None and context is not True:
        raise TypeError(
            f"gharial.compat cannot use {type(context).__name__} for TLS; give an "
            "SSLContext, or use the option 'sockets' of the script"
        )
    return given or None


def warn(text: str) -> None:
    """Log a warning of the script that runs."""
    current_environment().warn(text)
