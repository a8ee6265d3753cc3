"""Makes requests over HTTP: redirects, cookies and credentials, each exchange measured."""

import asyncio
import io
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import aiohttp
import yarl

from gharial.errors import GharialError
from gharial.http.answer import Answer, BodySink, fields_bytes, timings
from gharial.http.connector import CURRENT_ATTEMPT, Attempt, Connector, asked_proxy
from gharial.http.exchange import (
    HttpExchange,
    HttpFailure,
    HttpRequest,
    Timings,
)
from gharial.http.failures import INVALID_URL, failure_of, invalid_url, timed_out
from gharial.http.hops import Hop
from gharial.net.cookies import CookieJar
from gharial.net.network import Network
from gharial.net.redirects import STATUSES
from gharial.timing import Clock

# Go sends none of these by itself; what a script sets is sent.
_NOT_BY_ITSELF = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_PROXY_AUTHORIZATION = "Proxy-Authorization"
# aiohttp warns of larger bodies that are given as bytes.
_LARGE_BODY_BYTES = 1024 * 1024
_HEADER_MAXIMUM_BYTES = 1024 * 1024

OnExchange = Callable[[HttpExchange], None]


class HttpClient:
    """
    All HTTP of one process.

    Each virtual user has connections of its own, as a browser has; they stay open from
    one iteration to the next.
    """

    def __init__(
        self,
        network: Network,
        clock: Clock,
        *,
        rate_per_s: int = 0,
        reuses_connections: bool = True,
    ) -> None:
        self._network = network
        self._clock = clock
        self._reuses_connections = reuses_connections
        self._interval_s = 1.0 / rate_per_s if rate_per_s else 0.0
        self._next_slot_at_s = 0.0
        self._sessions: dict[int, aiohttp.ClientSession] = {}

    async def perform(
        self,
        request: HttpRequest,
        *,
        owner: int,
        cookies: CookieJar,
        on_exchange: OnExchange,
        warn: Callable[[str], None],
        sink: BodySink | None = None,
    ) -> HttpExchange:
        """
        Return the last exchange; nothing but a cancellation is raised.

        With a sink, the request's limit is one for its headers. A body that is here
        with them is returned, any other goes to the sink: once that has heard of the
        headers, an exchange with a failure is one whose body ended early.

        Args:
            request: What to ask for.
            owner: The virtual user, by its number.
            cookies: The jar to send from and to store in.
            on_exchange: Hears of each exchange that was tried, redirects among them.
            warn: Takes a message for the user.
            sink: Takes the last answer's body as it arrives; None to read all of it.

        """
        try:
            hop = Hop(request)
        except ValueError as error:
            failure = invalid_url(request.url, str(error))
            exchange = HttpExchange(request.method, request.url, failure=failure)
            if failure.code != INVALID_URL:
                on_exchange(exchange)
            return exchange
        await self._wait_for_slot()
        reception = _Reception(request, on_exchange, sink)
        while True:
            exchange = await self._exchange(hop, owner, cookies, reception)
            on_exchange(exchange)
            location = reception.redirect(exchange)
            if not location:
                return exchange
            if not reception.may_follow:
                if request.warns_of_redirects:
                    warn(
                        f"{request.method} {hop.url}: stopped after "
                        f"{reception.followed} redirects and returned the last one; set "
                        "the parameter redirects, or the option maxRedirects, to silence "
                        "this"
                    )
                return exchange
            reception.followed += 1
            try:
                hop = hop.redirected(exchange.status, location)
            except ValueError as error:
                failure = invalid_url(location, str(error))
                return replace(exchange, failure=failure, status=0)

    async def forget(self, owner: int) -> None:
        """Close the connections of one virtual user."""
        session = self._sessions.pop(owner, None)
        if session is not None:
            await session.close()

    async def close(self) -> None:
        """Close all connections."""
        sessions = [*self._sessions.values()]
        self._sessions.clear()
        for session in sessions:
            await session.close()

    async def _wait_for_slot(self) -> None:
        if self._interval_s:
            now_s = self._clock.now_s()
            slot_at_s = max(self._next_slot_at_s, now_s)
            self._next_slot_at_s = slot_at_s + self._interval_s
            await asyncio.sleep(slot_at_s - now_s)

    def _session(self, owner: int) -> aiohttp.ClientSession:
        session = self._sessions.get(owner)
        if session is None:
            # By its own module: compat.install() replaces the name in the package.
            session = self._sessions[owner] = aiohttp.client.ClientSession(
                connector=Connector(
                    self._network, self._clock, is_reused=self._reuses_connections
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                skip_auto_headers=_NOT_BY_ITSELF,
                trace_configs=[_tracing(self._clock)],
                max_line_size=_HEADER_MAXIMUM_BYTES,
                max_field_size=_HEADER_MAXIMUM_BYTES,
            )
        return session

    async def _exchange(
        self, hop: Hop, owner: int, cookies: CookieJar, reception: "_Reception"
    ) -> HttpExchange:
        attempt = Attempt(hop.request.local_address)
        CURRENT_ATTEMPT.set(attempt)
        began_at_s = self._clock.now_s()
        try:
            async with asyncio.timeout_at(reception.ends_at_s) as limit:
                async with self._asked(hop, owner, cookies, attempt) as response:
                    answer = Answer(
                        hop,
                        attempt,
                        response,
                        clock=self._clock,
                        began_at_s=began_at_s,
                    )
                    cookies.store(hop.url, answer.set_cookies)
                    await reception.take(answer, limit)
                return answer.exchange()
        except TimeoutError:
            failure = timed_out(hop.request.timeout_s)
        except (aiohttp.ClientError, GharialError, OSError, ValueError) as error:
            failure = failure_of(error)
        return self._failed(hop, attempt, began_at_s, failure)

    def _asked(
        self, hop: Hop, owner: int, cookies: CookieJar, attempt: Attempt
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        request = hop.request
        body, url = hop.body, yarl.URL(hop.url, encoded=True)
        headers = hop.headers(self._network.settings.user_agent, cookies)
        proxy = asked_proxy(self._network, url)
        attempt.asks_proxy = proxy is not None
        if proxy is not None and proxy.login is not None:
            headers.append((_PROXY_AUTHORIZATION, proxy.login.basic))
        return self._session(owner).request(
            hop.method,
            url,
            headers=headers,
            proxy=None if proxy is None else yarl.URL(proxy.name),
            data=(
                io.BytesIO(body)
                if body is not None and len(body) > _LARGE_BODY_BYTES
                else body
            ),
            allow_redirects=False,
            trace_request_ctx=attempt,
            middlewares=(
                (aiohttp.DigestAuthMiddleware(hop.username, hop.password),)
                if request.uses_digest and hop.username
                else ()
            ),
        )

    def _failed(
        self, hop: Hop, attempt: Attempt, began_at_s: float, failure: HttpFailure
    ) -> HttpExchange:
        now_s = self._clock.now_s()
        # Without a connection nothing was sent: all of the time went into having one.
        passed = (
            timings(attempt, began_at_s, now_s, now_s)
            if attempt.connected_at_s is not None
            else Timings(blocked_s=now_s - began_at_s - attempt.connecting_s)
        )
        return HttpExchange(
            hop.method,
            hop.url,
            timings=passed,
            failure=failure,
            received_bytes=attempt.received_bytes,
            written_url=hop.written_url,
            **attempt.connection(),
        )


class _Reception:
    """How the answers to one request and to its redirects are taken."""

    def __init__(
        self, request: HttpRequest, on_exchange: OnExchange, sink: BodySink | None
    ) -> None:
        self.ends_at_s = asyncio.get_running_loop().time() + request.timeout_s
        self.followed = 0
        self._request = request
        self._on_exchange = on_exchange
        self._sink = sink

    def redirect(self, exchange: HttpExchange) -> str:
        """Return where an answer leads to, empty for nowhere."""
        return exchange.header("location") if exchange.status in STATUSES else ""

    @property
    def may_follow(self) -> bool:
        """Whether one more redirect may be followed."""
        return self.followed < self._request.max_redirects

    async def take(self, answer: Answer, limit: asyncio.Timeout) -> None:
        """Read a body, or hand it on: then without a limit, as a stream may be endless."""
        if (
            self._sink is None
            or answer.has_arrived
            or (self.may_follow and self.redirect(answer.exchange()))
        ):
            await answer.read()
            return
        limit.reschedule(None)
        try:
            await answer.feed(self._sink)
        except asyncio.CancelledError:
            # There was an answer, whether or not anybody wants the rest of it.
            self._on_exchange(answer.exchange())
            raise


def _tracing(clock: Clock) -> aiohttp.TraceConfig:
    """Return what notes in the attempt when the request was written, and how much."""
    config = aiohttp.TraceConfig()

    async def headers_sent(session: Any, context: Any, params: Any) -> None:
        attempt: Attempt = context.trace_request_ctx
        attempt.sent_at_s = clock.now_s()
        headers = tuple((str(n), str(v)) for n, v in params.headers.items())
        # What is said to the proxy is not of the script's request.
        attempt.request_headers = tuple(
            (n, v) for n, v in headers if n != _PROXY_AUTHORIZATION
        )
        asked = str(params.url) if attempt.asks_proxy else params.url.raw_path_qs
        target = len(asked) + len(params.method)
        attempt.sent_bytes = target + len(" HTTP/1.1\r\n ") + fields_bytes(headers)

    async def chunk_sent(session: Any, context: Any, params: Any) -> None:
        attempt: Attempt = context.trace_request_ctx
        attempt.sent_at_s = clock.now_s()
        attempt.sent_bytes += len(params.chunk)

    config.on_request_headers_sent.append(headers_sent)
    config.on_request_chunk_sent.append(chunk_sent)
    return config
