"""Python's own WebSocket clients, on ours, in scripts and against real servers."""

import asyncio
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from textwrap import dedent
from types import FunctionType
from typing import Any

import aiohttp
import pytest
import websockets.asyncio.client
import websockets.client
from script_runs import Run, echo, run
from websockets.asyncio.server import ServerConnection

import gharial.compat.aiohttp
import gharial.compat.websockets
from gharial.compat import install, package
from gharial.python.host import PythonHost

HEAD = """
import asyncio
from gharial import env, log
from gharial.compat import package
from gharial.compat.aiohttp import ClientSession
from gharial.compat.websockets import connect

errors = package.errors()
"""


@pytest.fixture(params=[True, False], ids=["with the package", "without"], autouse=True)
def has_package(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let the package ``websockets`` be there, and not be there."""
    monkeypatch.setattr(package, "has_package", lambda: request.param)
    package.errors.cache_clear()
    yield
    package.errors.cache_clear()


def ran(folder: Path, body: str, *handlers: Any, **options: Any) -> Run:
    """Run the body of a script's ``default``."""
    script = f"{HEAD}\nasync def default():\n"
    script += "\n".join(f"    {line}" for line in dedent(body).splitlines())
    (folder / "script.py").write_text(script, "utf-8")
    host = PythonHost(str(folder / "script.py"), environment={})
    host.read(lambda *record: None)
    try:
        return run(host, *(handlers or (echo,)), **options)
    finally:
        host.close()


async def refuse(connection: Any, request: Any) -> Any:
    return connection.respond(503, "later")


async def close_with_4000(connection: ServerConnection) -> None:
    await connection.recv()
    await connection.close(4000, "enough")


async def vanish(connection: ServerConnection) -> None:
    await connection.recv()
    connection.transport.abort()


def test_messages_of_all_kinds_are_sent_and_received(tmp_path: Path) -> None:
    result = ran(
        tmp_path,
        """
        async def parts():
            yield b"1"
            yield b"2"
        async with connect(env["URL"], subprotocols=None) as socket:
            for message in ("a", b"b", bytearray(b"c"), ["d", "e"], parts(), []):
                await socket.send(message)
            await socket.send("f", text=False)
            for _ in range(6):
                log(repr(await socket.recv()))
            await socket.send("g")
            log(repr(await socket.recv(decode=False)))
            await socket.send(b"h")
            async for piece in socket.recv_streaming(decode=True):
                log(repr(piece))
            for wrong in ({}, 5, ["a", b"b"]):
                try:
                    await socket.send(wrong)
                except TypeError as error:
                    log("TypeError")
            log(socket.state.name, socket.subprotocol, socket.response.status_code)
        log(socket.close_code, socket.state.name)
        """,
    )
    assert not result.errors
    assert result.console == [
        *("'a'", "b'b'", "b'c'", "'de'", "b'12'", "b'f'", "b'g'", "'h'"),
        *["TypeError"] * 3,
        "OPEN None 101",
        "1000 CLOSED",
    ]
    assert result.total("ws_msgs_sent") == result.total("ws_msgs_received") == 8
    assert result.total("ws_close", code="1000") == 1


def test_a_ping_is_awaited_and_measured(tmp_path: Path) -> None:
    result = ran(
        tmp_path,
        """
        async with connect(env["URL"]) as socket:
            first = await socket.ping()
            second = await socket.ping("data")
            log(await first > 0, await second > 0, socket.latency > 0)
            await socket.pong()
            await socket.close()
            try:
                await socket.ping()
            except errors.ConnectionClosedOK as error:
                log(error.rcvd.code, error.sent.code, error.rcvd_then_sent)
        """,
    )
    assert result.console == ["True True True", "1000 1000 False"]
    assert result.count("ws_ping") == 2


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (close_with_4000, "ConnectionClosedError 4000 enough 4000 True 4000 enough"),
        (vanish, "ConnectionClosedError None None None 1006 "),
    ],
)
def test_an_end_raises_the_packages_error(
    tmp_path: Path, handler: Any, expected: str
) -> None:
    result = ran(
        tmp_path,
        """
        socket = await connect(env["URL"])
        await socket.send("x")
        try:
            await socket.recv()
        except errors.ConnectionClosed as error:
            rcvd = f"{error.rcvd.code} {error.rcvd.reason}" if error.rcvd else None
            sent = error.sent.code if error.sent else None
            log(type(error).__name__, rcvd, sent, error.rcvd_then_sent,
                socket.close_code, socket.close_reason)
        """,
        handler,
    )
    assert result.console == [expected.strip()] or result.console == [expected]


def test_what_keeps_a_socket_from_opening_raises_the_packages_error(
    tmp_path: Path,
) -> None:
    result = ran(
        tmp_path,
        """
        for url in ("nonsense", "ws://127.0.0.1:1/", env["URL"]):
            try:
                await connect(url)
            except Exception as error:
                log(type(error).__name__)
                if hasattr(error, "response"):
                    log(error.response.status_code, error.response.body)
        """,
        server_options={"process_request": refuse},
    )
    assert result.console == [
        "InvalidURI",
        "ConnectionRefusedError",
        "InvalidStatus",
        "503 b'later'",
    ]
    assert result.total("ws_errors", reason="handshake_status") == 1


def test_a_loop_connects_anew_also_after_a_failure(tmp_path: Path) -> None:
    seen: list[int] = []

    async def busy_at_first(connection: Any, request: Any) -> Any:
        seen.append(1)
        return connection.respond(503, "later") if len(seen) == 1 else None

    result = ran(
        tmp_path,
        """
        count = 0
        async for socket in connect(env["URL"], reconnect_delays=lambda: iter([0, 0])):
            try:
                await socket.send("x")
                await socket.recv()
                log(await socket.recv())
            except errors.ConnectionClosed:
                count += 1
                if count == 2:
                    break
        """,
        close_after_one,
        server_options={"process_request": busy_at_first},
    )
    assert not result.errors
    assert result.total("ws_sessions") == 3


async def close_after_one(connection: ServerConnection) -> None:
    await connection.send(await connection.recv())


def test_delays_between_attempts_are_the_packages() -> None:
    ours = gharial.compat.websockets.backoff()
    theirs = websockets.client.backoff()
    assert 0 <= next(ours) <= 5
    next(theirs)
    assert list(islice(ours, 12)) == pytest.approx(list(islice(theirs, 12)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "ws+unix:///run/a:/"),
        ({"ssl": True}, "wss+unix:///run/a:/"),
        ({"uri": "ws://host/b", "ssl": True}, "ws+unix:///run/a:/b"),
    ],
)
def test_a_unix_socket_speaks_tls_where_ssl_is_given(
    given: dict[str, Any], expected: str
) -> None:
    assert gharial.compat.websockets.unix_connect("/run/a", **given).uri == expected


def test_two_that_receive_at_once_are_told(tmp_path: Path) -> None:
    result = ran(
        tmp_path,
        """
        async with connect(env["URL"]) as socket:
            first = asyncio.create_task(socket.recv())
            await asyncio.sleep(0)
            try:
                await socket.recv()
            except errors.ConcurrencyError:
                log("told")
            await socket.send("x")
            log(await first)
        """,
    )
    assert result.console == ["told", "x"]


def test_a_server_that_answers_no_ping_is_closed_with_1011(tmp_path: Path) -> None:
    async def deaf(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await asyncio.sleep(0.2)
        connection.transport.resume_reading()
        await connection.wait_closed()

    result = ran(
        tmp_path,
        """
        socket = await connect(env["URL"], ping_interval=0.01, ping_timeout=0.01)
        try:
            await socket.recv()
        except errors.ConnectionClosedError as error:
            log(error.sent.code, error.sent.reason)
        """,
        deaf,
    )
    assert result.console == ["1011 keepalive ping timeout"]


def test_aiohttps_session_sends_receives_and_ends(tmp_path: Path) -> None:
    result = ran(
        tmp_path,
        """
        async with ClientSession(headers={"X-A": "b"}) as session:
            async with session.ws_connect(env["URL"], params={"t": "1"}) as socket:
                await socket.send_str("a")
                await socket.send_bytes(b"b")
                await socket.send_json({"c": 1})
                log(await socket.receive_str(), await socket.receive_bytes())
                # As gql does.
                log(socket._response.status, socket._response.headers["upgrade"])
                log(await socket.receive_json())
                await socket.ping()
                await socket.send_str("d")
                async for message in socket:
                    log(message.type.name, message.data)
                    await socket.close()
            log(socket.closed, socket.close_code, socket.exception())
            log((await socket.receive()).type.name)
        """,
    )
    assert not result.errors
    assert result.console == [
        "a b'b'",
        "101 websocket",
        "{'c': 1}",
        "TEXT d",
        "True 1000 None",
        "CLOSED",
    ]
    assert result.total("ws_msgs_sent") == 4


@pytest.mark.parametrize(
    ("handler", "expected"),
    [(close_with_4000, "CLOSE 4000 enough 4000"), (vanish, "CLOSED None None 1006")],
)
def test_an_end_is_a_message_in_aiohttp(
    tmp_path: Path, handler: Any, expected: str
) -> None:
    result = ran(
        tmp_path,
        """
        async with ClientSession() as session:
            socket = await session.ws_connect(env["URL"])
            await socket.send_str("a")
            message = await socket.receive()
            log(message.type.name, message.data, message.extra, socket.close_code)
            try:
                await socket.send_str("b")
            except ConnectionResetError:
                log("reset")
        """,
        handler,
    )
    assert result.console == [expected, "reset"]


def test_aiohttps_errors_and_requests_are_its_own_and_measured(tmp_path: Path) -> None:
    result = ran(
        tmp_path,
        """
        import aiohttp
        async with ClientSession() as session:
            try:
                await session.ws_connect(env["URL"])
            except aiohttp.WSServerHandshakeError as error:
                log(error.status)
            try:
                await session.ws_connect("ws://127.0.0.1:1/")
            except aiohttp.ClientOSError as error:
                log("refused")
            async with session.get(env["URL"].replace("ws:", "http:")) as answer:
                log(answer.status, await answer.text())
            try:
                await session.get("http://127.0.0.1:1/")
            except aiohttp.ClientConnectorError:
                log("refused")
        """,
        server_options={"process_request": refuse},
    )
    assert not result.errors
    assert result.console == ["503", "refused", "503 later", "refused"]
    assert result.total("http_reqs") == 2
    assert result.total("http_reqs", status="503", method="GET") == 1
    (name,) = {
        tags.get("name")
        for metric, tags, _ in result.registry.all_series()
        if metric.name == "http_reqs" and tags.get("status") == "503"
    }
    assert str(name).endswith("/path")


def test_installing_replaces_what_modules_have_imported_and_not_our_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = (websockets.asyncio.client.connect, aiohttp.ClientSession)
    client: Any = websockets.asyncio.client
    monkeypatch.setitem(globals(), "connect", theirs[0])
    monkeypatch.setitem(globals(), "ClientSession", theirs[1])
    # The modules of other tests in this process have these, too.
    replaced = {client.connect, client.unix_connect, aiohttp.ClientSession}
    for module in list(sys.modules.values()):
        for name in ("connect", "unix_connect", "ClientSession"):
            value = getattr(module, "__dict__", {}).get(name)
            if isinstance(value, type | FunctionType) and value in replaced:
                monkeypatch.setattr(module, name, value)
    install()
    install()
    assert client.connect is gharial.compat.websockets.connect
    assert globals()["connect"] is gharial.compat.websockets.connect
    assert aiohttp.ClientSession is gharial.compat.aiohttp.ClientSession
    assert globals()["ClientSession"] is gharial.compat.aiohttp.ClientSession
    assert aiohttp.client.ClientSession is theirs[1]
