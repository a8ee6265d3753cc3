"""
The HTTP interface to watch and control a run from outside.

Source:
    k6 v0.41, ``api/v1``: the paths and the shape of the bodies.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from gharial.companions.http_server import served
from gharial.companions.scaling import scale
from gharial.errors import ExitCode
from gharial.lifecycle.access import Companion, RunAccess
from gharial.metrics.statistics import parse_trend_statistics, statistics_of
from gharial.report.status import Phase


def control_server(host: str, port: int) -> Companion:
    """Return what serves the interface next to a run."""

    @asynccontextmanager
    async def serve(access: RunAccess) -> AsyncIterator[str]:
        routes = _Routes(access)
        served_routes = (
            web.get("/v1/status", routes.get_status),
            web.patch("/v1/status", routes.patch_status),
            web.get("/v1/metrics", routes.get_metrics),
            web.get("/v1/metrics/{name}", routes.get_metric),
        )
        async with served(
            served_routes, _refused, flag="--address", host=host, port=port
        ) as url:
            yield url

    return serve


def _refused(status: int, detail: str) -> web.Response:
    body = {"errors": [{"status": str(status), "title": detail}]}
    return web.json_response(body, status=status)


class _Routes:
    def __init__(self, access: RunAccess) -> None:
        self._access = access

    async def get_status(self, request: web.Request) -> web.Response:
        return self._status()

    async def patch_status(self, request: web.Request) -> web.Response:
        try:
            wanted = (await request.json())["data"]["attributes"]
            if not isinstance(wanted, dict):
                raise TypeError
        except (ValueError, LookupError, TypeError, RecursionError):
            return _refused(
                400, 'the body must be {"data": {"attributes": {"paused": true}}}'
            )
        for name, kind in (("stopped", bool), ("paused", bool), ("vus", int)):
            given = wanted.get(name)
            if given is not None and type(given) is not kind:
                word = "true or false" if kind is bool else "a whole number"
                return _refused(400, f"{name} must be {word}, not {given!r}")
        vus = wanted.get("vus")
        problem = "" if vus is None else scale(self._access, vus)
        if problem:
            return _refused(400, problem)
        control = self._access.control
        if wanted.get("paused") is not None:
            control.pause() if wanted["paused"] else control.resume()
        if wanted.get("stopped"):
            control.stop(ExitCode.STOPPED_FROM_OUTSIDE, "stopped from outside")
        return self._status()

    async def get_metrics(self, request: web.Request) -> web.Response:
        registry = self._access.registry
        found = [self._metric(each.name) for each in registry.metrics()]
        return web.json_response({"data": [each for each in found if each]})

    async def get_metric(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        found = self._metric(name)
        if not found:
            return _refused(404, f"there is no metric {name!r} with values")
        return web.json_response({"data": found})

    def _status(self) -> web.Response:
        status, control = self._access.status(), self._access.control
        attributes = {
            "status": list(Phase).index(status.phase),
            "phase": status.phase.value,
            "paused": status.is_paused,
            "vus": status.vus,
            "vus-max": status.vus_max,
            "stopped": control.stopped.is_set(),
            "running": status.phase is Phase.RUNNING and not status.is_paused,
            "tainted": control.exit_code is not ExitCode.OK,
            "iterations": status.iterations_completed,
            "elapsed": round(status.elapsed_s, 3),
        }
        body = {"type": "status", "id": "default", "attributes": attributes}
        return web.json_response({"data": body})

    def _metric(self, name: str) -> dict[str, Any]:
        metric = self._access.registry.find(name)
        if metric is None:
            return {}
        sink = self._access.registry.merged(metric)
        if sink.is_empty:
            return {}
        elapsed_s = self._access.status().elapsed_s
        wanted = self._access.options.summary_trend_stats
        sample = statistics_of(sink, elapsed_s, parse_trend_statistics(wanted))
        return {
            "type": "metrics",
            "id": metric.name,
            "attributes": {
                "type": metric.type.value,
                "contains": metric.contains.value,
                "sample": dict(sample),
            },
        }
