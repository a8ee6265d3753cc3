"""Watching and steering a run from outside."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import aiohttp
import pytest
from free_ports import free_port
from program import environment, gharial
from safety_net import LIMIT_S
from test_workers import script, until

pytestmark = pytest.mark.slow

# Each test ends the run itself: on a busy machine one command line takes seconds.
SCALED = """
import { sleep } from 'k6';
export const options = { scenarios: { a: {
  executor: 'externally-controlled', vus: 1, maxVUs: 6, duration: '10m' } } };
export function setup() { console.log('set up'); }
export default function () { sleep(0.05); }
"""


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "gharial", "run", "-q", "-a", address, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until(lambda: gharial("status", "-a", address).returncode == 0)
        yield process, address
    finally:
        process.kill()
        process.communicate()


def attributes(address: str) -> dict[str, str]:
    lines = gharial("status", "-a", address).stdout.splitlines()
    return dict(line.split(": ", 1) for line in lines)


def stands_still(address: str) -> bool:
    """Return whether no iteration ends for longer than workers wait with their news."""
    before = attributes(address)["iterations"]
    time.sleep(1.0)
    return bool(attributes(address)["iterations"] == before)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_is_scaled_paused_resumed_and_stopped(tmp_path: Path, workers: str):
    path = script(tmp_path, SCALED)
    with running("--workers", workers, path) as (process, address):
        until(lambda: attributes(address)["vus"] == "1")
        assert gharial("scale", "-a", address, "-u", "5").returncode == 0
        until(lambda: attributes(address)["vus"] == "5")
        gharial("scale", "-a", address, "-u", "2")
        until(lambda: attributes(address)["vus"] == "2")
        assert "paused: true" in gharial("pause", "-a", address).stdout
        # What had begun may end, and workers tell of it twice a second.
        until(lambda: stands_still(address))
        count = attributes(address)["iterations"]
        gharial("resume", "-a", address)
        until(lambda: attributes(address)["iterations"] != count)
        gharial("stop", "-a", address)
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 103
        assert "stopped from outside" in output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_lingering_run_can_be_asked_after_its_end(tmp_path: Path, workers: str):
    path = script(tmp_path, "export default function () {}")
    with running("--linger", "--workers", workers, path) as (process, address):
        until(lambda: attributes(address)["phase"] == "done")
        assert attributes(address)["iterations"] == "1"
        # What would change the run does no harm now.
        gharial("scale", "-a", address, "-u", "5")
        gharial("pause", "-a", address)
        if workers == "1":
            gharial("stop", "-a", address)
        else:
            process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert "--linger waits for Ctrl+C" in output
    assert "Traceback" not in output
    # The summary is there before.
    assert output.index("TOTAL RESULTS") < output.index("--linger")


def test_a_paused_run_waits_before_setup(tmp_path: Path):
    path = script(tmp_path, SCALED)
    with running("--paused", "--workers", "1", path) as (process, address):
        assert attributes(address)["paused"] == "true"
        assert attributes(address)["iterations"] == "0"
        gharial("resume", "-a", address)
        until(lambda: int(attributes(address)["iterations"]) > 0)
        gharial("stop", "-a", address)
        output, _ = process.communicate(timeout=LIMIT_S)
        assert "set up" in output


def test_what_cannot_be_done_is_refused_with_a_reason(tmp_path: Path):
    path = script(tmp_path, SCALED)
    with running("--workers", "1", path) as (_, address):
        until(lambda: int(attributes(address)["iterations"]) > 0)
        ran = gharial("scale", "-a", address, "-u", "7")
        assert ran.returncode == 104
        assert "from 0 to 6 (maxVUs)" in ran.stderr

        async def refused() -> list[tuple[int, str]]:
            url = f"http://{address}/v1/status"
            answers = []
            async with aiohttp.ClientSession() as session:
                for body, headers in (
                    ("no json", {}),
                    (json.dumps({"data": {"attributes": {"vus": "x"}}}), {}),
                    ("{}", {"Origin": "http://evil.test"}),
                    ("{}", {"Host": "evil.test"}),
                    ("[" * 60_000, {}),
                    ("{}", {"Content-Type": "application/json; charset=odd"}),
                    ('{"data": [5]}', {}),
                    ("{}", {"Host": "[::1"}),
                ):
                    async with session.patch(url, data=body, headers=headers) as got:
                        title = (await got.json())["errors"][0]["title"]
                        answers.append((got.status, title))
                names: set[str] = set()
                # They are there when the first second is over.
                async with asyncio.timeout(LIMIT_S):
                    while "iterations" not in names:
                        await asyncio.sleep(0.1)
                        async with session.get(f"http://{address}/v1/metrics") as got:
                            names = {each["id"] for each in (await got.json())["data"]}
                async with session.get(f"http://{address}/v1/metrics/nope") as got:
                    assert got.status == 404
            return answers

        answers = asyncio.run(refused())
        assert [status for status, _ in answers] == [
            *(400, 400, 403, 403),
            *(400, 400, 400, 400),
        ]
        assert "vus must be a whole number" in answers[1][1]


def test_an_address_in_use_ends_the_run_before_it_begins(tmp_path: Path):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = gharial("run", "-q", "-a", address, script(tmp_path, SCALED))
    assert ran.returncode == 106
    assert f"--address: cannot listen on {address}: the port is in use" in ran.stderr
    assert "set up" not in ran.stderr


def test_a_run_that_is_not_there_is_told(tmp_path: Path):
    ran = gharial("pause", "-a", f"127.0.0.1:{free_port()}")
    assert ran.returncode == 255
    assert "no run answers" in ran.stderr
