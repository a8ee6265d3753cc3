"""What comes while a script is busy or asleep: read, answered, bounded, told once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from default_settings import users_with
from safety_net import LIMIT_S
from script_runs import Run, javascript, run
from websockets.asyncio.server import ServerConnection

from gharial.python.host import PythonHost
from gharial.virtual_user.virtual_user import VirtualUser

JAVASCRIPT = """
import { WebSocket } from 'k6/websockets';
import { sleep } from 'k6';
export default function () {
  const ws = new WebSocket(__ENV.URL, null, %s);
  let count = 0;
  ws.onmessage = () => {
    if (count++ === 0) { sleep(1.5); ws.send('awake'); }
  };
  ws.onclose = (e) => console.log(`${count} ${e.code}`);
}
"""

LEGACY = """
import ws from 'k6/ws';
import { sleep } from 'k6';
export default function () {
  let count = 0;
  ws.connect(__ENV.URL, %s, (socket) => {
    socket.on('message', () => {
      if (count++ === 0) { sleep(1.5); socket.send('awake'); }
    });
    socket.on('close', (code) => console.log(`${count} ${code}`));
  });
}
"""

PYTHON = """
from gharial import WebSocket, env, log, sleep
def default():
    ws = WebSocket(env["URL"], params=%s)
    count = 0
    def on_message(event):
        nonlocal count
        count += 1
        if count == 1:
            sleep(1.5)
            ws.send("awake")
    ws.on_message = on_message
    ws.on_close = lambda event: log(f"{count} {event.code}")
"""

Handler = Callable[[ServerConnection], Awaitable[None]]


@pytest.fixture(params=["JavaScript", "k6/ws", "Python"])
def run_busy(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Run]:
    """Return what runs a script that sleeps in the listener of its first message."""

    def start(handler: Handler, *, is_deflated: bool = False, **options: Any) -> Run:
        if request.param == "Python":
            params = '{"compression": "deflate"}' if is_deflated else "None"
            path = tmp_path / "script.py"
            path.write_text(PYTHON % params, "utf-8")
            host = PythonHost(str(path), environment={})
            host.read(lambda *record: None)
            return run(host, handler, **options)
        source = JAVASCRIPT if request.param == "JavaScript" else LEGACY
        params = "{ compression: 'deflate' }" if is_deflated else "{}"
        return run(javascript(tmp_path, source % params), handler, **options)

    return start


@pytest.mark.slow
def test_pings_are_answered_while_thousands_of_messages_wait(
    run_busy: Callable[..., Run],
) -> None:
    seen: list[str] = []

    async def flood(connection: ServerConnection) -> None:
        async def hear() -> None:
            async for message in connection:
                seen.append(str(message))
                break

        hearing = asyncio.create_task(hear())
        for _ in range(4_000):
            await connection.send("x" * 100)
        await asyncio.wait_for(await connection.ping(), LIMIT_S)
        seen.append("pong")
        await asyncio.wait_for(hearing, LIMIT_S)
        await connection.close()

    result = run_busy(flood)
    assert seen == ["pong", "awake"]
    assert result.console == ["4000 1000"]
    assert not any("not read" in text for _, text, _ in result.log)


@pytest.mark.slow
@pytest.mark.parametrize("is_deflated", [False, True], ids=["plain", "deflated"])
def test_what_waits_is_bounded_by_its_size_in_memory(
    run_busy: Callable[..., Run], is_deflated: bool
) -> None:
    limit, size, count = 2 * 1024 * 1024, 1_000_000, 40
    most = 0

    async def flood(connection: ServerConnection) -> None:
        for _ in range(count):
            await connection.send("a" * size)
        await connection.close()

    async def watch(user: VirtualUser) -> None:
        nonlocal most
        while user.waiting.size_bytes < limit:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        for _ in range(20):
            most = max(most, user.waiting.size_bytes)
            await asyncio.sleep(0.01)

    result = run_busy(
        flood,
        is_deflated=is_deflated,
        settings=users_with(message_queue_size_bytes=limit),
        during=watch,
    )
    # What was in the buffer along with the message that was too much comes as well; of
    # compressed messages it waits as it came.
    assert limit <= most <= limit + (2 if is_deflated else 5) * size
    assert result.console == [f"{count} 1000"]
    [warning] = [text for _, text, _ in result.log if "not read for" in text]
    assert "--message-queue-size" in warning
    assert "2,097,152 bytes" in warning
