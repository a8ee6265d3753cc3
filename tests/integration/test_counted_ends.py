"""How sockets end is counted: close codes of the server, pings without a pong."""

import logging
from pathlib import Path
from typing import Any

import pytest
from script_runs import serving
from websockets.asyncio.server import ServerConnection
from websockets.frames import Opcode
from whole_runs import WholeRun, run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

TEN = [PerVuIterations(ScenarioPlan(), 10, 1, 600.0)]

JAVASCRIPT = """
export default function () {
  const socket = new WebSocket(__ENV.URL, [], { compression: { windowBits: 8 } });
  socket.onopen = () => { socket.ping(); socket.ping(); socket.send('go'); };
  socket.onerror = ({ error }) => console.log('error', error);
  socket.onclose = ({ code, wasClean }) => console.log('close', code, wasClean);
}
"""
PYTHON = """
from gharial import WebSocket, env, log

def default():
    socket = WebSocket(env["URL"], compression={"window_bits": 8})
    def opened(event):
        socket.ping()
        socket.ping()
        socket.send("go")
    socket.on_open = opened
    socket.on_error = lambda event: log("error", event.error)
    socket.on_close = lambda event: log("close", event.code, str(event.was_clean).lower())
"""


class WithoutPongs(ServerConnection):
    """Answers no pings."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        send_frame = self.protocol.send_frame

        def send_all_but_pongs(frame: Any) -> None:
            if frame.opcode is not Opcode.PONG:
                send_frame(frame)

        self.protocol.send_frame = send_all_but_pongs  # type: ignore[method-assign]


@pytest.fixture(params=["s.js", "s.py"])
def end(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Return what runs ten sockets that a server closes with a code."""

    def end(code: int, *, answers_pings: bool = True) -> WholeRun:
        async def close(connection: ServerConnection) -> None:
            await connection.recv()
            await connection.close(code, "enough")

        kind = ServerConnection if answers_pings else WithoutPongs
        served = serving(close, create_connection=kind)
        source = JAVASCRIPT if request.param == "s.js" else PYTHON
        return run_whole(tmp_path, request.param, source, TEN, servers=[served])

    return end


@pytest.mark.parametrize(("code", "errors"), [(1011, 10), (1001, 0), (4401, 0)])
def test_a_code_that_stands_for_an_error_counts_as_one(
    end: Any, code: int, errors: int
) -> None:
    run = end(code)
    assert run.console == [f"close {code} true"] * 10
    assert run.total("ws_errors") == errors
    assert run.total("ws_errors", reason="close_code", error_code="1712") == errors
    assert run.total("ws_close", code=str(code)) == 10
    assert run.total("ws_pings_lost") == 0
    assert run.count("ws_ping") == 20


def test_pings_that_are_not_answered_are_counted(end: Any) -> None:
    run = end(1000, answers_pings=False)
    assert run.total("ws_pings_lost") == 20
    assert run.count("ws_ping") == 0


def test_a_window_of_eight_bits_is_warned_of_once(
    end: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    end(1000)
    told = [text for text in caplog.messages if "windowBits" in text]
    assert len(told) == 1
    assert "use 9 or more" in told[0]
