"""
Servers that others wrote, which do what the query of a URL says.

``case`` names what is played and ``plan`` is JSON with any of:

=============  ============================================================
``do``         actions as soon as the connection is open
``answer``     actions for each message, instead of an echo
``pieces``     into how many fragments an echo is cut
``deflate``    permessage-deflate is spoken; ws's names for its parameters
``protocols``  subprotocols that the peer knows
``headers``    headers of its answer to the upgrade, beside its own
``refuse``     status and body of a refusal
=============  ============================================================

Actions: ``text TEXT``, ``binary HEX``, ``fragments KIND [HEX] PING``, ``ping HEX``,
``pong HEX``, ``close CODE REASON``, ``raw HEX`` (bytes past the peer's checks), ``drop``
(the end of TCP) and ``reset``.

What a peer sees of a case: ``request`` with its headers, ``ping`` and ``pong`` with
their payload in hex, ``close`` with code (1005 for none) and reason.
"""

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import WSMsgType, web
from peer_engines import Engine
from safety_net import LIMIT_S

from gharial.servers.certificates import Certificates

Seen = dict[str, list[list[Any]]]
Actions = Iterable[list[Any]]
PATIENCE_S = 3.0
# Larger than what is sent to them; three of the four have a limit of their own.
MESSAGE_MAXIMUM_BYTES = 2**26


def has_ipv6() -> bool:
    """Whether there is a loopback address of IPv6 to listen on."""
    try:
        with socket.socket(socket.AF_INET6) as trial:
            trial.bind(("::1", 0))
    except OSError:
        return False
    return True


def hosts() -> list[str]:
    """Where each peer listens without TLS."""
    return ["127.0.0.1", "::1"] if has_ipv6() else ["127.0.0.1"]


def bases(ports: list[int]) -> str:
    """Return the URLs of a peer, as JSON, from its ports: those of `hosts`, then TLS."""
    urls = {"ws": f"ws://127.0.0.1:{ports[0]}", "wss": f"wss://127.0.0.1:{ports[-1]}"}
    if len(ports) == 3:
        urls["ipv6"] = f"ws://[::1]:{ports[1]}"
    return json.dumps(urls)


def read_target(target: str) -> tuple[str, dict[str, Any]]:
    """Return a case's name and its plan."""
    query = parse_qs(urlsplit(target).query)
    return query["case"][0], json.loads(query["plan"][0])


def reset(transport: asyncio.BaseTransport) -> None:
    """Let TCP end with a reset."""
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()  # type: ignore[attr-defined]


class _Talk:
    """One connection of a library that leaves the network to us."""

    def __init__(
        self, engine: Engine, seen: Seen, writer: asyncio.StreamWriter
    ) -> None:
        self._engine = engine
        self._seen = seen
        self._writer = writer
        self._plan: dict[str, Any] = {}
        self._events: list[list[Any]] = []
        self._is_ended = False

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Talk until either ends TCP."""
        while data := await reader.read(2**18):
            for event in self._engine.receive(data):
                self._take(*event)
            if self._flush():
                break
            await self._writer.drain()

    def _take(self, name: str, *details: Any) -> None:
        if name == "target":
            case, self._plan = read_target(details[0])
            self._events = self._seen[case] = [["request", details[1]]]
            self._engine.answer_upgrade(self._plan)
            self._act(self._plan.get("do", ()))
        elif name != "message":
            self._events.append([name, *details])
        elif not self._engine.is_open():
            pass
        elif "answer" in self._plan:
            self._act(self._plan["answer"])
        else:
            self._engine.echo(*details, self._plan.get("pieces", 1))  # type: ignore[call-arg]

    def _act(self, actions: Actions) -> None:
        for name, *details in actions:
            if name == "raw":
                self._flush()
                self._writer.write(bytes.fromhex(details[0]))
            elif name == "drop":
                self._flush()
                self._writer.write_eof()
                self._is_ended = True
            elif name == "reset":
                reset(self._writer.transport)
                self._is_ended = True
            else:
                self._engine.act(name, *details)

    def _flush(self) -> bool:
        data, is_over = self._engine.outgoing()
        if not self._is_ended:
            self._writer.write(data)
        return is_over


@asynccontextmanager
async def engine_peer(
    make_engine: Callable[[], Engine], seen: Seen, certificates: Certificates
) -> AsyncIterator[str]:
    """Serve with one of the libraries that leave the network to others."""
    talks: set[asyncio.Task[None]] = set()

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        with suppress(ConnectionError):
            await _Talk(make_engine(), seen, writer).run(reader)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with AsyncExitStack() as stack:
        ports = []
        tls = certificates.server_context()
        for host, context in [*((host, None) for host in hosts()), ("127.0.0.1", tls)]:
            server = await asyncio.start_server(
                handle, host, 0, ssl=context, backlog=512
            )
            await stack.enter_async_context(server)
            ports.append(server.sockets[0].getsockname()[1])
        yield bases(ports)
        # What went out last is seen in a moment.
        done, late = await asyncio.wait(talks, timeout=PATIENCE_S)
        for task in late:
            task.cancel()
        for task in done:
            task.result()


class _AiohttpTalk:
    """One connection of ``aiohttp``."""

    def __init__(self, request: web.Request, plan: dict[str, Any], note: Any) -> None:
        self._request = request
        self._plan = plan
        self._note = note
        self._socket = web.WebSocketResponse(
            protocols=plan.get("protocols", ()),
            compress="deflate" in plan,
            max_msg_size=MESSAGE_MAXIMUM_BYTES,
            autoping=False,
        )
        for name, value in plan.get("headers", ()):
            self._socket.headers[name] = value

    async def run(self) -> web.WebSocketResponse:
        """Talk until the end."""
        socket = self._socket
        await socket.prepare(self._request)
        await self._act(self._plan.get("do", ()))
        async for kind, data, _ in socket:
            if kind is WSMsgType.PING:
                self._note("ping", data.hex())
                await socket.pong(data)
            elif kind is WSMsgType.PONG:
                self._note("pong", data.hex())
            elif kind is WSMsgType.ERROR:
                break
            elif "answer" in self._plan:
                await self._act(self._plan["answer"])
            elif kind is WSMsgType.TEXT:
                await socket.send_str(data)
            else:
                await socket.send_bytes(data)
        # It keeps no reason; 0 stands for a close frame without a code.
        if socket.close_code is not None:
            self._note("close", socket.close_code or 1005, "")
        return socket

    async def _act(self, actions: Actions) -> None:
        socket, transport = self._socket, self._request.transport
        assert transport is not None
        for name, *details in actions:
            if name == "text":
                await socket.send_str(details[0])
            elif name == "close":
                await socket.close(code=details[0], message=details[1].encode())
            elif name == "raw":
                transport.write(bytes.fromhex(details[0]))
            elif name == "drop":
                transport.close()
            elif name == "reset":
                reset(transport)
            else:
                send = socket.send_bytes if name == "binary" else getattr(socket, name)
                await send(bytes.fromhex(details[0]))


@asynccontextmanager
async def aiohttp_peer(seen: Seen, certificates: Certificates) -> AsyncIterator[str]:
    """Serve with the package ``aiohttp``."""
    talks: list[asyncio.Future[None]] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        over = asyncio.get_running_loop().create_future()
        talks.append(over)
        try:
            return await talk(request)
        finally:
            over.set_result(None)

    async def talk(request: web.Request) -> web.StreamResponse:
        case, plan = read_target(request.raw_path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        events = seen[case] = [["request", headers]]
        if "refuse" in plan:
            refusal = plan["refuse"]
            return web.Response(status=refusal["status"], text=refusal["body"])
        return await _AiohttpTalk(request, plan, lambda *e: events.append([*e])).run()

    application = web.Application()
    application.router.add_get("/", handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        tls = certificates.server_context()
        for host, context in [*((host, None) for host in hosts()), ("127.0.0.1", tls)]:
            await web.TCPSite(runner, host, 0, ssl_context=context).start()
        yield bases([address[1] for address in runner.addresses])
        await asyncio.wait(talks, timeout=PATIENCE_S)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def node_peer(
    folder: Path, seen: Seen, certificates: Certificates
) -> AsyncIterator[str]:
    """Serve with npm's ``ws`` under Node.js, installed in ``folder``."""
    pem = folder / "server.pem"
    pem.write_text("".join(certificates.client_pem("127.0.0.1")))
    process = await asyncio.create_subprocess_exec(
        "node",
        str(Path(__file__).with_name("peer_node.js")),
        str(pem),
        *hosts(),
        cwd=folder,
        env={**os.environ, "NODE_PATH": str(folder / "node_modules")},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield bases(
            json.loads(await asyncio.wait_for(process.stdout.readline(), LIMIT_S))
        )
        process.stdin.close()
        seen.update(json.loads(await asyncio.wait_for(process.stdout.read(), LIMIT_S)))
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
