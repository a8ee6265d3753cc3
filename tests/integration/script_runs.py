"""Run one virtual user's script against servers in the same event loop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from default_settings import limits_with, network_with, users_with
from safety_net import LIMIT_S
from websockets.asyncio.server import ServerConnection, serve

from gharial.engine.quickjs import QuickJs
from gharial.javascript.host import JavaScriptHost
from gharial.log_lines import Log
from gharial.metrics.registry import Registry
from gharial.net.network import Network
from gharial.net.settings import Limits
from gharial.timing import system_clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, ScenarioContext, VuServices
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.settings import VuSettings
from gharial.virtual_user.virtual_user import ScriptHost, VirtualUser

ENGINE = QuickJs()
Handler = Callable[[ServerConnection], Awaitable[None]]


@dataclass
class Run:
    """What came of a script: its log, its measurements, how its iterations ended."""

    log: list[tuple[int, str, Mapping[str, str]]] = field(default_factory=list)
    registry: Registry = field(default_factory=Registry)
    outcomes: list[IterationOutcome] = field(default_factory=list)

    @property
    def console(self) -> list[str]:
        return [text for _, text, fields in self.log if fields["source"] == "console"]

    @property
    def errors(self) -> list[str]:
        return [text for level, text, _ in self.log if level >= 40]

    def total(self, metric: str, **tags: str) -> float:
        """Sum a counter over all series that carry these tags."""
        return sum(
            sink.value  # type: ignore[misc]
            for found, series_tags, sink in self.registry.all_series()
            if found.name == metric
            and all(series_tags.get(name) == value for name, value in tags.items())
        )

    def count(self, metric: str, **tags: str) -> int:
        """Count the values of a trend or a rate over all series with these tags."""
        return sum(
            sink.count if hasattr(sink, "count") else sink.total  # type: ignore[misc]
            for found, series_tags, sink in self.registry.all_series()
            if found.name == metric
            and all(series_tags.get(name) == value for name, value in tags.items())
        )


async def echo(connection: ServerConnection) -> None:
    """Send each message back, until the client closes."""
    async for message in connection:
        await connection.send(message)


@asynccontextmanager
async def serving(handler: Handler, **options: Any) -> AsyncIterator[str]:
    """Serve ``handler`` on a free loopback port; give its URL."""
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}/path?x=1"


@asynccontextmanager
async def serving_bytes(
    script: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Serve a raw TCP conversation on a free loopback port; give its URL."""

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}/"


def javascript(
    directory: Path,
    source: str,
    name: str = "script.js",
    log: Log = lambda *line: None,
) -> ScriptHost:
    """Read a script from its text."""
    path = directory / name
    path.write_text(source, "utf-8")
    host = JavaScriptHost(str(path), ENGINE, environment={})
    host.read(log)
    return host


def run(
    host: ScriptHost,
    *handlers: Handler,
    servers: tuple[Any, ...] = (),
    iterations: int = 1,
    limits: Limits | None = None,
    settings: VuSettings | None = None,
    during: Callable[[VirtualUser], Awaitable[None]] | None = None,
    server_options: Mapping[str, Any] | None = None,
    into: Run | None = None,
) -> Run:
    """
    Run a script's default function as one virtual user and return what came of it.

    The servers' URLs are in ``__ENV.URL``, ``__ENV.URL2`` and so on.
    """
    result = Run() if into is None else into

    async def main() -> None:
        async with AsyncExitStack() as stack:
            urls = [
                await stack.enter_async_context(
                    serving(handler, **(server_options or {}))
                )
                for handler in handlers
            ]
            urls += [await stack.enter_async_context(server) for server in servers]
            environment = {
                f"URL{index or ''}": url
                for index, url in zip([0, *range(2, 9)], urls, strict=False)
            }
            loop = asyncio.get_running_loop()
            services = VuServices(
                event_loop=loop,
                clock=system_clock(),
                blocking=Blocking(loop),
                measurements=Measurements(result.registry),
                network=Network(network_with(limits=limits or limits_with())),
                run=RunContext(environment=environment),
                settings=settings or users_with(),
                log=lambda level, text, fields: result.log.append(
                    (level, text, fields)
                ),
            )
            user = VirtualUser(1, host, services)
            await user.start()
            scenario = ScenarioContext("default", "per-vu-iterations", 0.0)
            for _ in range(iterations):
                task = asyncio.create_task(user.run_iteration(scenario))
                if during is not None:
                    await during(user)
                result.outcomes.append(await task)
            user.close()
            await services.close()

    async def bounded() -> None:
        await asyncio.wait_for(main(), LIMIT_S)

    asyncio.run(bounded())
    return result
