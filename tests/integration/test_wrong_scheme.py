"""Whole runs whose sockets speak TLS to a server that does not."""

import re
from pathlib import Path

import pytest
from aiohttp import web
from program import gharial
from servers import in_thread

JAVASCRIPT = """
export default function () { new WebSocket(__ENV.URL); }
"""
PYTHON = """
from gharial import WebSocket, env
def default():
    WebSocket(env["URL"])
"""


class WebServer:
    """A server of aiohttp: it refuses at once what is no request."""

    async def __aenter__(self) -> None:
        self._runner = web.AppRunner(web.Application())
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "script", "workers"), [("s.js", JAVASCRIPT, "2"), ("s.py", PYTHON, "1")]
)
def test_tls_to_a_plain_port_is_one_line_with_a_hint(
    tmp_path: Path, name: str, script: str, workers: str
) -> None:
    (tmp_path / name).write_text(script, "utf-8")
    with in_thread(WebServer()) as server:
        url = f"wss://127.0.0.1:{server.port}/"
        run = gharial(
            *("run", "-u", "100", "-i", "200", "--workers", workers),
            *("-e", f"URL={url}", str(tmp_path / name)),
        )
    printed = run.stdout + run.stderr
    assert "Traceback" not in printed
    assert "Logging error" not in printed
    # A busy machine is told of, too.
    logged = [
        line
        for line in printed.splitlines()
        if line.startswith("time=") and not line.endswith("source=generator")
    ]
    assert 1 <= len(logged) <= int(workers)
    for line in logged:
        assert "does this port speak TLS? try ws://" in line
    assert re.search(r"\{ reason:tls \}\.*: 200\b", printed)
