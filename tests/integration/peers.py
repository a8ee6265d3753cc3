"""Echo servers that others wrote, for tests that must not trust our own."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web
from safety_net import LIMIT_S
from script_runs import echo, serving

NPM_LIMIT_S = 90

NODE_SERVER = """
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
server.on('listening', () => console.log(JSON.stringify(server.address())));
server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
"""


@asynccontextmanager
async def websockets_peer() -> AsyncIterator[str]:
    """The package ``websockets``."""
    async with serving(echo) as url:
        yield url


@asynccontextmanager
async def aiohttp_peer() -> AsyncIterator[str]:
    """The package ``aiohttp``."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
        return socket

    application = web.Application()
    application.router.add_get("/", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def node_modules(folder: Path) -> Path:
    """Install npm's ``ws`` into a folder; skip the test where that cannot be done."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js and npm are not installed")
    try:
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--silent", "ws@8"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=NPM_LIMIT_S,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        pytest.skip("npm cannot install the package ws here")
    return folder


@asynccontextmanager
async def node_peer(folder: Path) -> AsyncIterator[str]:
    """npm's ``ws`` under Node.js, installed in ``folder``."""
    process = await asyncio.create_subprocess_exec(
        "node",
        "-e",
        NODE_SERVER,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        address = json.loads(await asyncio.wait_for(process.stdout.readline(), LIMIT_S))
        yield f"ws://127.0.0.1:{address['port']}/"
    finally:
        process.terminate()
        await process.wait()
