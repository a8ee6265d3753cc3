"""Tags and metadata of whole runs, in both languages, shared by two workers."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from output_runs import gharial
from servers import serving_echo

pytestmark = pytest.mark.slow

SCRIPTS = {
    "script.js": """
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
const seen = new Counter('seen');
export function setup() { seen.add(1); }
export default function () {
  if (__ITER === 0) {
    exec.vu.metrics.tags.mine = exec.vu.idInTest;
    exec.vu.metrics.metadata.trace = `t${exec.vu.idInTest}`;
  }
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send('x');
  socket.onmessage = () => socket.close();
}
export function teardown() { seen.add(1); }
""",
    "script.py": """
from gharial import Counter, WebSocket, env, vu
seen = Counter("seen")
def setup():
    seen.add(1)
async def default():
    if vu.iteration == 0:
        vu.tags["mine"] = vu.id
        vu.metadata["trace"] = f"t{vu.id}"
    async with WebSocket(env["URL"]) as socket:
        socket.send("x")
        await socket.receive()
def teardown():
    seen.add(1)
""",
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving_echo() as server:
        yield server.url.removesuffix("/")


@pytest.mark.parametrize("name", SCRIPTS)
def test_tags_of_run_script_and_socket_reach_each_value(
    name: str, tmp_path: Path, url: str
) -> None:
    script, out = tmp_path / name, tmp_path / "out.json"
    options = {
        "scenarios": {
            "chat": {"executor": "per-vu-iterations", "vus": 2, "iterations": 2}
        },
        "thresholds": {f"ws_sessions{{url:{url}}}": ["count==4"]},
    }
    (tmp_path / "config.json").write_text(json.dumps(options))
    script.write_text(SCRIPTS[name])
    run = gharial(
        *("run", "-q", f"--config={tmp_path / 'config.json'}", "--workers=2"),
        *(f"--out=json={out}", "--tag=run=r", "-e", f"URL={url}", str(script)),
    )
    assert run.returncode == 0, run.stderr
    points: dict[str, list[Any]] = {}
    for line in map(json.loads, out.read_text().splitlines()):
        if line["type"] == "Point":
            points.setdefault(line["metric"], []).append(line["data"])
    assert [each["tags"] for each in points["seen"]] == [
        {"group": "::setup", "run": "r"},
        {"group": "::teardown", "run": "r"},
    ]
    expected = [("1", {"trace": "t1"})] * 2 + [("2", {"trace": "t2"})] * 2
    for metric in ("iterations", "iteration_duration", "ws_sessions", "ws_msgs_sent"):
        told = [(each["tags"]["mine"], each["metadata"]) for each in points[metric]]
        assert sorted(told, key=str) == expected, metric
        assert all(each["tags"]["run"] == "r" for each in points[metric])
    assert {each["tags"]["url"] for each in points["ws_msgs_sent"]} == {url}
    assert {each["tags"]["name"] for each in points["ws_msgs_sent"]} == {url}


def test_messages_have_one_date_in_events_and_in_outputs(
    tmp_path: Path, url: str
) -> None:
    script, out = tmp_path / "script.js", tmp_path / "out.json"
    script.write_text("""
export default function () {
  const socket = new WebSocket(__ENV.URL);
  let left = 3;
  socket.onopen = () => { for (let i = 0; i < 3; i++) socket.send('x'); };
  socket.onmessage = (event) => {
    console.log(event.timestamp);
    // What comes next is handled long after it has come.
    const until = Date.now() + 50;
    while (Date.now() < until);
    if (--left === 0) socket.close();
  };
}
""")
    run = gharial(
        *("run", "-q", "--workers=1", "--log-format=raw", f"--out=json={out}"),
        *("-e", f"URL={url}", str(script)),
    )
    assert run.returncode == 0, run.stderr
    told_s = [float(line) / 1e3 for line in run.stderr.split()]
    dates_s = [
        datetime.fromisoformat(point["data"]["time"]).timestamp()
        for point in map(json.loads, out.read_text().splitlines())
        if (point["type"], point["metric"]) == ("Point", "ws_msgs_received")
    ]
    assert len(told_s) == 3
    assert dates_s == pytest.approx(told_s, abs=1e-5)
