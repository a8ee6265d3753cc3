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
from gharial.process.build import IS_COMPILED

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

# Calls in Python for one message in and one out, without the script's own: if the path is
# compiled, and in plain Python.
COMPILED = {
    "JavaScript": dict[str, int](),
    "Python": {"WebSocket.send": 1},
}
# What one source in C's terms costs plain Python is written out, too.
PLAIN_EACH = {
    "PlainFrames.on_ws_frame": 1,
    "PlainFrames.date_by_turn": 1,
    "MessageTaker.take_frame": 1,
    "content": 1,
    "MessagePath.take": 1,
    "SizeList.add": 2,
    "Unsent.add": 1,
    "Unsent._begin_task": 1,
}
PLAIN = {
    "JavaScript": {
        "QuickJsContext.run_jobs": 1,
        "QuickJsContext.run_pending_jobs": 1,
        "_BoundMessages.send_function.<locals>.send": 1,
    },
    "Python": {"Inbox.receive": 1, "message_event": 1, "WebSocket.send": 1},
}
SENDING = {
    ("JavaScript", "text"): {"Sender.send_text": 1},
    ("JavaScript", "binary"): {
        # It is tried as a string first.
        "_BoundMessages.send_function.<locals>.send": 2,
        "SocketBridge._send_binary": 1,
        "Connection.send_binary": 1,
        "Sender.send_binary": 1,
    },
    ("Python", "text"): {"Sender.send_text": 1},
    ("Python", "binary"): {"Sender.send_binary": 1},
}


def expected_calls(language: str, kind: str) -> dict[str, int]:
    if IS_COMPILED:
        return COMPILED[language]
    return PLAIN_EACH | PLAIN[language] | SENDING[language, kind]


SCRIPTS = {"JavaScript": ("script.js", JAVASCRIPT), "Python": ("script.py", PYTHON)}


@pytest.fixture(autouse=True)
def nobody_took_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget other tests' scripts: one that may block takes a longer path."""
    monkeypatch.delitem(vars(gharial), "sleep", raising=False)


@pytest.mark.parametrize(
    ("language", "kind", "payload"),
    [
        ("JavaScript", "text", "'hello'"),
        ("JavaScript", "binary", "new Uint8Array(5).buffer"),
        ("Python", "text", "'hello'"),
        ("Python", "binary", "b'hello'"),
    ],
)
def test_a_round_trip_makes_these_calls_and_no_other(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    kind: str,
    payload: str,
) -> None:
    name, source = SCRIPTS[language]
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
    } == expected_calls(language, kind)


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
            folder, name, source, [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)]
        )
    finally:
        sys.setprofile(None)
    assert run.total("ws_msgs_received") in (FEW, MANY)
