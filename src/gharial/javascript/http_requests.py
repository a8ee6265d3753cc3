"""
HTTP for one virtual user's script: the Python side of ``k6/http`` and ``fetch``.

A request is prepared first, as an object that the script cannot look into; then it is
run, which suspends the virtual user, or started, which gives a promise.
"""

import asyncio
import gzip
import json
import logging
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from gharial.engine.port import JsContext
from gharial.http.exchange import HttpExchange, HttpRequest, RequestCookie
from gharial.http.set_cookie import parse_set_cookies
from gharial.http.wire_text import wire_texts
from gharial.javascript.catalog import builtin_file
from gharial.javascript.http_bodies import ArrivingBody, PendingRequest
from gharial.javascript.script_state import ScriptState
from gharial.lazy_dataclass import dataclass
from gharial.metrics.tags import TagSet
from gharial.net.cookies import CookieJar
from gharial.timing import DurationError, parse_duration
from gharial.virtual_user.http_instruments import record_exchange

DEFAULT_TIMEOUT_S = 60.0
DEFAULT_REDIRECTS_MAXIMUM = 10

_COMPRESSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}
_HTML_LOADER = """
import { parseHTML } from 'k6/html';
globalThis[Symbol.for('gharial')].parseHTML = parseHTML;
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A request that is ready to go.

    Attributes:
        request: What to ask for.
        jar: The jar to use, None for the virtual user's own.
        tags: Tags of what it measures.
        expected: Ranges of the statuses that are no failure; None for no judgement.
        response_type: ``text``, ``binary``, ``none``; ``stream`` for a body that is
            handed on as it arrives.
        is_kept: Whether ``vuSetup`` may leave it to the iterations.
        tags_query: Whether the tags ``url`` and ``name`` have the URL's query.

    """

    request: HttpRequest
    jar: CookieJar | None
    tags: TagSet
    expected: tuple[tuple[int, int], ...] | None
    response_type: str
    is_kept: bool
    tags_query: bool


class PreparationError(Exception):
    """A parameter of a request cannot be used; the text says which and why."""


class HttpRequests:
    """What ``k6/http`` and ``fetch`` call."""

    def __init__(self, script: ScriptState) -> None:
        self._script = script
        self._user = script.user
        self._pending: dict[int, PendingRequest] = {}

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the modules call, by name."""
        return {
            "httpPrepare": self.prepare,
            "httpRun": self.run,
            "httpStart": self.start,
            "httpRead": self.read,
            "httpCancel": self.cancel,
            "httpLoadHtml": self.load_html,
        }

    def prepare(self, spec: str, chunks: Any, jar: CookieJar | None) -> Any:
        """
        Return a request that is ready to go, or what is wrong with it.

        Args:
            spec: All but the body and the jar, as JSON.
            chunks: Strings and buffers that make the body; None for none.
            jar: The jar to use; None for the virtual user's own.

        """
        given = json.loads(spec)
        try:
            body = _compressed(
                _joined(chunks, self._script.context), given.get("compression")
            )
            return self._script.context.embed(
                Prepared(
                    self._request(given, body),
                    CookieJar() if given.get("omitsCookies") else jar,
                    self._user.tags.with_(given.get("tags") or {}),
                    _ranges(given.get("expected")),
                    given.get("responseType") or self._usual_response_type(),
                    bool(given.get("isKept")),
                    bool(given.get("tagsQuery"))
                    or self._user.services.settings.tag_url_query,
                )
            )
        except PreparationError as error:
            return str(error)

    def run(self, batch: Any, count: int) -> Any:
        """
        Suspend the virtual user until all requests are answered.

        Returns:
            For each the answer as JSON and its body; or what is wrong.

        """
        if not self._script.may_block:
            return (
                "a request of k6/http was made in a way that Gharial could not foresee; "
                "import it by its name: import http from 'k6/http'"
            )
        prepared: list[Prepared] = [batch.get(index) for index in range(count)]
        services = self._user.services
        task = services.event_loop.create_task(self._perform_all(prepared))
        suspension = services.blocking.suspension()
        task.add_done_callback(lambda _: suspension.resume())
        try:
            self._user.wait(suspension)
        finally:
            task.cancel()
        return [
            _described(one, exchange)
            for one, exchange in zip(prepared, task.result(), strict=True)
        ]

    def start(self, request_id: int, prepared: Prepared) -> None:
        """
        Begin a request.

        ``settleHttp`` is called in JavaScript when it has ended; if a body is handed on,
        ``httpHead`` before, and ``httpData`` when a piece is there or the body has ended.
        """
        user = self._user
        pending: PendingRequest
        sink: ArrivingBody | None = None
        if prepared.response_type == "stream":
            pending = sink = ArrivingBody(
                prepared.request,
                request_id,
                user,
                self._script.internal.get,
                lambda exchange: _described(prepared, exchange)[0],
                is_kept=prepared.is_kept,
            )
        else:
            pending = PendingRequest(prepared.request)
        task = user.services.event_loop.create_task(self._perform(prepared, sink))
        pending.runs_as(task)
        self._pending[request_id] = pending
        task.add_done_callback(
            lambda done: self._ended(request_id, pending, prepared, done)
        )
        user.operations.began(pending)

    def read(self, request_id: int) -> bytes | None:
        """Return what waits of a body; None if there is nothing yet."""
        pending = self._pending.get(request_id)
        return pending.read() if isinstance(pending, ArrivingBody) else None

    def cancel(self, request_id: int) -> None:
        """Give a request up that was started; its promise is settled already."""
        pending = self._pending.get(request_id)
        if pending is not None:
            pending.shut(0)

    def load_html(self) -> str | None:
        """Load ``k6/html`` at once; return what is wrong, if anything."""
        if builtin_file("k6/html") is None:
            return "the module k6/html, which html() needs, is not part of this version"
        self._script.context.run_module(_HTML_LOADER, "gharial:html_loader")
        return None

    # -- The inside -------------------------------------------------------------------

    def _usual_response_type(self) -> str:
        return (
            "none" if self._user.services.settings.discard_response_bodies else "text"
        )

    def _request(self, given: dict[str, Any], body: bytes | None) -> HttpRequest:
        user = self._user
        settings = user.services.settings
        headers = [(str(name), str(value)) for name, value in given["headers"]]
        if body is not None and given.get("compression"):
            headers = [one for one in headers if one[0].lower() != "content-encoding"]
            headers.append(("Content-Encoding", given["compression"]))
        wanted, otherwise = given.get("redirects"), settings.max_redirects
        if wanted is None:
            wanted = otherwise
        return HttpRequest(
            method=given["method"],
            url=given["url"],
            headers=tuple(headers),
            body=body,
            cookies=tuple(RequestCookie(*one) for one in given.get("cookies") or ()),
            max_redirects=(
                DEFAULT_REDIRECTS_MAXIMUM if wanted is None else int(wanted)
            ),
            warns_of_redirects=wanted is None,
            timeout_s=_seconds(given.get("timeout")),
            uses_digest=_uses_digest(given.get("auth")),
            local_address=user.local_address,
        )

    async def _perform(
        self, prepared: Prepared, sink: ArrivingBody | None = None
    ) -> HttpExchange:
        user = self._user
        services = user.services
        settings = services.settings

        def measure(exchange: HttpExchange) -> None:
            if not prepared.tags_query:
                shown = (exchange.written_url or exchange.url).partition("?")[0]
                exchange = replace(exchange, written_url=shown)
            record_exchange(
                exchange,
                services.measurements,
                vu_tags=user.tags,
                request_tags=prepared.tags,
                system_tags=settings.system_tags,
                is_expected=_is_expected(exchange, prepared.expected),
            )
            if settings.http_debug:
                has_bodies = settings.http_debug == "full"
                if sink is not None and sink.shown:
                    exchange = replace(exchange, body=sink.shown)
                sent = prepared.request.body if has_bodies else None
                for text in wire_texts(exchange, sent, has_bodies=has_bodies):
                    user.log(logging.INFO, text, "http-debug")

        exchange = await services.http.perform(
            prepared.request,
            owner=user.id,
            cookies=user.cookies if prepared.jar is None else prepared.jar,
            on_exchange=measure,
            warn=lambda text: user.log(logging.WARNING, text, "http"),
            sink=sink,
        )
        if exchange.failure is not None:
            user.log(
                logging.WARNING,
                f"request failed: {exchange.method} {exchange.url}: "
                f"{exchange.failure.detail}",
                "http",
            )
        return exchange

    async def _perform_all(self, batch: list[Prepared]) -> list[HttpExchange]:
        settings = self._user.services.settings
        limit = _limit(settings.batch)
        host_limits: defaultdict[str, AbstractAsyncContextManager[None]] = defaultdict(
            lambda: _limit(settings.batch_per_host)
        )

        async def perform(one: Prepared) -> HttpExchange:
            async with limit, host_limits[_authority(one.request.url)]:
                return await self._perform(one)

        if len(batch) == 1:
            return [await self._perform(batch[0])]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(perform(one)) for one in batch]
        return [task.result() for task in tasks]

    def _ended(
        self,
        request_id: int,
        pending: PendingRequest,
        prepared: Prepared,
        task: "asyncio.Task[HttpExchange]",
    ) -> None:
        if pending.is_abandoned:
            self._pending.pop(request_id, None)
            return
        self._user.loop.post(self._settle, request_id, pending, prepared, task)

    def _settle(
        self,
        request_id: int,
        pending: PendingRequest,
        prepared: Prepared,
        task: "asyncio.Task[HttpExchange]",
    ) -> None:
        self._pending.pop(request_id, None)
        try:
            if isinstance(pending, ArrivingBody) and pending.has_begun:
                if not task.cancelled():
                    failure = task.result().failure
                    pending.end(failure.detail if failure is not None else "")
                return
            meta, body = (
                (None, None)
                if task.cancelled()
                else _described(prepared, task.result())
            )
            self._script.internal.get("settleHttp")(request_id, meta, body)
        finally:
            self._user.operations.ended(pending)


def _limit(count: int) -> AbstractAsyncContextManager[None]:
    return asyncio.Semaphore(count) if count else nullcontext()


def _authority(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _joined(chunks: Any, context: JsContext) -> bytes | None:
    if chunks is None:
        return None
    parts = (chunks.get(index) for index in range(int(chunks.get("length"))))
    texts = ((part, context.as_text(part)) for part in parts)
    return b"".join(
        part.to_bytes() if text is None else text.encode("utf-8", "replace")
        for part, text in texts
    )


def _compressed(body: bytes | None, algorithms: str | None) -> bytes | None:
    if body is None or not algorithms:
        return body
    for name in algorithms.split(","):
        compress = _COMPRESSIONS.get(name.strip().lower())
        if compress is None:
            raise PreparationError(
                f"compression: {name.strip()!r} is not supported; use gzip or deflate"
            )
        body = compress(body)
    return body


def _seconds(timeout: Any) -> float:
    if timeout is None:
        return DEFAULT_TIMEOUT_S
    try:
        return parse_duration(timeout)
    except DurationError as error:
        raise PreparationError(f"timeout: {error}") from None


def _uses_digest(auth: str | None) -> bool:
    if auth not in (None, "", "basic", "digest"):
        raise PreparationError(f"auth: {auth!r} is not supported; use basic or digest")
    return auth == "digest"


def _ranges(expected: Any) -> tuple[tuple[int, int], ...] | None:
    if expected is None:
        return None
    return tuple((int(first), int(last)) for first, last in expected)


def _is_expected(
    exchange: HttpExchange, expected: tuple[tuple[int, int], ...] | None
) -> bool | None:
    if expected is None:
        return None
    return any(first <= exchange.status <= last for first, last in expected)


def _described(prepared: Prepared, exchange: HttpExchange) -> list[Any]:
    """Return an answer as JSON, with the names of k6's Response, and its body."""
    timings, failure = exchange.timings, exchange.failure
    described = {
        "remote_ip": exchange.remote_ip,
        "remote_port": exchange.remote_port,
        "url": exchange.url,
        "status": exchange.status,
        "status_text": f"{exchange.status} {exchange.reason}".strip()
        if exchange.status
        else "",
        "proto": exchange.version,
        "tls_version": exchange.tls_version,
        "tls_cipher_suite": exchange.tls_cipher,
        "headers": [list(pair) for pair in exchange.headers],
        "cookies": _cookies(exchange),
        "error": failure.message if failure is not None else "",
        "error_detail": failure.detail if failure is not None else "",
        "error_code": exchange.error_code,
        "timings": {
            "duration": timings.duration_s * 1e3,
            "blocked": timings.blocked_s * 1e3,
            "looking_up": 0,
            "connecting": timings.connecting_s * 1e3,
            "tls_handshaking": timings.tls_s * 1e3,
            "sending": timings.sending_s * 1e3,
            "waiting": timings.waiting_s * 1e3,
            "receiving": timings.receiving_s * 1e3,
        },
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "headers": [list(pair) for pair in exchange.request_headers],
        },
    }
    body: str | bytes | None = None
    if failure is None and prepared.response_type == "text":
        body = exchange.body.decode("utf-8", "replace")
    elif failure is None and prepared.response_type in ("binary", "stream"):
        body = exchange.body
    return [json.dumps(described), body]


def _cookies(exchange: HttpExchange) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for cookie in parse_set_cookies(exchange.header_values("set-cookie")):
        found.setdefault(cookie.name, []).append(
            {
                "name": cookie.name,
                "value": cookie.value,
                "domain": cookie.domain,
                "path": cookie.path,
                "http_only": cookie.http_only,
                "secure": cookie.secure,
                "max_age": cookie.max_age_s,
                "expires": cookie.expires_at_epoch_s * 1e3,
            }
        )
    return found
