"""A thousand virtual users with a socket each, against a server in another process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from program import gharial
from safety_net import LIMIT_S

pytestmark = pytest.mark.slow

USERS = 1_000

SERVER = """
import asyncio
from gharial.servers.echo import EchoServer

async def main():
    async with EchoServer() as server:
        print(server.url, flush=True)
        await asyncio.wait_for(server.serve_forever(), 120)

asyncio.run(main())
"""

# All sockets are open at once: each stays for three seconds after it was echoed.
JAVASCRIPT = """
import { WebSocket } from 'k6/websockets';
import { check } from 'k6';
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send(`VU ${__VU}`);
  socket.onmessage = ({ data }) => {
    check(data, { 'is mine': (text) => text === `VU ${__VU}` });
    setTimeout(() => socket.close(), 3000);
  };
}
"""

PYTHON = """
from gharial import WebSocket, check, env, set_timeout, vu

def default():
    socket = WebSocket(env["URL"])
    socket.on_open = lambda event: socket.send(f"VU {vu.id}")

    @socket.on("message")
    def hear(event):
        check(event.data, {"is mine": event.data == f"VU {vu.id}"})
        set_timeout(socket.close, 3000)
"""


@pytest.mark.parametrize(
    ("name", "source"), [("script.js", JAVASCRIPT), ("script.py", PYTHON)]
)
def test_all_of_them_come_to_their_end_without_error_or_warning(
    name: str, source: str, tmp_path: Path
) -> None:
    script, summary = tmp_path / name, tmp_path / "summary.json"
    script.write_text(source, "utf-8")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        run = gharial(
            *("run", "--quiet", "-e", f"URL={url}"),
            *("--vus", str(USERS), "--iterations", str(USERS)),
            *(f"--summary-export={summary}", str(script)),
        )
    finally:
        server.terminate()
        server.wait(LIMIT_S)
        server.stdout.close()
    assert run.returncode == 0, run.stderr
    # A busy machine is slow, and says so; nothing else may be said.
    told = [line for line in run.stderr.splitlines() if "source=generator" not in line]
    assert told == []
    metrics = json.loads(summary.read_text())["metrics"]
    assert metrics["iterations"]["count"] == USERS
    assert metrics["ws_sessions"]["count"] == USERS
    assert metrics["ws_open"]["max"] == USERS
    assert metrics["checks"]["passes"] == USERS
    assert metrics["checks"]["fails"] == 0
    assert "ws_errors" not in metrics
