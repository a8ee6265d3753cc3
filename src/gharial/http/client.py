"""Makes requests over HTTP: redirects, cookies and credentials, each exchange measured."""

import asyncio
import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import aiohttp
import yarl

from gharial.errors import GharialError
from gharial.http.connector import CURRENT_ATTEMPT, Attempt, Connector, asked_proxy
from gharial.http.exchange import (
    HttpExchange,
    HttpFailure,
    HttpRequest,
    Pairs,
    RequestCookie,
    Timings,
)
from gharial.http.failures import INVALID_URL, failure_of, invalid_url, timed_out
from gharial.net.cookies import CookieJar
from gharial.net.network import Network
from gharial.net.redirects import BOUND_HEADERS, STATUSES
from gharial.net.url import standard_url, written_url
from gharial.timing import Clock

# Go sends none of these by itself; what a script sets is sent.
_NOT_BY_ITSELF = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
# Ours are right; others would break the framing.
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_PROXY_AUTHORIZATION = "Proxy-Authorization"
_KEPT_METHOD = frozenset({307, 308})
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
    ) -> HttpExchange:
        """
        Return the last exchange; nothing but a cancellation is raised.

        Args:
            request: What to ask for.
            owner: The virtual user, by its number.
            cookies: The jar to send from and to store in.
            on_exchange: Hears of each exchange that was tried, redirects among them.
            warn: Takes a message for the user.

        """
        try:
            hop = _Hop(request)
        except ValueError as error:
            failure = invalid_url(request.url, str(error))
            exchange = HttpExchange(request.method, request.url, failure=failure)
            if failure.code != INVALID_URL:
                on_exchange(exchange)
            return exchange
        await self._wait_for_slot()
        ends_at_s = asyncio.get_running_loop().time() + request.timeout_s
        followed = 0
        while True:
            exchange = await self._exchange(hop, owner, cookies, ends_at_s)
            on_exchange(exchange)
            cookies.store(exchange.url, exchange.header_values("set-cookie"))
            location = exchange.header("location")
            if exchange.status not in STATUSES or not location:
                return exchange
            if followed >= request.max_redirects:
                if request.warns_of_redirects:
                    warn(
                        f"{request.method} {hop.url}: stopped after {followed} redirects "
                        "and returned the last one; set the parameter redirects, or "
                        "the option maxRedirects, to silence this"
                    )
                return exchange
            followed += 1
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
            session = self._sessions[owner] = aiohttp.ClientSession(
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
        self, hop: "_Hop", owner: int, cookies: CookieJar, ends_at_s: float
    ) -> HttpExchange:
        attempt = Attempt(hop.request.local_address)
        CURRENT_ATTEMPT.set(attempt)
        began_at_s = self._clock.now_s()
        try:
            async with asyncio.timeout_at(ends_at_s):
                return await self._ask(hop, self._session(owner), cookies, attempt)
        except TimeoutError:
            failure = timed_out(hop.request.timeout_s)
        except (aiohttp.ClientError, GharialError, OSError, ValueError) as error:
            failure = failure_of(error)
        return self._failed(hop, attempt, began_at_s, failure)

    async def _ask(
        self,
        hop: "_Hop",
        session: aiohttp.ClientSession,
        cookies: CookieJar,
        attempt: Attempt,
    ) -> HttpExchange:
        clock, request = self._clock, hop.request
        began_at_s = clock.now_s()
        body, url = hop.body, yarl.URL(hop.url, encoded=True)
        headers = hop.headers(self._network.settings.user_agent, cookies)
        proxy = asked_proxy(self._network, url)
        attempt.asks_proxy = proxy is not None
        if proxy is not None and proxy.login is not None:
            headers.append((_PROXY_AUTHORIZATION, proxy.login.basic))
        async with session.request(
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
        ) as response:
            answered_at_s = clock.now_s()
            content = await response.read()
            ended_at_s = clock.now_s()
            fields = tuple(
                (name.decode("latin-1"), value.decode("utf-8", "replace"))
                for name, value in response.raw_headers
            )
            version = response.version
            length = response.headers.get("Content-Length", "")
        exchange = HttpExchange(
            hop.method,
            hop.url,
            request_headers=attempt.request_headers,
            status=response.status,
            reason=response.reason or "",
            headers=fields,
            body=content,
            version=f"HTTP/{version.major}.{version.minor}" if version else "",
            timings=_timings(attempt, began_at_s, answered_at_s, ended_at_s),
            received_bytes=_head_bytes(fields)
            + (
                int(length)
                if length.isdecimal() and hop.method != "HEAD"
                else len(content)
            ),
        )
        return _with_connection(exchange, attempt, hop)

    def _failed(
        self, hop: "_Hop", attempt: Attempt, began_at_s: float, failure: HttpFailure
    ) -> HttpExchange:
        now_s = self._clock.now_s()
        # Without a connection nothing was sent: all of the time went into having one.
        timings = (
            _timings(attempt, began_at_s, now_s, now_s)
            if attempt.connected_at_s is not None
            else Timings(blocked_s=now_s - began_at_s - attempt.connecting_s)
        )
        exchange = HttpExchange(hop.method, hop.url, timings=timings, failure=failure)
        return _with_connection(exchange, attempt, hop)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A URL of HTTP, taken apart; ``url`` has no user, password or fragment."""

    url: str
    origin: str
    username: str
    password: str


@lru_cache(maxsize=1024)
def _parsed(url: str) -> _Parsed:
    """Return the parts of a URL; raises ValueError if it cannot be used."""
    try:
        parsed = standard_url(url)
    except ValueError:
        raise ValueError("it is not an absolute URL") from None
    scheme = parsed.protocol
    if scheme not in ("http:", "https:"):
        raise ValueError(f"its scheme must be http or https, not {scheme[:-1]!r}")
    return _Parsed(
        f"{scheme}//{parsed.host}{parsed.pathname}{parsed.search}",
        f"{scheme}//{parsed.host}",
        unquote(parsed.username),
        unquote(parsed.password),
    )


class _Hop:
    """One request of a chain of redirects."""

    def __init__(self, request: HttpRequest) -> None:
        """Raises ValueError if the URL cannot be used."""
        parsed = _parsed(request.url)
        self.request = request
        self.method = request.method
        self.body = request.body
        self.origin = parsed.origin
        self.username, self.password = parsed.username, parsed.password
        self.url = parsed.url
        self.written_url = written_url(request.url)
        self._headers: Pairs = request.headers

    def headers(self, user_agent: str, cookies: CookieJar) -> list[tuple[str, str]]:
        """Return the headers to send."""
        given = [(n, v) for n, v in self._headers if n.lower() not in _FRAMING]
        names = {name.lower() for name, _ in given}
        sent = [(n, v) for n, v in given if n.lower() != "cookie"]
        if "user-agent" not in names and user_agent:
            sent.append(("User-Agent", user_agent))
        asks_basic = self.username and not self.request.uses_digest
        if asks_basic and "authorization" not in names:
            pair = f"{self.username}:{self.password}".encode()
            sent.append(("Authorization", f"Basic {base64.b64encode(pair).decode()}"))
        own = [value for name, value in given if name.lower() == "cookie"]
        cookie = _cookie_header(own, self.request.cookies, cookies, self.url)
        if cookie:
            sent.append(("Cookie", cookie))
        return sent

    def redirected(self, status: int, location: str) -> "_Hop":
        """
        Return what a redirect asks for.

        Raises:
            ValueError: If it leads to what is not a URL of HTTP.

        Source:
            Fetch, "HTTP-redirect fetch", for what does not go to another origin; Go's
            ``net/http``, which k6 uses, for the methods.

        """
        try:
            url = standard_url(location, self.url).href
        except ValueError:
            raise ValueError("it is not a URL") from None
        hop = _Hop(replace(self.request, url=url))
        hop.method, hop.body = self.method, self.body
        hop._headers = self._headers
        if status not in _KEPT_METHOD and self.method not in ("GET", "HEAD"):
            hop.method, hop.body = "GET", None
            hop._headers = tuple(
                (n, v) for n, v in hop._headers if not n.lower().startswith("content-")
            )
        if hop.origin == self.origin:
            if not hop.username:
                hop.username, hop.password = self.username, self.password
        else:
            # Credentials and cookies stay with the origin that they were meant for.
            hop.request = replace(hop.request, cookies=())
            hop._headers = tuple(
                (n, v) for n, v in hop._headers if n.lower() not in BOUND_HEADERS
            )
        return hop


def _cookie_header(
    own: list[str], extra: tuple[RequestCookie, ...], jar: CookieJar, url: str
) -> str:
    """
    Return the value of the Cookie header, empty for none.

    Source:
        k6 v2.2, ``lib/netext/httpext/request.go`` (``SetRequestCookies``).

    """
    replaced = {cookie.name for cookie in extra if cookie.replaces}
    kept = [
        pair
        for pair in jar.header_for(url).split("; ")
        if pair and pair.partition("=")[0] not in replaced
    ]
    return "; ".join([*own, *(f"{one.name}={one.value}" for one in extra), *kept])


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
        attempt.sent_bytes = target + len(" HTTP/1.1\r\n ") + _fields_bytes(headers)

    async def chunk_sent(session: Any, context: Any, params: Any) -> None:
        attempt: Attempt = context.trace_request_ctx
        attempt.sent_at_s = clock.now_s()
        attempt.sent_bytes += len(params.chunk)

    config.on_request_headers_sent.append(headers_sent)
    config.on_request_chunk_sent.append(chunk_sent)
    return config


def _timings(
    attempt: Attempt, began_at_s: float, answered_at_s: float, ended_at_s: float
) -> Timings:
    connected_at_s = attempt.connected_at_s or began_at_s
    # A server may answer before it has the whole request.
    sent_at_s = min(attempt.sent_at_s or connected_at_s, answered_at_s)
    dial_began_at_s = attempt.dial_began_at_s
    return Timings(
        blocked_s=(dial_began_at_s or connected_at_s) - began_at_s,
        connecting_s=attempt.connecting_s,
        tls_s=attempt.tls_s,
        sending_s=max(0.0, sent_at_s - connected_at_s),
        waiting_s=max(0.0, answered_at_s - sent_at_s),
        receiving_s=max(0.0, ended_at_s - answered_at_s),
    )


def _with_connection(
    exchange: HttpExchange, attempt: Attempt, hop: _Hop
) -> HttpExchange:
    return replace(
        exchange,
        written_url=hop.written_url,
        request_headers=attempt.request_headers,
        remote_ip=attempt.peer[0],
        remote_port=attempt.peer[1],
        tls_version=attempt.tls[0],
        tls_cipher=attempt.tls[1],
        sent_bytes=attempt.sent_bytes,
    )


def _head_bytes(headers: Pairs) -> int:
    return len("HTTP/1.1 200 OK\r\n") + _fields_bytes(headers)


def _fields_bytes(headers: Pairs) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers) + 2
