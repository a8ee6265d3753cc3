"""`request()` and `expect()`: a message and the one that answers it, in both languages."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from whole_runs import WholeRun, run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.metrics import builtin

pytestmark = pytest.mark.slow

JAVASCRIPT = """
import {{ WebSocket }} from 'k6/websockets'; import {{ sleep }} from 'k6';
const json = JSON.stringify;
const shown = async (promise) => {{
  try {{
    console.log('answer', await promise);
  }} catch (error) {{
    console.log('failed', error.name);
  }}
}};
export default async function () {{
  const socket = new WebSocket(__ENV.URL);
  await new Promise((resolve) => {{ socket.onopen = resolve; }});
  {body}
  socket.close();
}}
"""
PYTHON = """
from gharial import WebSocket, env, log
import asyncio, json as json_module

def json(value):
    return json_module.dumps(value, separators=(",", ":"))

async def shown(work):
    try:
        log("answer", await work)
    except Exception as error:
        log("failed", getattr(error, "name", None) or type(error).__name__)

async def default():
    socket = WebSocket(env["URL"])
    await socket.opened()
    {body}
    socket.close()
"""


async def answering(connection: ServerConnection) -> None:
    """Do what each message says: wait, say something else first, go, or be silent."""
    waiting = []

    async def answer(order: dict[str, Any]) -> None:
        await asyncio.sleep(order.get("wait", 0))
        await connection.send(json.dumps({"id": order.get("id")}))

    async for text in connection:
        order = json.loads(text)
        for word in order.get("before", ()):
            await connection.send(word)
        if order.get("close"):
            await connection.close(3001)
        elif not order.get("silent"):
            waiting.append(asyncio.create_task(answer(order)))


def run(folder: Path, language: str, javascript: str, python: str) -> WholeRun:
    is_python = language == "python"
    name, text = ("s.py", PYTHON) if is_python else ("s.js", JAVASCRIPT)
    body = python.replace("\n", "\n    ") if is_python else javascript
    return run_whole(
        folder,
        name,
        text.format(body=body),
        [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)],
        answering,
    )


@pytest.mark.parametrize("language", ["javascript", "python"])
@pytest.mark.parametrize(
    ("javascript", "python", "expected"),
    [
        pytest.param(
            "await shown(socket.request(json({ id: 1 })));",
            "await shown(socket.request(json({'id': 1})))",
            ['answer {"id": 1}'],
            id="the next message",
        ),
        pytest.param(
            "await shown(socket.request(json({ id: 1, before: ['no', '[]'] }),"
            " { match: (data) => data.startsWith('{') }));",
            "await shown(socket.request(json({'id': 1, 'before': ['no', '[]']}),"
            " match=lambda data: data.startswith('{')))",
            ['answer {"id": 1}'],
            id="a function",
        ),
        pytest.param(
            "await shown(socket.request(json({ id: 7, before: ['no', '{\"id\": 6}'] }),"
            " { match: { path: '$.id', value: 7 } }));",
            "await shown(socket.request(json({'id': 7, 'before': ['no', '{\"id\": 6}']}),"
            " match={'path': '$.id', 'value': 7}))",
            ['answer {"id": 7}'],
            id="a path and a value",
        ),
        pytest.param(
            "await Promise.all([3, 2, 1].map((id) => shown(socket.request("
            "json({ id, wait: id / 20 }), { match: { path: '$.id', value: id } }))));",
            "await asyncio.gather(*(shown(socket.request(json({'id': id, 'wait': id / 20}),"
            " match={'path': '$.id', 'value': id})) for id in (3, 2, 1)))",
            ['answer {"id": 1}', 'answer {"id": 2}', 'answer {"id": 3}'],
            id="several at once, answered in another order",
        ),
        pytest.param(
            "await Promise.all([shown(socket.request(json({ id: 1 }))),"
            " shown(socket.request(json({ id: 2, wait: 0.1 })))]);",
            "await asyncio.gather(shown(socket.request(json({'id': 1}))),"
            " shown(socket.request(json({'id': 2, 'wait': 0.1}))))",
            ['answer {"id": 1}', 'answer {"id": 2}'],
            id="the oldest gets it",
        ),
        pytest.param(
            "socket.send(json({ id: 4, wait: 0.05 })); await shown(socket.expect());",
            "socket.send(json({'id': 4, 'wait': 0.05}))\nawait shown(socket.expect())",
            ['answer {"id": 4}'],
            id="without sending",
        ),
        pytest.param(
            "await shown(socket.request(json({ silent: true }), { timeout: 50 }));",
            "await shown(socket.request(json({'silent': True}), timeout='50ms'))",
            [["failed TimeoutError"], ["failed RequestTimeoutError"]],
            id="no answer in time",
        ),
        pytest.param(
            "await shown(socket.request(json({ close: true })));",
            "await shown(socket.request(json({'close': True})))",
            [["failed NetworkError"], ["failed SocketClosedError"]],
            id="closed instead",
        ),
        pytest.param(
            "await shown(socket.expect({ path: '$.[' })); await shown(socket.expect(5));"
            " await shown(socket.expect(null, { timeout: 'soon' }));",
            "await shown(socket.expect({'path': '$.['}))\nawait shown(socket.expect(5))\n"
            "await shown(socket.expect(timeout='soon'))",
            [
                ["failed TypeError"] * 3,
                ["failed TypeError"] * 2 + ["failed DurationError"],
            ],
            id="wrong arguments",
        ),
        pytest.param(
            "socket.close(); await shown(socket.request('x'));",
            "socket.close()\nawait shown(socket.request('x'))",
            ["failed InvalidStateError"],
            id="not open",
        ),
    ],
)
def test_what_comes_of_a_request(
    tmp_path: Path, language: str, javascript: str, python: str, expected: list[Any]
) -> None:
    ran = run(tmp_path, language, javascript, python)
    if isinstance(expected[0], list):
        expected = expected[language == "python"]
    assert ran.console == expected
    assert ran.errors == []


@pytest.mark.parametrize("language", ["javascript", "python"])
def test_requests_are_measured_with_their_name(tmp_path: Path, language: str) -> None:
    ran = run(
        tmp_path,
        language,
        "await shown(socket.request(json({ id: 1 }), { name: 'join' }));"
        "await shown(socket.request(json({ silent: true }), { timeout: 20 }));",
        "await shown(socket.request(json({'id': 1}), name='join'))\n"
        "await shown(socket.request(json({'silent': True}), timeout=20))",
    )
    assert ran.count("ws_req_duration", name="join") == 1
    assert ran.count("ws_req_duration") == 1
    [joined, other] = [
        (sink.passes, sink.total)
        for _, tags, sink in sorted(
            (
                one
                for one in ran.registry.all_series()
                if one[0].name == "ws_req_failed"
            ),
            key=lambda one: one[1].get("name") != "join",
        )
    ]
    assert (joined, other) == ((0, 1), (1, 1))


@pytest.mark.parametrize("language", ["javascript", "python"])
def test_a_request_lasts_until_its_answer_comes(tmp_path: Path, language: str) -> None:
    ran = run(
        tmp_path,
        language,
        "await shown(socket.request(json({ id: 1, wait: 0.3 })));",
        "await shown(socket.request(json({'id': 1, 'wait': 0.3})))",
    )
    sink = ran.registry.merged(builtin.WS_REQ_DURATION)
    # A timer may be a millisecond early.
    assert sink.minimum >= 299


def test_listeners_hear_messages_as_ever_and_nothing_is_left(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        "javascript",
        "let heard = 0; socket.onmessage = () => { heard += 1; };"
        "await socket.request(json({ id: 1 })); await socket.request(json({ id: 2 }));"
        "console.log('heard', heard);",
        "",
    )
    assert ran.console == ["heard 2"]


def test_an_iteration_does_not_outlive_its_request(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        "javascript",
        "const promise = socket.request(json({ silent: true }), { timeout: '30s' });"
        "socket.close(); await shown(promise);",
        "",
    )
    assert ran.console == ["failed NetworkError"]


@pytest.mark.parametrize("language", ["javascript", "python"])
@pytest.mark.parametrize(
    ("javascript", "python", "javascript_error", "python_error"),
    [
        pytest.param(
            "await socket.request(json({ silent: true }), { name: 'join', timeout: 50 });",
            "await socket.request(json({'silent': True}), name='join', timeout=50)",
            r'^TimeoutError: request\("{\\"silent\\":true}", name: "join"\): '
            r"no answer came within 50ms\n    at default \(.*s\.js:14",
            r"^RequestTimeoutError: request\('{\"silent\":true}', name='join'\) at "
            r".*s\.py:17: no answer came within 50ms\n"
            r"    at default \(.*s\.py:17",
            id="no answer",
        ),
        pytest.param(
            "await Promise.all([socket.request(json({ close: true }))]);",
            "await asyncio.gather(socket.request(json({'close': True})))",
            r'^NetworkError: request\("{\\"close\\":true}"\): the socket was closed '
            r"\(3001\) before an answer came\n    at default \(.*s\.js:14",
            r"^SocketClosedError: request\('{\"close\":true}'\) at .*s\.py:17: "
            r"the socket is closed: 3001\n    at default \(.*s\.py:17",
            id="closed instead",
        ),
        pytest.param(
            "socket.send(json({ close: true })); await new Promise((resolve) => {"
            " socket.onclose = resolve; }); await socket.request(new Uint8Array(3));",
            "socket.send(json({'close': True})); await socket.closed();"
            " await socket.request(b'abc')",
            r"^NetworkError: request\(3 bytes\): the socket was closed \(3001\)",
            r"^SocketClosedError: request\(b'abc'\) at .*s\.py:17: .* closed: 3001\n",
            id="closed before",
        ),
        pytest.param(
            "socket.close(); await socket.expect({ path: '$.id', value: 7 });",
            "socket.close(); await socket.expect({'path': '$.id', 'value': 7})",
            r'^InvalidStateError: expect\({"path":"\$\.id","value":7}\): it needs an open',
            r"^WebSocketError: expect\({'path': '\$\.id', 'value': 7}\) at .*s\.py:17 ",
            id="not open",
        ),
    ],
)
def test_one_that_fails_says_which_and_where(
    tmp_path: Path,
    language: str,
    javascript: str,
    python: str,
    javascript_error: str,
    python_error: str,
) -> None:
    ran = run(tmp_path, language, javascript, python)
    [error] = ran.errors
    expected = python_error if language == "python" else javascript_error
    assert re.search(expected, error), error


@pytest.mark.parametrize("language", ["javascript", "python"])
def test_what_came_while_the_script_slept_is_no_answer(
    tmp_path: Path, language: str
) -> None:
    ran = run(
        tmp_path,
        language,
        "const order = json({ id: 1, wait: 0.3 });"
        "socket.send(json({ id: 0, wait: 0.1 })); sleep(0.2);"
        "await shown(socket.request(order));",
        "from gharial import sleep\n"
        "order = json({'id': 1, 'wait': 0.3})\n"
        "socket.send(json({'id': 0, 'wait': 0.1}))\n"
        "asked = []\n"
        "def busy():\n"
        "    sleep(0.3)\n"
        "    asked.append(asyncio.ensure_future(shown(socket.request(order))))\n"
        "from gharial import set_timeout\n"
        "set_timeout(busy, 0)\n"
        "while not asked: await asyncio.sleep(0.02)\n"
        "await asked[0]",
    )
    assert ran.errors == []
    assert ran.console == ['answer {"id": 1}']
    assert ran.registry.merged(builtin.WS_REQ_DURATION).minimum >= 200
