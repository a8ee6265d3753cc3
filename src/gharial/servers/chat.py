"""
A chat server: one room for each path, events as JSON.

A client sends ``SET_NAME`` (``new_name``), ``SAY`` (``message``) and ``LEAVE``. It gets
``CHAT_MSG`` (``user``, ``message``), ``USER_JOINED``, ``USER_LEFT`` (``user``), and
``ERROR`` when it sent what is not JSON, not an event, or said something without a name.
Every event has a ``message`` that reads well.
"""

import asyncio
import contextlib
import json
from typing import Any, Self

from aiohttp import WSCloseCode, WSMsgType, web

from gharial.servers.certificates import Certificates
from gharial.servers.listening import listening_error, url_of

MESSAGE_MAXIMUM_BYTES = 64 * 1024
NAME_MAXIMUM_CHARACTERS = 64
# Events that may wait for a client that reads slowly; one more and it is dropped.
QUEUE_MAXIMUM = 1_000
PING_INTERVAL_S = 30.0


class _Client:
    """
    One connected client.

    Attributes:
        socket: Its connection.
        name: Its name, empty before it has one.
        is_in_room: Whether it has a name and has not left.
        is_slow: Whether it is being dropped, because too many events wait for it.
        events: What waits for it.

    """

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.name = ""
        self.is_in_room = False
        self.is_slow = False
        self.events: asyncio.Queue[str] = asyncio.Queue(QUEUE_MAXIMUM)

    def tell(self, event: str) -> bool:
        """Queue an event; return whether there was room for it."""
        try:
            self.events.put_nowait(event)
        except asyncio.QueueFull:
            return False
        return True

    async def write(self) -> None:
        """Send what is queued, until cancelled."""
        while True:
            await self.socket.send_str(await self.events.get())


class _Room:
    """Everybody who is connected with one path."""

    def __init__(self) -> None:
        self.clients: dict[_Client, asyncio.Task[None]] = {}

    def tell_all(self, event: str) -> None:
        """Queue an event for everybody; drop who does not read."""
        for client, writer in list(self.clients.items()):
            if not client.tell(event):
                client.is_slow = True
                writer.cancel()


class ChatServer:
    """
    Serves chat rooms until it is left.

    Use it with ``async with``.

    Attributes:
        host: The address that it listens on.
        port: The port that it listens on, once it does.
        connections: How many were made so far.

    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: Certificates | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.connections = 0
        self._tls = tls
        self._rooms: dict[str, _Room] = {}
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where to connect to; add a room's name."""
        return url_of(
            self.host, self.port, is_secure=self._tls is not None, path="/ws/crocochat/"
        )

    async def __aenter__(self) -> Self:
        """
        Listen.

        Raises:
            AddressInUseError: If the address cannot be listened on.

        """
        application = web.Application()
        application.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        context = None if self._tls is None else self._tls.server_context()
        site = web.TCPSite(
            self._runner, self.host, self.port, ssl_context=context, backlog=4096
        )
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise listening_error(self.host, self.port, error) from None
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close all connections and listen no more."""
        for room in list(self._rooms.values()):
            for client in list(room.clients):
                with contextlib.suppress(ConnectionError):
                    await client.socket.close(code=WSCloseCode.GOING_AWAY)
        if self._runner is not None:
            await self._runner.cleanup()

    async def serve_forever(self) -> None:
        """Serve until cancelled."""
        await asyncio.get_running_loop().create_future()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            heartbeat=PING_INTERVAL_S,
            max_msg_size=MESSAGE_MAXIMUM_BYTES,
            timeout=2.0,
        )
        if not socket.can_prepare(request):
            return web.Response(status=426, text="This is a WebSocket chat server.\n")
        await socket.prepare(request)
        self.connections += 1
        room = self._rooms.setdefault(request.path.rstrip("/"), _Room())
        client = _Client(socket)
        writer = asyncio.ensure_future(client.write())
        room.clients[client] = writer
        transport = request.transport

        def end(task: asyncio.Task[None]) -> None:
            if not task.cancelled():
                # A connection that cannot be written to is about to end by itself.
                task.exception()
            if client.is_slow and transport is not None:
                transport.abort()

        writer.add_done_callback(end)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(room, client, message.data)
                elif message.type is WSMsgType.BINARY:
                    _refuse(client, "an event is a text message, not a binary one")
        finally:
            writer.cancel()
            room.clients.pop(client, None)
            _leave(room, client)
            if not room.clients:
                self._rooms.pop(request.path.rstrip("/"), None)
        return socket

    def _take(self, room: _Room, client: _Client, text: str) -> None:
        try:
            event = json.loads(text)
        except (ValueError, RecursionError):
            # Deep nesting runs into Python's limit before it is found to be no event.
            _refuse(client, "the message is not JSON")
            return
        kind = event.get("event") if isinstance(event, dict) else None
        if kind == "SET_NAME":
            _rename(room, client, event.get("new_name"))
        elif kind == "SAY":
            _say(room, client, event.get("message"))
        elif kind == "LEAVE":
            _leave(room, client)
        else:
            _refuse(
                client, f"unknown event {kind!r}; there are SET_NAME, SAY and LEAVE"
            )


def _event(kind: str, message: str, **fields: Any) -> str:
    return json.dumps({"event": kind, **fields, "message": message})


def _refuse(client: _Client, problem: str) -> None:
    client.tell(_event("ERROR", problem))


def _rename(room: _Room, client: _Client, name: object) -> None:
    if not isinstance(name, str) or not name.strip():
        _refuse(client, "SET_NAME needs new_name, a non-empty string")
        return
    name = name.strip()[:NAME_MAXIMUM_CHARACTERS]
    if client.is_in_room:
        _leave(room, client)
    client.name = name
    client.is_in_room = True
    room.tell_all(_event("USER_JOINED", f"{name} has joined", user=name))


def _say(room: _Room, client: _Client, text: object) -> None:
    if not client.name:
        _refuse(client, "set a name with SET_NAME before you say something")
    elif not client.is_in_room:
        _refuse(client, "you have left the room; set a name to join it again")
    elif not isinstance(text, str):
        _refuse(client, "SAY needs message, a string")
    else:
        room.tell_all(_event("CHAT_MSG", text, user=client.name))


def _leave(room: _Room, client: _Client) -> None:
    if client.is_in_room:
        client.is_in_room = False
        room.tell_all(_event("USER_LEFT", f"{client.name} has left", user=client.name))
