"""A web server on a free loopback port that tells what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import SSLContext

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebServer:
    """
    What runs behind the URL.

    Attributes:
        requests: Method and path with query of each request, in order.
        at_once_maximum: The most requests that were being answered at once.
        together: Set once as many requests are there as one for ``/together`` says.
        asked: Set once a request for ``/never`` has arrived.
        ended: Set once the client of ``/never`` is gone.
        events: What each connection to ``/events`` is sent, chunk by chunk.
        event_type: The Content-Type of that.
        last_ids: The header ``Last-Event-ID`` of each of them.
        next_piece: Released for each piece that ``/pieces`` may send.
        written_bytes: What ``/large`` has sent.
        connections: Client addresses that were seen.

    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.at_once = 0
        self.at_once_maximum = 0
        self.asked = asyncio.Event()
        self.together = asyncio.Event()
        self.ended = asyncio.Event()
        self.next_piece = asyncio.Semaphore(0)
        self.written_bytes = 0
        self.events: list[list[bytes]] = []
        self.event_type = "text/event-stream; charset=utf-8"
        self.last_ids: list[str | None] = []
        self.connections: set[tuple[str, int]] = set()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path_qs}")
        if request.transport is not None:
            self.connections.add(request.transport.get_extra_info("peername"))
        self.at_once += 1
        self.at_once_maximum = max(self.at_once_maximum, self.at_once)
        try:
            name = request.path.split("/")[1]
            return await getattr(self, f"_{name}")(request)
        finally:
            self.at_once -= 1

    async def _echo(self, request: web.Request) -> web.Response:
        body = b"".join([chunk async for chunk in request.content.iter_any()])
        return web.json_response(
            {
                "method": request.method,
                "query": request.query_string,
                "headers": dict(request.headers),
                "body": body.decode("latin-1"),
            },
            headers={"x-lower-case": "1"},
        )

    async def _status(self, request: web.Request) -> web.Response:
        return web.Response(status=int(request.path.split("/")[2]), text="body")

    async def _bytes(self, request: web.Request) -> web.Response:
        return web.Response(body=b"\x00\xff\x80")

    async def _text(self, request: web.Request) -> web.Response:
        return web.Response(text="<p class=a>näht</p>", content_type="text/html")

    async def _gzip(self, request: web.Request) -> web.Response:
        response = web.Response(text="x" * 10_000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async def _redirect(self, request: web.Request) -> web.Response:
        left = int(request.path.split("/")[2])
        where = f"/redirect/{left - 1}" if left > 1 else "/echo"
        status = int(request.query.get("status", "302"))
        response = web.Response(status=status, headers={"Location": where})
        response.set_cookie(f"hop{left}", "1")
        return response

    async def _cookies(self, request: web.Request) -> web.Response:
        response = web.json_response(dict(request.cookies))
        response.set_cookie("server", "cake", path="/", max_age=60, httponly=True)
        return response

    async def _parts(self, request: web.Request) -> web.Response:
        found = []
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            found.append(
                [
                    part.name,
                    part.filename,
                    part.headers.get("Content-Type"),
                    (await part.read()).decode("latin-1"),
                ]
            )
        return web.json_response(found)

    async def _digest(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        if given.startswith("Digest ") and 'username="max"' in given:
            return web.Response(text="in")
        challenge = 'Digest realm="r", nonce="abc", qop="auth", algorithm=MD5'
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    async def _together(self, request: web.Request) -> web.Response:
        # Answers once as many requests are here as it says.
        if self.at_once >= int(request.query["n"]):
            self.together.set()
        await self.together.wait()
        return web.Response(text=request.query_string)

    async def _never(self, request: web.Request) -> web.Response:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()
        raise AssertionError

    async def _cut(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"part")
        assert request.transport is not None
        request.transport.close()
        return response

    async def _pieces(self, request: web.Request) -> web.StreamResponse:
        # Chunks, each sent once the one before was asked for by `/next`; the last ends it.
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        self.ended.clear()
        try:
            for number in range(int(request.query.get("n", "3"))):
                await self.next_piece.acquire()
                await response.write(f"piece {number};".encode())
            await self.next_piece.acquire()
        except asyncio.CancelledError:
            self.ended.set()
            raise
        return response

    async def _events(self, request: web.Request) -> web.StreamResponse:
        # Each connection has the next of the parts; the last one is left open.
        response = web.StreamResponse(headers={"Content-Type": self.event_type})
        self.last_ids.append(request.headers.get("Last-Event-ID"))
        await response.prepare(request)
        for chunk in self.events.pop(0):
            await response.write(chunk)
            await asyncio.sleep(0)
        if not self.events:
            self.asked.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.ended.set()
        return response

    async def _next(self, request: web.Request) -> web.Response:
        self.next_piece.release()
        return web.Response(text="next")

    async def _large(self, request: web.Request) -> web.StreamResponse:
        # As fast as the client takes it.
        size = int(request.query["size"])
        response = web.StreamResponse()
        if "told" in request.query:
            response.content_length = size
        await response.prepare(request)
        try:
            for start in range(0, size, 65536):
                chunk = b"x" * min(65536, size - start)
                await response.write(chunk)
                self.written_bytes += len(chunk)
        except (asyncio.CancelledError, ConnectionError):
            self.ended.set()
            raise
        return response

    async def _gone(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()


@asynccontextmanager
async def web_server(
    server: WebServer, tls: SSLContext | None = None
) -> AsyncIterator[str]:
    """Serve on a free loopback port while the block runs; give its URL."""
    runner = web.ServerRunner(
        web.Server(server.answer, handler_cancellation=True),  # type: ignore[arg-type]
        shutdown_timeout=0.01,
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
