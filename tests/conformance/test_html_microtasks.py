"""HTML, "clean up after running script": microtasks run after each listener of an event."""

from pathlib import Path

import pytest
from default_settings import users_with
from script_runs import serving_bytes
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

ONE = [PerVuIterations(ScenarioPlan(), 1, 1, 10.0)]
BODY = """
  const socket = new WebSocket(__ENV.URL);
  socket.binaryType = '{binary_type}';
  for (const type of ['open', 'message', 'error', 'close']) {{
    socket.addEventListener(type, (event) => {{
      console.log(type, 'first');
      queueMicrotask(() => console.log(type, 'job', event.currentTarget === socket));
    }});
    socket.addEventListener(type, {{ handleEvent() {{
      console.log(type, 'second');
      Promise.reject(new Error('caught in time')).catch(() => console.log(type, 'caught'));
    }} }});
    socket.addEventListener(type, () => console.log(type, 'third'));
  }}
"""


async def greet_and_close(connection):
    async for _ in connection:
        break
    await connection.send(b"x")
    await connection.close(4000)


@pytest.mark.parametrize("binary_type", ["blob", "arraybuffer"])
def test_they_run_between_the_listeners_of_an_event_of_a_socket(
    tmp_path: Path, binary_type: str
) -> None:
    body = (
        BODY.format(binary_type=binary_type) + "socket.onopen = () => socket.send('');"
    )
    ran = run_whole(
        tmp_path,
        "s.js",
        f"export default function () {{ {body} }}",
        ONE,
        greet_and_close,
    )
    assert ran.errors == []
    assert ran.console == [
        f"{kind} {step}"
        for kind in ("open", "message", "close")
        for step in ("first", "job true", "second", "caught", "third")
    ]


def test_they_run_between_the_listeners_of_an_error(tmp_path: Path) -> None:
    async def hang_up(reader, writer):
        await reader.readline()

    body = BODY.format(binary_type="blob")
    ran = run_whole(
        tmp_path,
        "s.js",
        f"export default function () {{ {body} }}",
        ONE,
        servers=[serving_bytes(hang_up)],
    )
    assert ran.errors == []
    assert ran.console == [
        f"{kind} {step}"
        for kind in ("error", "close")
        for step in ("first", "job true", "second", "caught", "third")
    ]


def test_a_single_listeners_microtasks_see_the_event_being_dispatched(
    tmp_path: Path,
) -> None:
    body = """
      const socket = new WebSocket(__ENV.URL);
      socket.onopen = () => socket.send('');
      socket.onmessage = async (event) => {
        await null;
        console.log(event.currentTarget === socket, event.eventPhase);
        await new Promise((resolve) => { setTimeout(resolve); });
        console.log(event.currentTarget, event.eventPhase);
      };
    """
    ran = run_whole(
        tmp_path,
        "s.js",
        f"export default function () {{ {body} }}",
        ONE,
        greet_and_close,
    )
    assert ran.errors == []
    assert ran.console == ["true 2", "null 0"]


@pytest.mark.slow
def test_one_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    body = """
      const socket = new WebSocket(__ENV.URL);
      socket.addEventListener('open', () => { queueMicrotask(() => { for (;;); }); });
      socket.addEventListener('open', () => {});
    """
    ran = run_whole(
        tmp_path,
        "s.js",
        f"export default function () {{ {body} }}",
        ONE,
        greet_and_close,
        settings=users_with(wind_down_s=1.0, callback_timeout_s=0.2),
    )
    assert len(ran.errors) == 1
    assert "ran for more than 200ms" in ran.errors[0]
