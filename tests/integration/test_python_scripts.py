"""Scripts in Python over real sockets, against servers that we did not write."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from default_settings import users_with
from script_runs import Run, echo, run, serving_bytes
from websockets.asyncio.server import ServerConnection

from gharial.python.host import PythonHost
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser

pytest.importorskip("gharial.python.websocket.api")

COMPLETED = IterationOutcome.COMPLETED
FAILED = IterationOutcome.FAILED
INTERRUPTED = IterationOutcome.INTERRUPTED


class Scripts:
    """Runs scripts out of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts: list[PythonHost] = []

    def run(self, source: str, *handlers: Any, **options: Any) -> Run:
        """Run a script's iterations; it finds all of the API imported."""
        (self.folder / "chat.py").write_text(
            "from gharial import *\n" + dedent(source), "utf-8"
        )
        host = PythonHost("chat.py", environment={})
        self.hosts.append(host)
        host.read(lambda *record: None)
        return run(host, *(handlers or (echo,)), **options)


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripts]:
    """Return a runner of scripts in a fresh folder."""
    monkeypatch.chdir(tmp_path)
    runner = Scripts(tmp_path)
    yield runner
    for host in runner.hosts:
        host.close()


def test_events_reach_their_handlers_in_order(scripts: Scripts) -> None:
    result = scripts.run(
        """
        def default():
            socket = WebSocket(env["URL"])
            def on_open(event):
                log("open", socket.ready_state)
                socket.send("hello")
            def on_message(event):
                log("message", event.data)
                socket.close(3001, "done")
            socket.add_event_listener("open", on_open)
            socket.add_event_listener("message", on_message)
            socket.add_event_listener("close", lambda e: log("close", e.code, e.was_clean))
        """
    )
    assert result.outcomes == [COMPLETED], result.log
    assert result.console == ["open 1", "message hello", "close 3001 True"]
    assert result.total("ws_sessions") == 1
    assert result.total("ws_msgs_sent") == result.total("ws_msgs_received") == 1
    assert result.count("ws_session_duration") == 1


def test_a_handler_that_sleeps_lets_messages_wait(scripts: Scripts) -> None:
    result = scripts.run(
        """
        def default():
            socket = WebSocket(env["URL"])
            def on_open(event):
                for n in range(3):
                    socket.send(str(n))
            def on_message(event):
                log("begin", event.data)
                sleep(0.02)
                log("end", event.data)
                if event.data == "2":
                    socket.close()
            socket.add_event_listener("open", on_open)
            socket.add_event_listener("message", on_message)
        """
    )
    assert result.outcomes == [COMPLETED], result.log
    assert result.console == [
        f"{word} {n}" for n in range(3) for word in ("begin", "end")
    ]


def test_an_async_script_uses_the_socket_as_a_stream(scripts: Scripts) -> None:
    result = scripts.run(
        """
        async def default():
            async with WebSocket(env["URL"]) as socket:
                for n in range(3):
                    socket.send(str(n))
                count = 0
                async for message in socket:
                    log(message)
                    count += 1
                    if count == 3:
                        break
            log("closed", socket.ready_state)
        """
    )
    assert result.outcomes == [COMPLETED], result.log
    assert result.console == ["0", "1", "2", "closed 3"]


def test_several_sockets_of_one_vu_work_at_once(scripts: Scripts) -> None:
    result = scripts.run(
        """
        import asyncio
        async def talk(name):
            async with WebSocket(env["URL"]) as socket:
                socket.send(name)
                text = await socket.receive()
                log(text)
        async def default():
            await asyncio.gather(*(talk(name) for name in "abc"))
        """
    )
    assert result.outcomes == [COMPLETED], result.log
    assert sorted(result.console) == ["a", "b", "c"]
    assert result.total("ws_sessions") == 3


def test_an_async_handler_is_a_task_of_the_vu(scripts: Scripts) -> None:
    result = scripts.run(
        """
        import asyncio
        def default():
            socket = WebSocket(env["URL"])
            async def on_open(event):
                await asyncio.sleep(0.01)
                log("opened")
                socket.close()
            socket.add_event_listener("open", on_open)
        """
    )
    assert result.outcomes == [COMPLETED], result.log
    assert result.console == ["opened"]


@pytest.mark.parametrize("definition", ["def", "async def"])
def test_a_handler_that_raises_fails_the_iteration(
    scripts: Scripts, definition: str
) -> None:
    result = scripts.run(
        f"""
        def default():
            socket = WebSocket(env["URL"])
            {definition} on_open(event):
                raise ValueError("bad")
            socket.add_event_listener("open", on_open)
        """,
        iterations=2,
    )
    assert result.outcomes == [FAILED] * 2
    assert (
        result.errors == ["ValueError: bad\n    at default.on_open (chat.py:6:9)"] * 2
    )
    assert result.count("ws_session_duration") == 2


def test_a_failure_in_an_async_script_closes_its_sockets(scripts: Scripts) -> None:
    closed: list[int | None] = []

    async def record(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closed.append(connection.close_code)

    result = scripts.run(
        """
        async def default():
            socket = WebSocket(env["URL"])
            async with socket:
                raise ValueError("bad")
        """,
        record,
    )
    assert result.outcomes == [FAILED]
    assert result.errors[0].startswith("ValueError: bad\n    at default (chat.py:6:9)")
    assert len(closed) == 1


def test_an_interruption_closes_sockets_and_cancels_tasks(scripts: Scripts) -> None:
    async def interrupt(user: VirtualUser) -> None:
        await asyncio.sleep(0.2)
        user.interrupt()

    result = scripts.run(
        """
        import asyncio
        async def default():
            async with WebSocket(env["URL"]) as socket:
                try:
                    await asyncio.sleep(1000)
                finally:
                    log("ending")
        """,
        during=interrupt,
    )
    assert result.outcomes == [INTERRUPTED]
    assert result.console == ["ending"]
    assert result.count("ws_session_duration") == 1


def test_a_refused_connection_is_an_error_event_and_no_exception(
    scripts: Scripts,
) -> None:
    result = scripts.run(
        """
        def default():
            socket = WebSocket("ws://127.0.0.1:1/")
            socket.add_event_listener("error", lambda event: log("error"))
            socket.add_event_listener("close", lambda event: log("close", event.code))
        """
    )
    assert result.outcomes == [COMPLETED], result.log
    assert result.console == ["error", "close 1006"]
    assert result.total("ws_errors", reason="refused") == 1


def test_a_socket_at_the_top_level_is_refused(scripts: Scripts) -> None:
    with pytest.raises(Exception, match="cannot be used at the top level"):
        scripts.run('WebSocket("ws://127.0.0.1:1/")\ndef default(): pass')


def test_binary_messages_and_blobs(scripts: Scripts) -> None:
    result = scripts.run(
        """
        async def default():
            async with WebSocket(env["URL"]) as socket:
                socket.binary_type = "arraybuffer"
                for data in (b"ab", bytearray(b"cd"), memoryview(b"ef"), Blob([b"gh"])):
                    socket.send(data)
                    log(await socket.receive())
        """
    )
    assert result.outcomes == [COMPLETED], result.log
    assert result.console == ["b'ab'", "b'cd'", "b'ef'", "b'gh'"]


def test_sockets_carry_the_tags_of_the_vu_and_their_own(scripts: Scripts) -> None:
    result = scripts.run(
        """
        async def default():
            vu.tags["room"] = "lobby"
            with group("chat"):
                socket = WebSocket(env["URL"], tags={"kind": "main"})
            async with socket:
                pass
        """
    )
    assert result.outcomes == [COMPLETED], result.log
    assert (
        result.total(
            "ws_sessions", room="lobby", kind="main", group="::chat", scenario="default"
        )
        == 1
    )


def test_cookies_last_for_an_iteration(scripts: Scripts) -> None:
    seen: list[str | None] = []

    async def record(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.headers.get("Cookie"))
        await connection.wait_closed()

    def set_cookie(connection: Any, request: Any, response: Any) -> None:
        response.headers["Set-Cookie"] = "session=1"

    source = """
        async def default():
            for _ in range(2):
                async with WebSocket(env["URL"]):
                    pass
    """
    options = {"iterations": 2, "server_options": {"process_response": set_cookie}}
    scripts.run(source, record, **options)
    assert seen == [None, "session=1"] * 2
    seen.clear()
    scripts.run(source, record, settings=users_with(no_cookies_reset=True), **options)
    assert seen == [None, "session=1", "session=1", "session=1"]


def test_a_server_that_never_answers_does_not_keep_an_interrupted_vu(
    scripts: Scripts,
) -> None:
    async def silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()

    async def interrupt(user: VirtualUser) -> None:
        await asyncio.sleep(0.1)
        user.interrupt()

    (scripts.folder / "chat.py").write_text(
        "from gharial import *\n"
        "async def default():\n"
        '    async with WebSocket(env["URL"]):\n'
        "        pass\n"
    )
    host = PythonHost("chat.py", environment={})
    scripts.hosts.append(host)
    host.read(lambda *record: None)
    result = run(host, servers=(serving_bytes(silent),), during=interrupt)
    assert result.outcomes == [INTERRUPTED]
