"""Measures the requests of an aiohttp session, as those of ``k6/http`` are."""

from types import SimpleNamespace
from typing import Any

import aiohttp

from gharial.http.exchange import HttpExchange, HttpFailure, Timings
from gharial.python.sockets import VuSocketEnvironment
from gharial.python.websocket.environment import current_environment
from gharial.virtual_user.http_instruments import record_exchange

# k6's error code for a failure that has no code of its own.
FAILED = 1000


def measuring_trace() -> aiohttp.TraceConfig:
    """Return what measures the requests of a session, if a virtual user makes them."""
    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(_started)
    trace.on_connection_create_start.append(_dialling)
    trace.on_connection_create_end.append(_connected)
    trace.on_connection_reuseconn.append(_connected)
    trace.on_request_headers_sent.append(_sent)
    trace.on_request_chunk_sent.append(_sent)
    trace.on_request_redirect.append(_answered)
    trace.on_request_end.append(_answered)
    trace.on_request_exception.append(_failed)
    return trace


async def _started(session: Any, times: SimpleNamespace, params: Any) -> None:
    _begin(times)


def _begin(times: SimpleNamespace) -> None:
    now_s = current_environment().clock.now_s()
    times.started_s, times.dialling_s = now_s, None
    times.connected_s = times.sent_s = now_s
    times.sent_bytes = 0


async def _dialling(session: Any, times: SimpleNamespace, params: Any) -> None:
    times.dialling_s = current_environment().clock.now_s()


async def _connected(session: Any, times: SimpleNamespace, params: Any) -> None:
    times.connected_s = times.sent_s = current_environment().clock.now_s()


async def _sent(session: Any, times: SimpleNamespace, params: Any) -> None:
    times.sent_s = current_environment().clock.now_s()
    times.sent_bytes += len(getattr(params, "chunk", b""))


async def _answered(session: Any, times: SimpleNamespace, params: Any) -> None:
    response = params.response
    version = response.version
    _record(
        times,
        method=params.method,
        url=str(response.url),
        status=response.status,
        version="" if version is None else f"HTTP/{version.major}.{version.minor}",
        received_bytes=int(response.headers.get("Content-Length") or 0),
    )
    # A redirect is followed by the next request of the same trace.
    _begin(times)


async def _failed(session: Any, times: SimpleNamespace, params: Any) -> None:
    text = str(params.exception) or type(params.exception).__name__
    failure = HttpFailure(FAILED, type(params.exception).__name__, text)
    _record(times, method=params.method, url=str(params.url), failure=failure)


def _record(times: SimpleNamespace, **facts: Any) -> None:
    environment = current_environment()
    if not isinstance(environment, VuSocketEnvironment):
        return
    user, now_s = environment.user, environment.clock.now_s()
    settings = user.services.settings
    dialling_s = times.connected_s if times.dialling_s is None else times.dialling_s
    shown = facts["url"] if settings.tag_url_query else facts["url"].partition("?")[0]
    exchange = HttpExchange(
        **facts,
        written_url=shown,
        sent_bytes=times.sent_bytes,
        timings=Timings(
            blocked_s=dialling_s - times.started_s,
            connecting_s=times.connected_s - dialling_s,
            sending_s=times.sent_s - times.connected_s,
            waiting_s=now_s - times.sent_s,
        ),
    )
    record_exchange(
        exchange,
        user.services.measurements,
        vu_tags=user.tags,
        request_tags=user.tags,
        system_tags=settings.system_tags,
        is_expected=200 <= exchange.status < 400,
    )
