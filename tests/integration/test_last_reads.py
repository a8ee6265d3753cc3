"""What a server sent before TCP broke is read, whether it ended or reset it."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop
from abrupt_server import (
    Conversation,
    answer_of,
    close_frame,
    request_of,
    reset,
    serving_abruptly,
    upgrade,
)
from default_settings import network_with, tls_with
from memory_wire import PING, TEXT, server_frame
from program import gharial
from safety_net import LIMIT_S

from gharial.net.failures import Failure
from gharial.net.network import Network
from gharial.servers.certificates import Certificates
from gharial.timing import system_clock
from gharial.websocket.connection import Connection
from gharial.websocket.opening_request import OpeningRequest

KILOBYTE = server_frame(TEXT, b"a" * 1024)


class Heard:
    """Listens to one connection, and does with its messages what a test wants."""

    def __init__(self, on_message: Callable[["Heard"], None] | None = None) -> None:
        self.connection: Connection
        self.messages: list[Any] = []
        self.pings = 0
        self.failures: list[Failure] = []
        self.closed: asyncio.Future[tuple[int, str, bool]]
        self.closed = asyncio.get_running_loop().create_future()
        self._on_message = on_message

    def on_open(self, at_s: float) -> None: ...

    def on_message(self, data: Any, at_s: float) -> None:
        self.messages.append(data)
        if self._on_message is not None:
            self._on_message(self)

    def on_ping(self, at_s: float) -> None:
        self.pings += 1

    def on_pong(self, at_s: float) -> None: ...

    def on_closing(self, at_s: float) -> None: ...

    def on_error(self, failure: Failure, at_s: float) -> None:
        self.failures.append(failure)

    def on_close(self, code: int, reason: str, was_clean: bool, at_s: float) -> None:
        self.closed.set_result((code, reason, was_clean))


class NoObserver:
    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *facts: None


class World:
    """One kind of event loop, with or without TLS."""

    def __init__(
        self,
        loop_factory: Callable[[], Any],
        *,
        is_secure: bool,
        is_by_python: bool = False,
    ) -> None:
        self._loop_factory = loop_factory
        self._is_by_python = is_by_python
        self._certificates = Certificates() if is_secure else None

    def run(
        self, converse: Conversation, main: Callable[[str, Network], Awaitable[None]]
    ) -> None:
        """Run against a server that converses so."""
        certificates = self._certificates
        tls = None if certificates is None else certificates.server_context()
        authorities = () if certificates is None else (certificates.ca_pem,)
        network = Network(network_with(tls=tls_with(ca_certificates=authorities)))
        if self._is_by_python:
            # As where Python has OpenSSL inside itself.
            context = network.tls.for_host("127.0.0.1", None)
            context._aiofastnet_force_fallback_ssl = True  # type: ignore[attr-defined]
        with serving_abruptly(converse, tls) as url:

            async def bounded() -> None:
                await asyncio.wait_for(main(url, network), LIMIT_S)

            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(bounded())


def connect(url: str, network: Network, heard: Heard) -> None:
    heard.connection = Connection(
        OpeningRequest(url),
        network=network,
        listener=heard,
        observer=NoObserver(),
        clock=system_clock(),
    )
    heard.connection.open()


@pytest.fixture(
    params=[
        pytest.param((uvloop.new_event_loop, False), id="uvloop"),
        pytest.param((uvloop.new_event_loop, True), id="uvloop with TLS"),
        pytest.param((uvloop.new_event_loop, True, True), id="uvloop, Python's TLS"),
        pytest.param((asyncio.new_event_loop, False), id="asyncio"),
        pytest.param((asyncio.new_event_loop, True), id="asyncio with TLS"),
    ]
)
def world(request: pytest.FixtureRequest) -> World:
    loop_factory, is_secure, *more = request.param
    return World(loop_factory, is_secure=is_secure, is_by_python=bool(more))


def test_a_failed_write_loses_nothing_that_came_before(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    is_written = threading.Event()

    def say_all_and_leave(sock: socket.socket) -> None:
        upgrade(sock)
        sock.sendall(KILOBYTE * 5 + close_frame(4001, b"bye"))

    def answer(heard: Heard) -> None:
        # Not before all of it is here and the server is gone.
        assert is_written.wait(LIMIT_S)
        time.sleep(0.01)
        for _ in range(10):
            heard.connection.send_text("answer")
            heard.connection.ping()

    def converse(sock: socket.socket) -> None:
        say_all_and_leave(sock)
        # The caller closes it just after.
        threading.Timer(0.05, is_written.set).start()

    async def main(url: str, network: Network) -> None:
        heard = Heard(answer)
        connect(url, network, heard)
        assert await heard.closed == (4001, "bye", True)
        assert len(heard.messages) == 5
        assert heard.failures == []
        # What a failed write took with it was never sent.
        assert heard.connection.buffered_amount >= 40 * len("answer")

    world.run(converse, main)
    assert caplog.records == []


def test_pongs_to_a_server_that_is_gone_lose_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def converse(sock: socket.socket) -> None:
        upgrade(sock)
        sock.sendall(
            server_frame(PING, b"x") * 100 + KILOBYTE * 3 + close_frame(1012, b"back")
        )

    async def main(url: str, network: Network) -> None:
        heard = Heard()
        connect(url, network, heard)
        assert await heard.closed == (1012, "back", True)
        assert (heard.pings, len(heard.messages)) == (100, 3)

    world.run(converse, main)
    assert caplog.records == []


def test_a_message_that_is_too_large_for_the_server_shows_its_reason(
    world: World,
) -> None:
    def converse(sock: socket.socket) -> None:
        upgrade(sock)
        sock.recv(10)
        sock.sendall(close_frame(1009, b"too big"))

    async def main(url: str, network: Network) -> None:
        heard = Heard()
        heard.on_open = lambda at_s: heard.connection.send_binary(bytes(20_000_000))  # type: ignore[method-assign]
        connect(url, network, heard)
        assert await heard.closed == (1009, "too big", True)
        assert heard.connection.buffered_amount > 1_000_000

    world.run(converse, main)


def test_what_waits_while_reading_is_paused_is_read_after_a_failed_write(
    world: World,
) -> None:
    # As much as the kernel takes before anybody reads.
    count = 40

    def converse(sock: socket.socket) -> None:
        upgrade(sock)
        # Not along with the answer, which is read whole.
        time.sleep(0.05)
        sock.sendall(KILOBYTE * count + close_frame(4001, b"bye"))

    async def main(url: str, network: Network) -> None:
        is_paused = asyncio.Event()

        def pause(heard: Heard) -> None:
            if len(heard.messages) == 1:
                heard.connection.reading.pause("test")
                is_paused.set()

        heard = Heard(pause)
        connect(url, network, heard)
        await is_paused.wait()
        # Until the end is there, a write may succeed.
        while not heard.connection.buffered_amount:
            heard.connection.send_text("anybody there?")
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert not heard.closed.done()
        heard.connection.reading.resume("test")
        assert await heard.closed == (4001, "bye", True)
        assert len(heard.messages) == count

    world.run(converse, main)


def test_what_is_left_when_reading_pauses_comes_when_it_goes_on(world: World) -> None:
    count = 60
    is_over = threading.Event()

    def converse(sock: socket.socket) -> None:
        upgrade(sock)
        sock.sendall(KILOBYTE * count)
        # Nothing more comes that would wake the reader.
        is_over.wait(LIMIT_S)

    async def main(url: str, network: Network) -> None:
        has_all = asyncio.Event()

        def pause(heard: Heard) -> None:
            heard.connection.reading.pause("test")
            asyncio.get_running_loop().call_later(
                0.001, heard.connection.reading.resume, "test"
            )
            if len(heard.messages) == count:
                has_all.set()

        heard = Heard(pause)
        connect(url, network, heard)
        try:
            await has_all.wait()
        finally:
            is_over.set()
        heard.connection.abort()

    world.run(converse, main)


@pytest.mark.parametrize("count", [0, 1])
def test_a_reset_after_the_last_message_is_noticed(world: World, count: int) -> None:
    def converse(sock: socket.socket) -> None:
        upgrade(sock)
        # Some come along with the reset, some before it.
        time.sleep(0.01)
        sock.sendall(KILOBYTE * count)
        reset(sock)

    async def main(url: str, network: Network) -> None:
        all_heard = [Heard() for _ in range(20)]
        for heard in all_heard:
            connect(url, network, heard)
        for heard in all_heard:
            assert (await heard.closed)[0] == 1006
            assert len(heard.messages) == count
            assert "reset" in heard.failures[0].message

    world.run(converse, main)


def no_answer(sock: socket.socket) -> None:
    request_of(sock)
    reset(sock)


def half_an_answer(sock: socket.socket) -> None:
    sock.sendall(answer_of(request_of(sock))[:40])
    reset(sock)


def nothing_after_the_answer(sock: socket.socket) -> None:
    upgrade(sock)
    reset(sock)


def an_unfinished_refusal(sock: socket.socket) -> None:
    request_of(sock)
    sock.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nhello")
    reset(sock)


@pytest.mark.parametrize(
    ("converse", "problem"),
    [
        (no_answer, "broke before the answer"),
        (half_an_answer, "broke before the answer"),
        (nothing_after_the_answer, "close 1006"),
        (an_unfinished_refusal, "status 503 Busy"),
    ],
)
def test_a_reset_around_the_handshake_is_noticed(
    world: World, converse: Conversation, problem: str
) -> None:
    async def main(url: str, network: Network) -> None:
        all_heard = [Heard() for _ in range(20)]
        for heard in all_heard:
            connect(url, network, heard)
        for heard in all_heard:
            assert (await heard.closed)[0] == 1006
            assert problem in heard.failures[0].message

    world.run(converse, main)


def test_an_answer_before_the_request_is_read(world: World) -> None:
    def converse(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n")

    async def main(url: str, network: Network) -> None:
        heard = Heard()
        connect(url, network, heard)
        await heard.closed
        assert "status 503 Full" in heard.failures[0].message

    world.run(converse, main)


JAVASCRIPT = """
import { WebSocket } from 'k6/websockets';
import { Counter } from 'k6/metrics';
const heard = new Counter('heard'), told = new Counter('told');
export const options = { vus: 4, iterations: 40 };
export default function () {
  const ws = new WebSocket(__ENV.URL);
  ws.onmessage = () => { heard.add(1); ws.send('a'.repeat(600)); };
  ws.onclose = (e) => { if (e.code === 4001 && e.reason === 'bye') told.add(1); };
}
"""

PYTHON = """
from gharial import Counter, WebSocket, env
heard, told = Counter("heard"), Counter("told")
options = {"vus": 4, "iterations": 40}
def default():
    ws = WebSocket(env["URL"])
    def on_message(event):
        heard.add(1)
        ws.send("a" * 600)
    ws.on_message = on_message
    ws.on_close = lambda event: told.add(1) if (
        event.code == 4001 and event.reason == "bye") else None
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "source"), [("script.js", JAVASCRIPT), ("script.py", PYTHON)]
)
def test_every_script_hears_what_a_server_said_before_it_left(
    tmp_path: Path, name: str, source: str
) -> None:
    def converse(sock: socket.socket) -> None:
        upgrade(sock)
        for _ in range(5):
            sock.sendall(KILOBYTE)
        sock.sendall(close_frame(4001, b"bye"))

    script, export = tmp_path / name, tmp_path / "summary.json"
    script.write_text(source, "utf-8")
    with serving_abruptly(converse) as url:
        done = gharial(
            *("run", "--workers", "2", "-e", f"URL={url}"),
            *("--summary-export", str(export), str(script)),
        )
    assert done.returncode == 0, done.stderr
    metrics = json.loads(export.read_text("utf-8"))["metrics"]
    assert metrics["heard"]["count"] == 200
    assert metrics["told"]["count"] == 40
    assert "connection lost" not in done.stderr
