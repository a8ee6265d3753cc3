"""Opens one socket: resolve, connect, TLS, upgrade; each phase limited and timed."""

import asyncio
import logging
import socket
import ssl
from functools import partial

import aiofastnet

from gharial.errors import ConfigurationError, GharialError
from gharial.lazy_dataclass import dataclass
from gharial.net.answer import header_values
from gharial.net.cookies import CookieJar
from gharial.net.failures import Failure, FailureReason, HandshakeResponse, PhaseError
from gharial.net.network import Network
from gharial.net.redirects import STATUSES
from gharial.net.route import Route
from gharial.net.secure import secure, tls_handshake
from gharial.net.url import Target, target_of
from gharial.timing import Clock, format_duration
from gharial.websocket import redirects
from gharial.websocket.extensions import DeflateParameters
from gharial.websocket.handshake import (
    HandshakeProtocol,
    build_request,
    check_response,
    new_key,
)
from gharial.websocket.observer import OpeningFacts
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.wire.stream import stream_on

# zlib has no window of 256 bytes for raw data: what it writes then is not compressed.
_WINDOW_OF_8 = (
    "compression.windowBits is 8: some servers refuse that, and messages that are sent do "
    "not get smaller; use 9 or more"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """
    A socket that was upgraded and belongs to the caller.

    Attributes:
        transport: The transport; it does not read until its protocol is replaced and
            ``resume_reading`` is called.
        leftover: Bytes of frames that came along with the answer.
        response: The server's answer.
        protocol: The negotiated subprotocol, empty for none.
        extensions: The answer's ``Sec-WebSocket-Extensions``, as sent.
        deflate: What was agreed on for compression, None for no compression.
        facts: What the attempt took.

    """

    transport: asyncio.Transport
    leftover: bytes
    response: HandshakeResponse
    protocol: str
    extensions: str
    deflate: DeflateParameters | None
    facts: OpeningFacts


class OpeningError(GharialError):
    """
    A socket could not be opened.

    Attributes:
        failure: What went wrong.
        facts: How far it came and what that took.

    """

    def __init__(self, failure: Failure, facts: OpeningFacts) -> None:
        super().__init__(failure, facts)
        self.failure = failure
        self.facts = facts

    def __str__(self) -> str:
        return self.failure.message


async def open_transport(
    request: OpeningRequest,
    network: Network,
    *,
    clock: Clock,
    cookies: CookieJar | None = None,
) -> Opened:
    """
    Return an upgraded socket, or leave nothing behind.

    Cancelled at any point it closes what it opened.

    Raises:
        OpeningError: If any phase failed or took longer than its limit.

    """
    if request.deflate is not None and request.deflate.window_bits == 8:
        network.warn_once(_WINDOW_OF_8)
    attempt = _Attempt(request, network, clock, cookies)
    try:
        return await _run(attempt, network.settings.ws_redirects)
    except PhaseError as error:
        attempt.abandon()
        failure = error.failure
        raise OpeningError(failure, attempt.facts(failure)) from error
    except ConfigurationError as error:
        attempt.abandon()
        failure = Failure(FailureReason.TLS, str(error))
        raise OpeningError(failure, attempt.facts(failure)) from error
    except Exception as error:
        # Whatever it is (a connection that broke between two steps, an error of ours): a
        # socket must fail, not hang.
        attempt.abandon()
        if not isinstance(error, OSError):
            logging.getLogger("gharial").exception("while opening a socket")
        is_broken = isinstance(error, ConnectionError)
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
        failure = Failure(
            FailureReason.RESET if is_broken else FailureReason.DIAL,
            f"websocket: bad handshake: {words.lower()}",
        )
        raise OpeningError(failure, attempt.facts(failure)) from error
    except BaseException:
        attempt.abandon()
        raise


async def _run(attempt: "_Attempt", usual_redirects: int) -> Opened:
    """Return what an attempt comes to, with as many redirects as are allowed."""
    allowed = attempt.request.redirects
    if allowed is None:
        allowed = usual_redirects
    followed = 0
    while True:
        try:
            return await attempt.run()
        except PhaseError as error:
            response = error.response
            if response is None or response.status not in STATUSES:
                raise
            if followed == allowed:
                problem = (
                    f"at most {followed} in a row are followed"
                    if followed
                    else "redirects are followed only if the socket's parameter redirects "
                    "or the option wsRedirects sets how many"
                )
            else:
                try:
                    attempt.redirect(response)
                    followed += 1
                    continue
                except redirects.RedirectError as nowhere:
                    problem = f"the redirect is not followed: {nowhere}"
            raise PhaseError(error.reason, f"{error}; {problem}", response) from error


class _Attempt:
    """One attempt to open a socket, and what is known of it so far."""

    __slots__ = (
        "_clock",
        "_cookies",
        "_handshake",
        "_limits",
        "_network",
        "_protocol",
        "_route",
        "_sent_bytes",
        "_sock",
        "_started_at_s",
        "_target",
        "_tls_s",
        "request",
    )

    def __init__(
        self,
        request: OpeningRequest,
        network: Network,
        clock: Clock,
        cookies: CookieJar | None,
    ) -> None:
        self.request = request
        self._network = network
        self._limits = request.limits or network.settings.limits
        self._clock = clock
        self._cookies = cookies
        self._target: Target = target_of(self.request.url)
        self._started_at_s = clock.now_s()
        self._route: Route | None = None
        self._tls_s: float | None = None
        self._protocol = ""
        self._sent_bytes = 0
        self._sock: socket.socket | None = None
        self._handshake: HandshakeProtocol | None = None

    async def run(self) -> Opened:
        key = new_key()
        if self._target.unix_path:
            # Cookies belong to names; a path has none.
            self._cookies = None
        cookie = self._cookies.header_for(self.request.url) if self._cookies else ""
        head = build_request(
            self._target,
            self.request,
            key=key,
            user_agent=self._network.settings.user_agent,
            cookie=cookie,
        )
        # Before the dial, so that building the first context is in no phase's time.
        context = None
        if self._target.secure:
            context = self._network.tls.for_host(self._target.host, self.request.tls)
        await self._dial()
        handshake = await self._start(head, context)
        await self._upgrade(handshake)
        return self._check(handshake, key)

    async def _dial(self) -> None:
        proxy_url = self.request.proxy
        if proxy_url is None:
            proxy_url = self._network.proxies.for_target(self._target)
        self._route = Route(
            self._target,
            self._network.resolver,
            self._clock,
            self.request.local_address,
        )
        self._sock = await self._route.dial(proxy_url, self._limits.dial_timeout_s)

    def redirect(self, response: HandshakeResponse) -> None:
        """
        Go on where an answer leads; what was measured so far stands.

        Raises:
            RedirectError: If it leads nowhere.

        """
        self.request = redirects.redirected(self.request, response)
        self.abandon()
        self._target = target_of(self.request.url)
        self._handshake = None

    async def _start(
        self, head: bytes, context: ssl.SSLContext | None
    ) -> HandshakeProtocol:
        """Put a transport (with TLS, if need be) on the socket and send the request."""
        loop = self._network.loop()
        handshake = HandshakeProtocol(head, self._clock, loop)
        self._handshake = handshake
        sock, self._sock = self._sock, None
        stream = stream_on(sock) if context is None else None
        if stream is not None:
            stream.set_protocol(handshake)
            handshake.connection_made(stream)
        elif context is None:
            await aiofastnet.create_connection(loop, lambda: handshake, sock=sock)
        else:
            began_at_s = self._clock.now_s()
            limit_s = self._limits.tls_timeout_s
            own = self.request.tls
            host = (own.server_name if own else "") or self._target.host.rstrip(".")
            hint = partial(self._network.hint, self._target, "ws://")
            async with tls_handshake(host, limit_s, hint) as later_s:
                await secure(loop, handshake, sock, context, host, later_s)
            self._tls_s = (handshake.connected_at_s or began_at_s) - began_at_s
        self._sent_bytes = len(head)
        return handshake

    async def _upgrade(self, handshake: HandshakeProtocol) -> None:
        limit_s = self._limits.handshake_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                await handshake.answered
        except TimeoutError:
            raise PhaseError(
                FailureReason.HANDSHAKE_TIMEOUT,
                "websocket: bad handshake: timeout, no complete answer after "
                f"{format_duration(limit_s)}",
            ) from None
        except PhaseError as error:
            if not handshake.may_be_tls or self._target.secure:
                raise
            hint = self._network.hint(self._target, "wss://")
            raise PhaseError(error.reason, f"{error}{hint}") from error

    def _check(self, handshake: HandshakeProtocol, key: str) -> Opened:
        response = handshake.parser.response
        transport = handshake.transport
        assert response is not None
        assert transport is not None
        if self._cookies is not None:
            self._cookies.store(self.request.url, header_values(response, "set-cookie"))
        try:
            agreed = check_response(response, self.request, key)
        except PhaseError as error:
            if self._target.secure or not _asks_for_tls(response):
                self._network.answered(self._target)
                raise
            hint = self._network.hint(self._target, "wss://")
            raise PhaseError(error.reason, f"{error}{hint}", response) from error
        self._network.answered(self._target)
        protocol, extensions, deflate = agreed
        self._protocol = protocol
        return Opened(
            transport,
            handshake.parser.leftover,
            response,
            protocol,
            extensions,
            deflate,
            self.facts(None),
        )

    def abandon(self) -> None:
        """Close what is open."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        handshake = self._handshake
        if handshake is not None:
            handshake.answered.cancel()
            if handshake.transport is not None:
                handshake.transport.abort()

    def facts(self, failure: Failure | None) -> OpeningFacts:
        handshake, route = self._handshake, self._route
        now_s = self._clock.now_s()
        upgrade_s: float | None = None
        received_bytes, status, server = 0, None, ""
        answered_at_s: float | None = None
        if handshake is not None:
            response = handshake.parser.response
            answered_at_s = handshake.answered_at_s
            received_bytes = handshake.received_bytes
            if response is not None:
                status = response.status
                server = next(iter(header_values(response, "server")), "")
                if status == 101:
                    received_bytes = handshake.parser.head_bytes
            if answered_at_s is not None and handshake.connected_at_s is not None:
                upgrade_s = answered_at_s - handshake.connected_at_s
        ended_at_s = answered_at_s if answered_at_s is not None else now_s
        return OpeningFacts(
            started_at_s=self._started_at_s,
            ended_at_s=ended_at_s,
            dns_s=route.dns_s if route is not None else None,
            tcp_s=route.tcp_s if route is not None else None,
            tls_s=self._tls_s,
            upgrade_s=upgrade_s,
            status=status,
            protocol=self._protocol,
            ip=route.ip if route is not None else "",
            sent_bytes=self._sent_bytes,
            received_bytes=received_bytes,
            failure=failure,
            server=server,
        )


def _asks_for_tls(response: HandshakeResponse) -> bool:
    # Servers whose port speaks TLS say so to plain HTTP, each in its own words.
    says_so = b"HTTPS" in response.body or b"SSL" in response.body
    return response.status == 400 and says_so
