"""Lenses on real sockets, in both languages."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from whole_runs import WholeRun, run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.metrics import builtin
from gharial.metrics.metric import Metric

pytestmark = pytest.mark.slow

DELAY_S = 0.05

JAVASCRIPT = """
import {{ WebSocket }} from 'k6/websockets';
export default function () {{
  const socket = new WebSocket(__ENV.URL, [], {{ lens: {lens} {more} }});
  const call = (method, id) => socket.send(JSON.stringify({{ jsonrpc: '2.0', method, id }}));
  let answers = 0;
  socket.onopen = () => {{ call('add', 1); call('slow', 2); call('wrong', 3); call('quiet', 4); }};
  socket.onmessage = ({{ data }}) => {{
    if (JSON.parse(data).method) return;
    answers += 1;
    if (answers === 3) socket.close();
  }};
}}
"""
PYTHON = """
from gharial import WebSocket, env
import json

async def default():
    async with WebSocket(env["URL"], lens={lens}) as socket:
        for number, method in enumerate(("add", "slow", "wrong", "quiet")):
            socket.send(json.dumps({{"jsonrpc": "2.0", "method": method, "id": number}}))
        answers = 0
        while answers < 3:
            if "id" in json.loads(await socket.receive()):
                answers += 1
"""
REQUESTS = """
import { WebSocket } from 'k6/websockets';
export default async function () {
  const socket = new WebSocket(__ENV.URL, [], { lens: 'jsonrpc' });
  await new Promise((resolve) => { socket.onopen = resolve; });
  const call = (method, id) => JSON.stringify({ jsonrpc: '2.0', method, id });
  await socket.request(call('add', 1), { match: { path: '$.id', value: 1 }, name: 'mine' });
  socket.send(call('add', 2));
  await socket.expect({ path: '$.id', value: 2 });
  socket.close();
}
"""


async def answering(connection: ServerConnection) -> None:
    """Answer calls, each in its own way."""
    async for text in connection:
        call = json.loads(text)
        answer = {"jsonrpc": "2.0", "id": call["id"]}
        if call["method"] == "quiet":
            continue
        if call["method"] == "slow":
            await asyncio.sleep(DELAY_S)
        if call["method"] == "wrong":
            answer |= {"error": {"code": -32601, "message": "no such method"}}
        else:
            answer |= {"result": [1, 2]}
        await connection.send(json.dumps({"jsonrpc": "2.0", "method": "tick"}))
        await connection.send(json.dumps(answer))


async def shouting(connection: ServerConnection) -> None:
    """Send three messages that are of no protocol."""
    for _ in range(3):
        await connection.send("hello")
    await connection.wait_closed()


def run(folder: Path, name: str, source: str, handler: Any = answering) -> WholeRun:
    executors = [PerVuIterations(ScenarioPlan(), 1, 1, 60.0)]
    return run_whole(folder, name, source, executors, handler)


def by(measured: WholeRun, metric: Metric, tag: str) -> dict[str | None, Any]:
    return {tags.get(tag): sink for tags, sink in measured.registry.series_of(metric)}


SCRIPTS = [
    ("script.js", JAVASCRIPT.format(lens="'jsonrpc'", more="")),
    # Compressed messages take another way.
    ("script.js", JAVASCRIPT.format(lens="'jsonrpc'", more=", compression: 'deflate'")),
    ("script.py", PYTHON.format(lens='"jsonrpc"')),
]


@pytest.mark.parametrize(("name", "source"), SCRIPTS, ids=["js", "deflate", "python"])
def test_calls_are_measured_in_the_words_of_their_protocol(
    tmp_path: Path, name: str, source: str
) -> None:
    measured = run(tmp_path, name, source)
    durations = by(measured, builtin.WS_REQ_DURATION, "operation")
    assert {method: sink.count for method, sink in durations.items()} == {
        "add": 1,
        "slow": 1,
        "wrong": 1,
    }
    assert durations["slow"].minimum >= DELAY_S * 1e3
    assert 0 < durations["add"].minimum <= durations["slow"].minimum
    failed = by(measured, builtin.WS_REQ_FAILED, "operation")
    assert {method: (sink.passes, sink.total) for method, sink in failed.items()} == {
        "add": (0, 1),
        "slow": (0, 1),
        "wrong": (1, 1),
        "quiet": (1, 1),
    }
    assert by(measured, builtin.WS_EVENTS, "operation")["tick"].value == 3
    assert by(measured, builtin.WS_PROTOCOL_ERRORS, "code")["-32601"].value == 1
    assert set(by(measured, builtin.WS_REQ_DURATION, "protocol")) == {"jsonrpc"}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("script.js", JAVASCRIPT.format(lens="'off'", more="")),
        ("script.py", PYTHON.format(lens='"off"')),
    ],
    ids=["js", "python"],
)
def test_without_a_lens_nothing_of_it_is_measured(
    tmp_path: Path, name: str, source: str
) -> None:
    measured = run(tmp_path, name, source)
    assert not by(measured, builtin.WS_REQ_DURATION, "operation")
    assert not by(measured, builtin.WS_EVENTS, "operation")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "script.js",
            """
import { WebSocket } from 'k6/websockets';
export default function () {
  const socket = new WebSocket(__ENV.URL, [], { lens: 'jsonrpc' });
  let left = 3;
  socket.onmessage = ({ data }) => { if (data === 'hello' && --left === 0) socket.close(); };
}
""",
        ),
        (
            "script.py",
            """
from gharial import WebSocket, env

async def default():
    async with WebSocket(env["URL"], lens="jsonrpc") as socket:
        for _ in range(3):
            assert await socket.receive() == "hello"
""",
        ),
    ],
    ids=["js", "python"],
)
def test_what_a_lens_cannot_read_is_counted_once_and_does_no_harm(
    tmp_path: Path, name: str, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    measured = run(tmp_path, name, source, shouting)
    assert by(measured, builtin.WS_PROTOCOL_ERRORS, "code")["unreadable"].value == 1
    assert measured.total("ws_msgs_received") == 3
    assert measured.total("iterations_failed") == 0
    told = [text for text in caplog.messages if "cannot read" in text]
    assert len(told) == 1
    assert "a message is not of JSON-RPC 2.0" in told[0]


def test_what_a_script_measures_by_a_request_is_measured_once(tmp_path: Path) -> None:
    measured = run(tmp_path, "script.js", REQUESTS)
    durations = by(measured, builtin.WS_REQ_DURATION, "operation")
    counts = {operation: sink.count for operation, sink in durations.items()}
    # The second one is measured by the lens, and waited for by `expect`.
    assert counts == {"mine": 1, "add": 1, "request()": 1}


@pytest.mark.parametrize("name", ["script.js", "script.py"])
def test_an_unknown_lens_names_the_nearest(tmp_path: Path, name: str) -> None:
    source = (
        JAVASCRIPT.format(lens="'jsonrcp'", more="")
        if name.endswith("js")
        else PYTHON.format(lens="'jsonrcp'")
    )
    measured = run(tmp_path, name, source)
    assert measured.total("iterations_failed") == 1
    assert any('did you mean "jsonrpc"?' in str(record) for record in measured.log)
