"""The base of the HTTP servers next to a run: where they listen and whom they serve."""

import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

from gharial.companions.addresses import AddressUnusableError
from gharial.servers.listening import address_of, listening_problem

BODY_LIMIT_BYTES = 64 * 1024
# What a client that reads slowly may hold up at the end of the run.
SHUTDOWN_LIMIT_S = 1.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refuse = Callable[[int, str], web.StreamResponse]


@asynccontextmanager
async def served(
    routes: Iterable[web.RouteDef],
    refuse: Refuse,
    *,
    flag: str,
    host: str,
    port: int,
    has_pages: bool = False,
) -> AsyncIterator[str]:
    """
    Serve inside the block, and no request that a foreign web page may have sent.

    Args:
        routes: What is served.
        refuse: Returns the answer to a request that is refused, given status and reason.
        flag: The flag that asked for it.
        host: The address to listen on.
        port: The port; 0 for any that is free.
        has_pages: Whether it serves web pages, whose requests it takes.

    Returns:
        The server's URL, without a path.

    Raises:
        AddressUnusableError: If the address cannot be listened on.

    """

    @web.middleware
    async def only_own(request: web.Request, handler: Handler) -> web.StreamResponse:
        # A name that is bent to this address (DNS rebinding) makes a page one of ours.
        name = _host_of(request)
        if name not in (host, "localhost") and not _is_ip(name):
            return refuse(403, f"the host {name!r} is refused; use the address itself")
        origin = request.headers.get("Origin")
        is_own = has_pages and origin == f"http://{request.host}"
        if origin is not None and not is_own:
            whose = "other web pages" if has_pages else "web pages"
            return refuse(403, f"requests of {whose} are refused")
        return await handler(request)

    app = web.Application(client_max_size=BODY_LIMIT_BYTES, middlewares=[only_own])
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_LIMIT_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = listening_problem(error, flag)
            raise AddressUnusableError(flag, address_of(host, port), reason) from None
        yield f"http://{address_of(host, runner.addresses[0][1])}"
    finally:
        await runner.cleanup()


def _host_of(request: web.Request) -> str:
    """Return the host that a request names, empty if that cannot be read."""
    try:
        return request.url.host or ""
    except ValueError:
        return ""


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
