"""What a server says before a script in Python, or in JavaScript, is ready for it."""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from memory_wire import CLOSE, TEXT, client_frames, server_frame
from script_runs import serving_bytes
from whole_runs import WholeRun, run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

pytestmark = pytest.mark.slow
Say = Callable[[str], list[bytes]]


def text(value: str) -> bytes:
    return server_frame(TEXT, value.encode())


def server(with_answer: bytes, answer: Say | None = None, *, ends: bool = False) -> Any:
    """
    Serve connections by hand.

    Args:
        with_answer: Frames that go out in one segment with the answer to the upgrade.
        answer: Returns what goes out in one segment for a text.
        ends: Whether TCP ends after the upgrade.

    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        [key] = [
            line.partition(": ")[2]
            for line in head.split("\r\n")
            if line.lower().startswith("sec-websocket-key:")
        ]
        guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1((key + guid).encode()).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
            + accept
            + b"\r\n\r\n"
            + with_answer
        )
        while not ends and (data := await reader.read(65_536)):
            for frame in client_frames(data):
                if frame.opcode == CLOSE:
                    writer.write(server_frame(CLOSE, frame.payload))
                    return
                assert answer is not None
                writer.write(b"".join(answer(frame.payload.decode())))
        await writer.drain()

    return serving_bytes(talk)


def run(folder: Path, name: str, source: str, served: Any) -> WholeRun:
    ran = run_whole(
        folder,
        name,
        source,
        [PerVuIterations(ScenarioPlan(), 2, 2, 600.0)],
        servers=[served],
    )
    assert ran.errors == []
    return ran


PYTHON = """
import asyncio
from gharial import WebSocket, SocketClosedError, env, log

async def take(socket):
{take}

async def default():
{enter}
"""
ENTER = {
    "with": "    async with WebSocket(env['URL']) as socket:\n        await take(socket)",
    "opened": "    socket = await WebSocket(env['URL']).opened()\n"
    "    await take(socket)\n    socket.close()",
}
TAKE = {
    "receive": "    log(await socket.receive(), await socket.receive())",
    "for": "    got = []\n    async for message in socket:\n        got.append(message)\n"
    "        if len(got) == 2:\n            break\n    log(*got)",
    "expect": "    log(await socket.expect(lambda data: data == 'hello'), "
    "await socket.expect())",
    "on_message": "    got = []\n    done = asyncio.Event()\n"
    "    socket.on_message = lambda event: (got.append(event.data), "
    "len(got) == 2 and done.set())[0]\n    await done.wait()\n    log(*got)",
    "listener": "    got = []\n    done = asyncio.Event()\n"
    "    socket.add_event_listener('message', lambda event: (got.append(event.data), "
    "len(got) == 2 and done.set())[0])\n    await done.wait()\n    log(*got)",
}


@pytest.mark.parametrize("enter", ENTER)
@pytest.mark.parametrize("take", TAKE)
@pytest.mark.parametrize("ends", [False, True])
def test_the_first_messages_wait_for_whoever_takes_them(
    tmp_path: Path, enter: str, take: str, ends: bool
) -> None:
    close = server_frame(CLOSE, (4401).to_bytes(2, "big") + b"go")
    source = PYTHON.format(
        take=TAKE[take]
        + (
            "\n    ended = await socket.closed()\n    log(ended.code, ended.reason)"
            if ends
            else ""
        ),
        enter=ENTER[enter],
    )
    ran = run(
        tmp_path,
        "s.py",
        source,
        server(text("hello") + text("you") + (close if ends else b""), ends=ends),
    )
    expected = ["hello you", "4401 go"] if ends else ["hello you"]
    assert sorted(ran.console) == sorted(expected * 4)


@pytest.mark.parametrize("ends", ["receive()", "request('x')", "expect()"])
def test_a_code_that_came_with_the_answer_is_what_fails(
    tmp_path: Path, ends: str
) -> None:
    source = PYTHON.format(
        take=f"    try:\n        await socket.{ends}\n"
        "    except SocketClosedError as error:\n        log(error.code)",
        enter=ENTER["with"],
    )
    close = server_frame(CLOSE, (4401).to_bytes(2, "big"))
    ran = run(tmp_path, "s.py", source, server(close, ends=True))
    assert ran.console == ["4401"] * 4


def pushes(message: str) -> list[bytes]:
    """Answer among news, all in one segment."""
    return [text("news"), text(f"re: {message}"), text(f"also: {message}")]


@pytest.mark.parametrize("language", ["javascript", "python"])
def test_what_came_in_one_segment_with_an_answer_is_expected(
    tmp_path: Path, language: str
) -> None:
    source = PYTHON.format(
        take="    for n in range(50):\n"
        "        asked = await socket.request(str(n), match=lambda d: d == f're: {n}')\n"
        "        more = await socket.expect(lambda d: d == f'also: {n}', timeout='2s')\n"
        "    log(asked, more)",
        enter=ENTER["with"],
    )
    if language == "javascript":
        source = """
            export default async function () {
              const socket = new WebSocket(__ENV.URL);
              await new Promise((resolve) => { socket.onopen = resolve; });
              const first = await socket.expect((d) => d === 'hello', { timeout: '2s' });
              let asked, more;
              for (let n = 0; n < 50; n++) {
                asked = await socket.request(`${n}`, { match: (d) => d === `re: ${n}` });
                more = await socket.expect((d) => d === `also: ${n}`, { timeout: '2s' });
              }
              console.log(asked, more);
              socket.close();
            }
        """
    name = "s.js" if language == "javascript" else "s.py"
    ran = run(tmp_path, name, source, server(text("hello"), pushes))
    assert ran.console == ["re: 49 also: 49"] * 4


def test_requests_go_on_however_much_else_comes(tmp_path: Path) -> None:
    news = [text("n" * 60_000)] * 4
    source = PYTHON.format(
        take="    for n in range(60):\n"
        "        await socket.request(str(n), match=lambda d: d[0] != 'n')\n"
        "    log('done')",
        enter=ENTER["with"],
    )
    ran = run(
        tmp_path, "s.py", source, server(b"", lambda message: [*news, text(message)])
    )
    assert ran.console == ["done"] * 4


def test_leaving_does_not_wait_behind_what_nobody_received(tmp_path: Path) -> None:
    source = PYTHON.format(
        take="    socket.send('go')\n    await asyncio.sleep(0.3)\n    log('left')",
        enter=ENTER["with"],
    )
    news = [text("n" * 1_000)] * 6_000
    ran = run(tmp_path, "s.py", source, server(b"", lambda message: news))
    assert ran.console == ["left"] * 4
    assert ran.total("ws_errors") == 0
