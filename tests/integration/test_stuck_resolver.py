"""A whole process whose system resolver answers about some names after hours only."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from safety_net import LIMIT_S
from script_runs import echo, serving

# The command line, with the system's resolver stuck for names that end in ".stuck".
PROGRAM = """
import socket, sys, time
ask = socket.getaddrinfo
def getaddrinfo(host, *rest, **options):
    if str(host).endswith(".stuck"):
        time.sleep(3600)
    return ask(host, *rest, **options)
socket.getaddrinfo = getaddrinfo
from gharial.cli.main import main
main()
"""

JAVASCRIPT = """
export const options = { scenarios: {
  stuck: { executor: 'per-vu-iterations', vus: 50, exec: 'stuck' },
  fine: { executor: 'per-vu-iterations', vus: 5, exec: 'fine' },
} };
export function stuck() {
  const s = new WebSocket(`ws://${__VU}.stuck/`);
  s.onerror = (e) => console.log('failed: ' + e.error);
}
export function fine() {
  const s = new WebSocket(__ENV.URL);
  s.onopen = () => { console.log('reached'); s.close(); };
}
"""

PYTHON = """
from gharial import WebSocket, env
options = {"scenarios": {
    "stuck": {"executor": "per-vu-iterations", "vus": 50, "exec": "stuck"},
    "fine": {"executor": "per-vu-iterations", "vus": 5, "exec": "fine"},
}}
numbers = iter(range(100))
def stuck():
    socket = WebSocket(f"ws://{next(numbers)}.stuck/")
    socket.on_error = lambda event: print("failed:", event.error)
def fine():
    socket = WebSocket(env["URL"])
    def opened(event):
        print("reached")
        socket.close()
    socket.on_open = opened
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "source"), [("script.js", JAVASCRIPT), ("script.py", PYTHON)]
)
def test_addresses_are_reached_and_the_run_ends_though_the_resolver_is_stuck(
    tmp_path: Path, name: str, source: str
) -> None:
    (tmp_path / name).write_text(source, "utf-8")

    async def main() -> tuple[int | None, str]:
        async with serving(echo) as url:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", PROGRAM, "run", str(tmp_path / name)),
                *("--workers", "1", "-e", f"URL={url}", "--dial-timeout", "2s"),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            try:
                output, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
            finally:
                if process.returncode is None:
                    process.kill()
            return process.returncode, output.decode()

    code, output = asyncio.run(main())
    assert code == 0, output
    assert output.count('msg="reached"') == 5, output
    assert output.count("lookup") >= 1, output
    assert ".stuck: i/o timeout, no answer after 2s" in output, output
    assert "55 complete" in output, output
