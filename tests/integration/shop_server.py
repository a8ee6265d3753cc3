"""A server as the how-to pages assume: a login over HTTP, then a socket that knows who one is."""

import asyncio
import json
from typing import Any, Self

from aiohttp import WSMsgType, web


class ShopServer:
    """Serves while it is in ``async with``; has paths that go wrong in one way each."""

    def __init__(self) -> None:
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_post("/login", self._login)
        for path in ("ws", "events", "forbidden", "eof", "cut", "small"):
            application.router.add_get(f"/{path}", getattr(self, f"_{path}"))
        self._runner = web.AppRunner(application, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _login(self, request: web.Request) -> web.Response:
        said = await request.json()
        if said["password"] != "secret":
            return web.json_response({"error": "wrong password"}, status=401)
        return web.json_response({"token": said["user"]})

    async def _ws(self, request: web.Request) -> web.StreamResponse:
        scheme, _, user = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not user:
            return web.json_response({"error": "no token"}, status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        orders = 0
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            asked = json.loads(message.data)
            answer: dict[str, Any] = {"id": asked["id"], "ok": True, "user": user}
            if asked["action"] == "order":
                orders += 1
                answer["order"] = f"{user}-{orders}"
            elif asked["action"] == "pay":
                answer |= {"order": asked["order"]}
            if asked["action"] != "whoami":
                # What others do comes in between.
                await socket.send_json({"event": "news"})
            await socket.send_json(answer)
        return socket

    async def _events(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        for number in range(1, 1000):
            await answer.write(f"event: news\ndata: {number}\n\n".encode())
            await asyncio.sleep(0.1)
        return answer

    async def _forbidden(self, request: web.Request) -> web.Response:
        return web.Response(status=403, text="not from this origin")

    async def _eof(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async def _cut(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        assert request.transport is not None
        request.transport.close()
        return socket

    async def _small(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=1000)
        await socket.prepare(request)
        await socket.receive()
        return socket
