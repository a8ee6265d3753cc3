"""
The path of one message, counted and not timed.

Each call that is added to it costs every message of every test: about 60 ns a call in
Python, and a third of a microsecond for each crossing. Who adds one on purpose changes the
lists here, and says why; docs/explanation/message-path.md walks through them.
"""

import gc
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from servers import serving_echo
from whole_runs import run_whole

import gharial
from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

pytestmark = pytest.mark.slow

PACKAGE = "gharial"
FEW, MANY = 100, 600

JAVASCRIPT = """
import {{ WebSocket }} from 'k6/websockets';
export default function () {{
  const socket = new WebSocket('{url}');
  socket.binaryType = 'arraybuffer';
  let left = {count};
  socket.onopen = () => socket.send({payload});
  socket.onmessage = ({{ data }}) => {{
    if (--left > 0) socket.send(data);
    else socket.close();
  }};
}}
"""
PYTHON = """
from gharial import WebSocket

def default():
    socket = WebSocket("{url}")
    left = {count}

    def answer(event):
        nonlocal left
        left -= 1
        if left > 0:
            socket.send(event.data)
        else:
            socket.close()

    socket.on_open = lambda event: socket.send({payload})
    socket.on_message = answer
"""

# Calls in Python for one message in and one out, without the script's own.
INTO_JAVASCRIPT = {
    "PicowsWire.on_ws_frame": 1,
    # Once for all that the loop reads in one turn: here that is one message.
    "VuLoop.message_path.<locals>.take": 1,
    "QuickJsContext.run_jobs": 1,
}
INTO_PYTHON = {
    "PicowsWire.on_ws_frame": 1,
    "VuLoop.message_path.<locals>.take": 1,
    "WebSocket._dispatch_message": 1,
    "SocketMessageEvent.__init__": 1,
}


@pytest.fixture(autouse=True)
def nobody_took_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget other tests' scripts: one that may block takes a longer path."""
    monkeypatch.delitem(vars(gharial), "sleep", raising=False)


@pytest.mark.parametrize(
    ("name", "source", "payload", "expected"),
    [
        pytest.param(
            "script.js",
            JAVASCRIPT,
            "'hello'",
            {**INTO_JAVASCRIPT, "Connection.send_text": 1},
            id="JavaScript, text",
        ),
        pytest.param(
            "script.js",
            JAVASCRIPT,
            "new Uint8Array(5).buffer",
            {
                **INTO_JAVASCRIPT,
                "SocketBridge._send_binary": 1,
                "Connection.send_binary": 1,
            },
            id="JavaScript, binary",
        ),
        pytest.param(
            "script.py",
            PYTHON,
            "'hello'",
            {**INTO_PYTHON, "WebSocket.send": 1, "Connection.send_text": 1},
            id="Python, text",
        ),
        pytest.param(
            "script.py",
            PYTHON,
            "b'hello'",
            {**INTO_PYTHON, "WebSocket.send": 1, "Connection.send_binary": 1},
            id="Python, binary",
        ),
    ],
)
def test_a_round_trip_makes_these_calls_and_no_other(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    source: str,
    payload: str,
    expected: dict[str, int],
) -> None:
    # Other tests of this process may have taken it; then all scripts might block.
    monkeypatch.delattr("gharial.sleep", raising=False)
    with serving_echo() as server:
        few, many = (
            calls_of(
                tmp_path,
                name,
                source.format(url=server.url, count=count, payload=payload),
            )
            for count in (FEW, MANY)
        )
    each = {call: (many[call] - few[call]) / (MANY - FEW) for call in many}
    # What happens once a second, say, is no whole call for each message; and how often
    # turns of the loop are dated depends on how busy the machine is.
    assert {
        call: round(count, 1)
        for call, count in each.items()
        if count > 0.5 and not call.startswith("Turns.")
    } == expected


def test_a_message_leaves_nothing_behind_but_its_size(tmp_path: Path) -> None:
    with serving_echo() as server:
        sizes = []
        for count in (FEW, FEW, MANY):
            source = JAVASCRIPT.format(url=server.url, count=count, payload="'hello'")
            gc.collect()
            before = sys.getallocatedblocks()
            run_once(tmp_path, "script.js", source)
            gc.collect()
            sizes.append(sys.getallocatedblocks() - before)
    # Other threads allocate, too: a block for every second message would be a leak.
    assert sizes[2] - sizes[1] < (MANY - FEW) / 2


def calls_of(folder: Path, name: str, source: str) -> Counter[str]:
    """Return how often each function of ours was called while a script ran."""
    calls: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            code = frame.f_code
            if (
                f"{PACKAGE}/" in code.co_filename
                and "/testing/" not in code.co_filename
            ):
                calls[code.co_qualname] += 1

    run_once(folder, name, source, count)
    return calls


def run_once(folder: Path, name: str, source: str, profile: Any = None) -> None:
    sys.setprofile(profile)
    try:
        run = run_whole(
            folder, name, source, [PerVuIterations(ScenarioPlan(), 1, 1, 30.0)]
        )
    finally:
        sys.setprofile(None)
    assert run.total("ws_msgs_received") in (FEW, MANY)
