"""The server of the live dashboard next to a run."""

import asyncio
import contextlib
import hmac
import logging
import secrets
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from aiohttp import web

from gharial.companions.addresses import DashboardRequest
from gharial.companions.http_server import SHUTDOWN_LIMIT_S, served
from gharial.companions.scaling import scale, scale_maximum
from gharial.errors import ExitCode
from gharial.lifecycle.access import Companion, RunAccess
from gharial.lifecycle.log_tail import LogTail
from gharial.lifecycle.machine import time_zone
from gharial.lifecycle.run_result import RunResult
from gharial.metrics.batch import Batch
from gharial.report.document import LoggedLine
from gharial.views.dashboard.feed import Feed, Happened, Viewer
from gharial.views.page.page import dashboard_page

VIEWERS_MAXIMUM: Final = 500
QUIET_S: Final = 1.5
"""After this time without a new second of the run, viewers get its status."""


def dashboard_companion(
    request: DashboardRequest, told_url: Callable[[str], None]
) -> Companion:
    """
    Return what serves the dashboard next to a run.

    Args:
        request: What the user asked for.
        told_url: Told where it is, before the run begins.

    """

    @asynccontextmanager
    async def serve(access: RunAccess) -> AsyncIterator[None]:
        token = secrets.token_urlsafe(16) if request.can_control else ""
        teller = _Teller(access)
        routes = _Routes(access, teller.feed, token)
        served_routes = (
            web.get("/", routes.page),
            web.get("/events", routes.events),
            web.post("/control", routes.control),
        )
        async with served(
            served_routes,
            _refused,
            flag="--dashboard",
            host=request.host,
            port=request.port,
            has_pages=True,
        ) as own_url:
            url = f"{own_url}/" + (f"?token={token}" if token else "")
            told_url(url)
            if request.opens:
                await asyncio.to_thread(webbrowser.open, url)
            access.results.tell(teller)
            ticking = asyncio.ensure_future(teller.tick())
            try:
                yield
                await routes.flushed()
            finally:
                ticking.cancel()
                await asyncio.gather(ticking, return_exceptions=True)
                routes.close()

    return serve


class _Teller:
    """Hands on what happens in the run."""

    def __init__(self, access: RunAccess) -> None:
        self._access = access
        self._has_heard = False
        self._lines_told = 0
        self.feed = Feed(
            access.plan,
            access.registry.metrics(),
            access.thresholds,
            version=version("gharial"),
            began_at_epoch_s=access.began_at_epoch_s,
            zone=time_zone(),
            scale_maximum=scale_maximum(access.options),
        )

    async def tick(self) -> None:
        """Send the run's status while no second ends, for example before it begins."""
        self.feed.told_status(self._access.status())
        while True:
            await asyncio.sleep(QUIET_S)
            if not self._has_heard:
                self.feed.told_status(self._access.status())
                self._tell_log(self._access.tail)
            self._has_heard = False

    def heard(self, batch: Batch) -> None:
        self._has_heard = True
        self._tell_log(self._access.tail)
        self._tell_happened()
        self.feed.heard(batch, self._access.status(), self._access.verdicts())

    def ended(self, result: RunResult) -> None:
        self.feed.told_status(self._access.status())
        self._tell_log(self._access.tail)
        self._tell_happened()
        self.feed.ended(result.report, int(result.exit_code), result.problems)

    def _tell_happened(self) -> None:
        access = self._access
        self.feed.happened(
            Happened(
                access.exceptions(),
                access.failures(),
                access.all_moments(),
                access.results.began_at_epoch_s,
            )
        )

    def _tell_log(self, tail: LogTail) -> None:
        lines = [line for line in tail.lines if line.number > self._lines_told]
        if lines:
            self._lines_told = lines[-1].number
        self.feed.logged(
            [
                LoggedLine(line.at_epoch_s, line.level, line.text, line.source)
                for line in lines
            ],
            tail.examples,
        )


class _Routes:
    def __init__(self, access: RunAccess, feed: Feed, token: str) -> None:
        self._access = access
        self._feed = feed
        self._token = token
        self._open: set[asyncio.Event] = set()
        self._all_gone = asyncio.Event()
        self._is_closing = False

    async def page(self, request: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        return web.Response(
            text=dashboard_page(self._access.plan.script, nonce),
            content_type="text/html",
            headers={
                "Content-Security-Policy": policy,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-store",
            },
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        if self._feed.viewers >= VIEWERS_MAXIMUM:
            return _refused(503, f"{VIEWERS_MAXIMUM} pages are open already")
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        changed = asyncio.Event()
        viewer = Viewer(changed.set)
        task = asyncio.current_task()
        assert task is not None
        # Whoever takes nothing any more is not waited for.
        viewer.on_behind = task.cancel
        self._open.add(changed)
        can_control = "true" if self._is_trusted(request) else "false"
        viewer.tell(f"event: access\ndata: {can_control}\n\n".encode())
        self._feed.open(viewer)
        try:
            await self._pass_on(viewer, changed, response)
        except (ConnectionError, asyncio.CancelledError):
            # Whoever looked has gone, or was too slow; its browser connects anew.
            if not viewer.is_behind and task.cancelling():
                raise
        finally:
            self._open.discard(changed)
            if not self._open:
                self._all_gone.set()
            self._feed.close(viewer)
            if viewer.is_behind and request.transport is not None:
                request.transport.abort()
        return response

    async def _pass_on(
        self, viewer: Viewer, changed: asyncio.Event, response: web.StreamResponse
    ) -> None:
        # Without timers of its own: with a hundred viewers they would be most of the cost.
        while not viewer.is_behind:
            if viewer.events:
                waiting = b"".join(viewer.events)
                viewer.events.clear()
                await response.write(waiting)
            elif self._is_closing:
                return
            else:
                changed.clear()
                await changed.wait()

    async def control(self, request: web.Request) -> web.Response:
        if not self._is_trusted(request):
            return _refused(
                403, "control needs --control, and the address with its token"
            )
        try:
            wanted = await request.json()
            action, vus = wanted["action"], wanted.get("vus")
            if not isinstance(action, str):
                raise TypeError
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return _refused(400, 'the body must be {"action": "pause"}')
        return self._act(action, vus)

    def _act(self, action: Any, vus: Any) -> web.Response:
        control = self._access.control
        match action:
            case "pause":
                control.pause()
            case "resume":
                control.resume()
            case "stop":
                control.stop(
                    ExitCode.STOPPED_FROM_OUTSIDE, "stopped from the dashboard"
                )
            case "scale":
                if type(vus) is not int:
                    return _refused(400, f"vus must be a whole number, not {vus!r}")
                problem = scale(self._access, vus)
                if problem:
                    return _refused(400, problem)
            case _:
                return _refused(
                    400, f"{action!r} is not one of pause, resume, scale and stop"
                )
        self._access.log(
            logging.INFO,
            f"{action} was requested on the dashboard",
            {"source": "control"},
        )
        self._feed.told_status(self._access.status())
        return web.json_response({"done": True})

    def _is_trusted(self, request: web.Request) -> bool:
        given = request.query.get("token", "")
        # As bytes: it takes only strings that are ASCII.
        return bool(self._token) and hmac.compare_digest(
            given.encode("utf-8", "surrogatepass"), self._token.encode()
        )

    async def flushed(self) -> None:
        """Give the open pages a moment to hear of the end."""
        self._is_closing = True
        self._wake_all()
        if self._open:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), SHUTDOWN_LIMIT_S)

    def close(self) -> None:
        """Let all pages go."""
        self._is_closing = True
        self._wake_all()

    def _wake_all(self) -> None:
        for changed in self._open:
            changed.set()


def _refused(status: int, detail: str) -> web.Response:
    return web.json_response({"error": detail}, status=status)
