"""
The WebSocket API as scripts in Python see it, over real sockets.

The rows of the tables that describe k6's API and events, as in the tests for
JavaScript; where the standard says otherwise it is followed here as well.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
from default_settings import limits_with
from script_runs import Run, echo, run, serving, serving_bytes
from test_javascript_sockets import upgrade
from websockets.asyncio.server import ServerConnection
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.python.host import PythonHost
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser

RECORD_EVENTS = """
seen = []
for kind in ("open", "message", "error", "ping", "pong"):
    ws.add_event_listener(kind, lambda event: seen.append(
        ["error", event.error] if event.type == "error" else [event.type]))
ws.add_event_listener("close", lambda event: (
    seen.append(["close", event.code, event.reason, event.was_clean]),
    log(json.dumps(seen))))
"""


class Scripts:
    """Runs the bodies of default functions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts: list[PythonHost] = []

    def run(self, body: str, *handlers: Any, **options: Any) -> Run:
        path = self.folder / "script.py"
        path.write_text(
            "import json\nfrom gharial import *\ndef default():\n"
            + indent(dedent(body), "    "),
            "utf-8",
        )
        host = PythonHost(str(path), environment={})
        self.hosts.append(host)
        host.read(lambda *record: None)
        return run(host, *handlers, **options)


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[Scripts]:
    runner = Scripts(tmp_path)
    yield runner
    for host in runner.hosts:
        host.close()


def events_of(result: Run) -> list[list[Any]]:
    assert result.console, result.log
    events: list[list[Any]] = json.loads(result.console[-1])
    return events


# -- Construction and properties --------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "outcome"),
    [
        ("WebSocket()", "TypeError"),
        ("WebSocket('::bad')", "SyntaxError"),
        ("WebSocket('ftp://h/')", "SyntaxError"),
        ("WebSocket('ws://h/#f')", "SyntaxError"),
        ("WebSocket('/path')", "SyntaxError"),
        ("WebSocket(U, ['a', 'a'])", "SyntaxError"),
        ("WebSocket(U, 'a b')", "SyntaxError"),
        ("WebSocket(U, (), {'x': 1})", "TypeError"),
        ("WebSocket(U, compression='gzip')", "TypeError"),
        ("WebSocket(U, tags={'a': {}})", "TypeError"),
    ],
)
def test_constructor_refuses(scripts: Scripts, expression: str, outcome: str) -> None:
    result = scripts.run(
        f"""
        U = env["URL"]
        try:
            {expression}
            log("made")
        except WebSocketError as error:
            log(error.name)
        except TypeError as error:
            log("TypeError")
        """,
        echo,
    )
    assert result.console == [outcome]


def test_http_urls_are_mapped(scripts: Scripts) -> None:
    result = scripts.run(
        """
        ws = WebSocket(env["URL"].replace("ws:", "HTTP:"))
        log(ws.url == env["URL"])
        ws.close()
        """,
        echo,
    )
    assert result.console == ["True"]


def test_subprotocol_headers_and_compression_reach_the_server(scripts: Scripts) -> None:
    requests: list[Any] = []

    async def handler(connection: ServerConnection) -> None:
        requests.append(connection.request)
        await echo(connection)

    result = scripts.run(
        """
        ws = WebSocket(env["URL"], ["chat", "superchat"],
                       headers={"X-My-Header": 5}, compression="deflate")
        @ws.on("open")
        def opened(event):
            log(ws.protocol, ws.extensions.split(";")[0])
            ws.send("x" * 10_000)
        @ws.on("message")
        def heard(event):
            log(len(event.data))
            ws.close()
        """,
        handler,
        server_options={"subprotocols": ["superchat"]},
    )
    assert result.console == ["superchat permessage-deflate", "10000"]
    assert requests[0].headers["X-My-Header"] == "5"


def test_ready_state_and_constants(scripts: Scripts) -> None:
    result = scripts.run(
        """
        ws = WebSocket(env["URL"])
        seen = [ws.ready_state]
        def opened(event):
            seen.append(ws.ready_state)
            ws.close()
            seen.append(ws.ready_state)
        ws.on_open = opened
        def closed(event):
            seen.append(ws.ready_state)
            log(seen == [ws.CONNECTING, ws.OPEN, ws.CLOSING, ws.CLOSED],
                seen == [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING,
                         WebSocket.CLOSED], [int(state) for state in seen])
        ws.on_close = closed
        """,
        echo,
    )
    assert result.console == ["True True [0, 1, 2, 3]"]


def test_binary_messages_are_bytes_or_blobs(scripts: Scripts) -> None:
    result = scripts.run(
        """
        ws = WebSocket(env["URL"])
        kinds = []
        def opened(event):
            ws.binary_type = "nonsense"
            kinds.append(ws.binary_type)
            ws.send(b"1")
            ws.send(b"2")
        ws.on_open = opened
        def heard(event):
            kinds.append(type(event.data).__name__)
            ws.binary_type = "blob"
            if len(kinds) == 3:
                log(kinds, event.data.text())
                ws.close()
        ws.on_message = heard
        """,
        echo,
    )
    assert result.console == ["['arraybuffer', 'bytes', 'Blob'] 2"]


SENDS = """
    for one in ("x" * 1000, "\u20ac", b"ab", bytearray(100), memoryview(bytes(9))[1:6],
                Blob(["\u20ac"])):
        before = ws.buffered_amount
        ws.send(one)
        seen.append(ws.buffered_amount - before)
    seen.append(ws.buffered_amount)
"""


def test_buffered_amount_is_what_a_task_sent_until_it_ends(tmp_path: Path) -> None:
    source = f"""
import asyncio
from gharial import *

def plain():
    ws = WebSocket(env["URL"])
    seen = []
    def opened(event):
        {indent(SENDS, "    ").strip()}
        set_timeout(late, 50)
    def late():
        seen.append(ws.buffered_amount)
        log(seen)
        ws.close()
    ws.on_open = opened

async def waits():
    seen = []
    ws = await WebSocket(env["URL"]).opened()
    {SENDS.strip()}
    await asyncio.sleep(0)
    seen.append(ws.buffered_amount)
    log(seen)
    ws.send("x" * 100_000)
    await ws.drained()
    ws.close()

async def default():
    plain()
    await waits()
"""
    ran = run_whole(
        tmp_path, "s.py", source, [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)], echo
    )
    assert ran.errors == []
    assert ran.console == ["[1000, 3, 2, 100, 5, 3, 1113, 0]"] * 2


def test_buffered_amount_counts_what_is_dropped(scripts: Scripts) -> None:
    result = scripts.run(
        """
        ws = WebSocket(env["URL"])
        seen = []
        def opened(event):
            ws.ping()
            seen.append(ws.buffered_amount)
            ws.close()
            ws.send("four")
            seen.append(ws.buffered_amount)
        ws.on_open = opened
        def closed(event):
            ws.send(b"abc")
            log(seen, ws.buffered_amount)
        ws.on_close = closed
        """,
        echo,
    )
    assert result.console == ["[0, 4] 7"]


# -- send, close, ping -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "received"),
    [
        ("'text €'", "text €"),
        ("b'bytes'", b"bytes"),
        ("bytearray(b'array')", b"array"),
        ("memoryview(b'xviewx')[1:5]", b"view"),
        ("Blob(['ab', b'c'])", b"abc"),
        ("''", ""),
        ("b''", b""),
        ("'\\ud800'", "�"),
    ],
)
def test_send_accepts(scripts: Scripts, expression: str, received: str | bytes) -> None:
    messages: list[str | bytes] = []

    async def handler(connection: ServerConnection) -> None:
        messages.extend([message async for message in connection])

    scripts.run(
        f"""
        ws = WebSocket(env["URL"])
        ws.on_open = lambda event: (ws.send({expression}), ws.close())[0]
        """,
        handler,
    )
    assert messages == [received]


def test_send_refuses_what_is_no_message_and_copies_the_rest(scripts: Scripts) -> None:
    result = scripts.run(
        """
        ws = WebSocket(env["URL"])
        try:
            ws.send("early")
        except WebSocketError as error:
            log(error.name)
        def opened(event):
            try:
                ws.send(5)
            except TypeError:
                log("TypeError")
            data = bytearray(b"1")
            ws.send(data)
            data[0] = 57
        ws.on_open = opened
        ws.on_message = lambda event: (log(event.data), ws.close())[0]
        """,
        echo,
    )
    assert result.console == ["InvalidStateError", "TypeError", "b'1'"]


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("ws.close(999)", "InvalidAccessError"),
        ("ws.close(1001)", "InvalidAccessError"),
        ("ws.close(5000)", "InvalidAccessError"),
        ("ws.close(1000, 'é' * 62)", "SyntaxError"),
        ("ws.close(1000, 'x' * 123)", "fine"),
        ("ws.close(4999)", "fine"),
        ("ws.close()", "fine"),
    ],
)
def test_close_checks_its_arguments(scripts: Scripts, call: str, outcome: str) -> None:
    result = scripts.run(
        f"""
        ws = WebSocket(env["URL"])
        def opened(event):
            try:
                {call}
                log("fine")
            except WebSocketError as error:
                log(error.name)
                ws.close()
        ws.on_open = opened
        """,
        echo,
    )
    assert result.console == [outcome]


def test_close_while_connecting_fails_the_socket(scripts: Scripts) -> None:
    result = scripts.run(f"ws = WebSocket(env['URL']){RECORD_EVENTS}ws.close()\n", echo)
    seen = events_of(result)
    assert [event[0] for event in seen] == ["error", "close"]
    assert seen[-1][1:] == [1006, "", False]


def test_pings_of_both_sides(scripts: Scripts) -> None:
    async def handler(connection: ServerConnection) -> None:
        await (await connection.ping(b"abc"))
        await connection.wait_closed()

    result = scripts.run(
        """
        ws = WebSocket(env["URL"])
        try:
            ws.ping()
        except WebSocketError as error:
            log(error.name)
        ws.on_ping = lambda event: (log(event.type), ws.ping())[0]
        ws.on_pong = lambda event: (log(event.type), ws.close())[0]
        """,
        handler,
    )
    assert result.console == ["InvalidStateError", "ping", "pong"]
    assert result.count("ws_ping") == 1


# -- Listeners and events ----------------------------------------------------------------


def test_listeners_are_called_in_order_once_each_and_can_be_removed(
    scripts: Scripts,
) -> None:
    result = scripts.run(
        """
        ws = WebSocket(env["URL"])
        seen = []
        twice = lambda event: seen.append("twice")
        gone = lambda event: seen.append("gone")
        controller = AbortController()
        class Object:
            def handle_event(self, event):
                seen.append("object" + event.data)
        add = ws.add_event_listener
        add("message", twice)
        add("message", twice)
        ws.on_message = lambda event: seen.append("replaced")
        add("message", gone)
        ws.remove_event_listener("message", gone)
        add("message", lambda event: seen.append("once"), once=True)
        add("message", lambda event: seen.append("signal"), signal=controller.signal)
        add("message", Object())
        controller.abort()
        ws.on_message = lambda event: seen.append("handler")
        def last(event):
            if event.data == "2":
                log(",".join(seen))
                ws.close()
        add("message", last)
        ws.on_open = lambda event: (ws.send("1"), ws.send("2"))[0]
        """,
        echo,
    )
    assert result.console == ["twice,handler,once,object1,twice,handler,object2"]


def test_events_have_the_fields_of_the_standard_and_k6(scripts: Scripts) -> None:
    result = scripts.run(
        """
        ws = WebSocket(env["URL"])
        def opened(event):
            log(event.type, event.target is ws, event.current_target is ws,
                event.is_trusted, event.timestamp > 1.6e12)
            ws.send("m")
        ws.on_open = opened
        def heard(event):
            log(event.data, event.origin == env["URL"].split("/path")[0])
            ws.close(3001, "r")
        ws.on_message = heard
        ws.on_close = lambda event: log(event.code, event.reason, event.was_clean)
        """,
        echo,
    )
    assert result.console == ["open True True True True", "m True", "3001 r True"]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000])
def test_peer_closes_with_a_code(scripts: Scripts, code: int) -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.close(code, "why")

    result = scripts.run(f"ws = WebSocket(env['URL']){RECORD_EVENTS}", handler)
    assert events_of(result) == [["open"], ["close", code, "why", True]]
    assert result.outcomes == [IterationOutcome.COMPLETED]


@pytest.mark.parametrize(("is_reset", "reason"), [(False, "eof"), (True, "reset")])
def test_tcp_ends_without_a_close_frame(
    scripts: Scripts, is_reset: bool, reason: str
) -> None:
    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await upgrade(reader, writer)
        if is_reset:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    result = scripts.run(
        f"ws = WebSocket(env['URL']){RECORD_EVENTS}", servers=(serving_bytes(drop),)
    )
    seen = events_of(result)
    assert [event[0] for event in seen][-2:] == ["error", "close"]
    assert seen[-1][1:] == [1006, "", False]
    assert result.total("ws_errors", reason=reason) == 1


def test_peer_never_answers_our_close(scripts: Scripts) -> None:
    async def silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await upgrade(reader, writer)
        await reader.read(-1)

    result = scripts.run(
        f"ws = WebSocket(env['URL']){RECORD_EVENTS}ws.on_open = lambda e: ws.close()\n",
        servers=(serving_bytes(silent),),
        limits=limits_with(close_timeout_s=0.2),
    )
    assert events_of(result)[-1][:2] == ["close", 1006]
    assert result.total("ws_errors", reason="close_timeout") == 1


def test_a_refused_upgrade_shows_its_answer(scripts: Scripts) -> None:
    async def refuse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n"
            b"Content-Length: 4\r\n\r\nbusy"
        )
        await writer.drain()

    result = scripts.run(
        f"ws = WebSocket(env['URL']){RECORD_EVENTS}"
        "ws.on_error = lambda e: log(e.response.status, e.response.body)\n",
        servers=(serving_bytes(refuse),),
    )
    assert result.console[0] == "503 b'busy'"
    assert [event[0] for event in events_of(result)] == ["error", "close"]
    assert result.total("ws_sessions", status="503") == 1


@pytest.mark.parametrize("event", ["open", "message", "close"])
def test_a_listener_that_raises_fails_the_iteration_and_the_rest_still_run(
    scripts: Scripts, event: str
) -> None:
    result = scripts.run(
        f"""
        ws = WebSocket(env["URL"])
        def fails(event):
            raise ValueError("mine")
        ws.on_{event} = fails
        ws.add_event_listener("{event}", lambda e: log("still called"))
        ws.add_event_listener("open", lambda e: ws.send("x"))
        ws.add_event_listener("message", lambda e: ws.close())
        ws.add_event_listener("close", lambda e: log("close", e.code))
        """,
        echo,
    )
    assert result.outcomes == [IterationOutcome.FAILED]
    assert "still called" in result.console
    assert result.console[-1].startswith("close 100")
    assert len(result.errors) == 1
    assert "ValueError: mine" in result.errors[0]
    assert "script.py:7" in result.errors[0]


def test_an_interrupted_iteration_closes_its_sockets_with_1001(
    scripts: Scripts,
) -> None:
    codes: list[int | None] = []

    async def handler(connection: ServerConnection) -> None:
        await connection.wait_closed()
        codes.append(connection.close_code)

    async def interrupt(user: VirtualUser) -> None:
        await asyncio.sleep(0.2)
        user.interrupt()

    result = scripts.run(
        """
        for number in range(2):
            WebSocket(env["URL"])
        set_interval(lambda: None, 1000)
        """,
        handler,
        during=interrupt,
    )
    assert result.outcomes == [IterationOutcome.INTERRUPTED]
    assert codes == [1001, 1001]
    assert result.count("ws_session_duration") == 2


def test_every_metric_of_a_session_is_recorded_with_its_tags(scripts: Scripts) -> None:
    result = scripts.run(
        """
        ws = WebSocket(env["URL"], tags={"mine": "yes", "name": "room"})
        ws.on_open = lambda event: (ws.send("hello"), ws.send(b"x" * 10))[0]
        heard = []
        def hear(event):
            heard.append(event.data)
            if len(heard) == 2:
                ws.close()
        ws.on_message = hear
        """,
        echo,
    )
    tags = {"mine": "yes", "name": "room", "url": "room", "status": "101"}
    assert result.total("ws_sessions", **tags) == 1
    assert result.total("ws_msgs_sent", **tags) == 2
    assert result.total("ws_msgs_received", **tags) == 2
    assert result.count("ws_connecting", **tags) == 1
    assert result.count("ws_session_duration", **tags) == 1


def test_a_script_waits_until_what_it_sent_is_written(tmp_path: Path) -> None:
    async def slow(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await asyncio.sleep(0.3)
        connection.transport.resume_reading()
        await connection.recv()
        await connection.close()

    source = """
import asyncio
from gharial import WebSocket, env, log

async def default():
    socket = await WebSocket(env["URL"]).opened()
    await socket.drained()
    socket.send("x" * 30_000_000)
    log(socket.buffered_amount > 1_000_000)
    await socket.drained()
    log(socket.buffered_amount <= 65_536)
    await socket.closed()
"""
    ran = run_whole(
        tmp_path,
        "s.py",
        source,
        [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)],
        servers=[serving(slow, max_size=None)],
    )
    assert ran.errors == []
    assert ran.console == ["True", "True"]
