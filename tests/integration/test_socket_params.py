"""Parameters of single sockets: compression, TLS, proxies, limits, redirects, paths."""

import asyncio
import http
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pproxy
import pytest
from free_ports import free_port
from program import gharial
from safety_net import LIMIT_S
from script_runs import echo, serving_bytes
from servers import serving_echo
from websockets.asyncio.server import ServerConnection, serve, unix_serve
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.servers.certificates import Certificates

ONE = [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)]

JAVASCRIPT = """
export default function () {
  const socket = new WebSocket(__ENV.URL, [], %s);
  socket.onopen = () => { console.log('open', socket.extensions); socket.send('héllo'); };
  socket.onmessage = ({ data }) => { console.log(data); socket.close(); };
  socket.onerror = ({ error }) => console.log('error', error);
  socket.onclose = ({ code }) => console.log('close', code);
}
"""
PYTHON = """
import json
from gharial import WebSocket, env, log

def default():
    socket = WebSocket(env["URL"], [], json.loads(%r))
    def opened(event):
        log("open", socket.extensions)
        socket.send("héllo")
    def heard(event):
        log(event.data)
        socket.close()
    socket.on_open = opened
    socket.on_message = heard
    socket.on_error = lambda event: log("error", event.error)
    socket.on_close = lambda event: log("close", event.code)
"""


@pytest.fixture(params=["javascript", "python"])
def talk(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Return what connects with some params and tells what came of it."""

    def talk(server: Any, params: dict[str, Any]) -> list[str]:
        text = json.dumps(params)
        if request.param == "javascript":
            name, source = "s.js", JAVASCRIPT % text
        else:
            name, source = "s.py", PYTHON % text
        ran = run_whole(tmp_path, name, source, ONE, servers=[server])
        assert ran.errors == []
        return ran.console

    return talk


def serving(handler: Any = echo, **options: Any) -> Any:
    @asynccontextmanager
    async def served() -> AsyncIterator[str]:
        async with serve(handler, "127.0.0.1", 0, **options) as server:
            port = server.sockets[0].getsockname()[1]
            yield f"{'wss' if 'ssl' in options else 'ws'}://127.0.0.1:{port}/"

    return served()


@pytest.mark.parametrize(
    ("compression", "agreed"),
    [
        pytest.param("deflate", "server_max_window_bits=12", id="by name"),
        pytest.param(
            {"contextTakeover": False},
            "server_no_context_takeover",
            id="no context takeover",
        ),
        pytest.param({"windowBits": 9, "level": 9}, "server_max_window_bits=9", id="9"),
        pytest.param({"windowBits": 8}, None, id="8 bits"),
    ],
)
def test_compression_is_negotiated_with_an_independent_peer(talk, compression, agreed):
    lines = talk(serving(), {"compression": compression})
    assert lines[1:] == ["héllo", "close 1000"] or lines[1:] == ["héllo", "close 1005"]
    assert lines[0].startswith("open permessage-deflate") or agreed is None
    assert agreed is None or agreed in lines[0]


def test_limits_hold_for_one_socket(talk):
    async def silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()

    lines = talk(serving_bytes(silent), {"limits": {"handshakeTimeout": "200ms"}})
    assert "timeout, no complete answer after 200ms" in lines[0]
    assert lines[1] == "close 1006"

    async def chatty(connection: ServerConnection) -> None:
        await connection.send("x" * 100)
        await connection.wait_closed()

    lines = talk(serving(chatty), {"limits": {"maxMessageSize": 50}})
    assert (
        "larger than" in lines[1] or "too big" in lines[1].lower() or "50" in lines[1]
    )


def test_a_local_address_of_its_own(talk):
    seen: list[str] = []

    async def look(connection: ServerConnection) -> None:
        seen.append(connection.remote_address[0])
        await echo(connection)

    talk(serving(look), {"localAddress": "127.0.0.2"})
    assert seen == ["127.0.0.2"]


def test_tls_of_its_own(talk, tmp_path: Path):
    certificates = Certificates(["chat.test"])
    ca = str(certificates.write_ca(tmp_path / "ca.pem"))
    context = certificates.server_context()
    lines = talk(serving(ssl=context), {"tls": {"ca": ca, "sni": "chat.test"}})
    assert lines[1] == "héllo"
    lines = talk(serving(ssl=context), {"tls": {"verify": False}})
    assert lines[1] == "héllo"
    lines = talk(serving(ssl=context), {"tls": {"ca": ca, "sni": "other.test"}})
    assert "certificate" in lines[0]


@pytest.mark.parametrize("kind", ["http", "socks4", "socks5"])
def test_proxies_of_others_with_credentials(talk, kind: str):
    port = free_port()
    has_password = kind != "socks4"
    secret = "#ann:secret" if has_password else ""
    user = "ann:secret@" if has_password else ""

    @asynccontextmanager
    async def both() -> AsyncIterator[str]:
        proxy = pproxy.Server(f"{kind}://127.0.0.1:{port}{secret}")
        listening = await proxy.start_server({"rserver": []})
        try:
            async with serve(echo, "127.0.0.1", 0) as server:
                yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        finally:
            listening.close()

    # It remembers who has shown a password before.
    pproxy.server.AuthTable._auth.clear()
    if has_password:
        lines = talk(both(), {"proxy": f"{kind}://ann:no@127.0.0.1:{port}"})
        assert "proxy" in lines[0]
    lines = talk(both(), {"proxy": f"{kind}://{user}127.0.0.1:{port}"})
    assert lines[1] == "héllo"


def redirecting(*codes_and_places: tuple[int, str]) -> Any:
    answers = list(codes_and_places)

    def process(connection: ServerConnection, request: Any) -> Any:
        if not answers:
            return None
        code, place = answers.pop(0)
        response = connection.respond(http.HTTPStatus(code), "elsewhere\n")
        response.headers["Location"] = place
        return response

    return serving(process_request=process)


def test_redirects_are_refused_unless_they_are_wanted(talk):
    lines = talk(redirecting((302, "/new")), {})
    assert "status 302" in lines[0]
    assert "Location: /new; redirects are followed only if" in lines[0]
    lines = talk(redirecting((302, "/new"), (308, "/newer")), {"redirects": 2})
    assert lines[1] == "héllo"
    lines = talk(redirecting((302, "/new"), (308, "/newer")), {"redirects": 1})
    assert "status 308" in lines[0]
    assert "; at most 1 in a row are followed" in lines[0]
    lines = talk(redirecting((302, "ftp://x/")), {"redirects": 5})
    assert "status 302" in lines[0]
    assert "the redirect is not followed: the URL's scheme" in lines[0]
    lines = talk(redirecting((302, "../new#part"), (307, "?q#")), {"redirects": 2})
    assert lines[1] == "héllo"


def test_secrets_do_not_follow_a_redirect_to_another_origin(talk):
    seen: list[list[str]] = []

    async def look(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(sorted(name.lower() for name in connection.request.headers))
        await echo(connection)

    @asynccontextmanager
    async def two_servers() -> AsyncIterator[str]:
        async with serve(look, "127.0.0.1", 0) as target:
            there = target.sockets[0].getsockname()[1]
            places = [(302, "/same"), (307, f"http://127.0.0.1:{there}/other#x")]
            async with redirecting(*places) as url:
                yield url

    secrets = {"Authorization": "Bearer secret", "Cookie": "a=secret", "X-Kept": "1"}
    lines = talk(two_servers(), {"headers": secrets, "redirects": 2})
    assert lines[1] == "héllo"
    assert "x-kept" in seen[0]
    assert not {"authorization", "cookie"} & set(seen[0])


def test_the_run_can_say_how_many_redirects_are_followed(tmp_path: Path):
    seen: list[str] = []

    async def look(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.path)
        await echo(connection)

    async def main() -> int:
        async with serve(look, "127.0.0.1", 0) as target:
            there = target.sockets[0].getsockname()[1]
            places = [(301, f"http://127.0.0.1:{there}/moved")]
            async with redirecting(*places) as url:
                (tmp_path / "s.js").write_text(JAVASCRIPT % "{}")
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "gharial", "run", "-q", "-e", f"URL={url}"),
                    *("--ws-redirects", "1", str(tmp_path / "s.js")),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                return await asyncio.wait_for(process.wait(), LIMIT_S)

    assert asyncio.run(main()) == 0
    assert seen == ["/moved"]


def test_what_a_refusing_server_says_of_when_is_told(talk):
    def process(connection: ServerConnection, request: Any) -> Any:
        response = connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "later\n")
        response.headers["Retry-After"] = "30"
        return response

    lines = talk(serving(process_request=process), {})
    assert lines[0] == (
        "error websocket: bad handshake: status 503 Service Unavailable, Retry-After: 30"
    )


def test_unix_sockets(talk, tmp_path: Path):
    seen: list[tuple[str, str]] = []

    async def look(connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        seen.append((request.path, request.headers["Host"]))
        await echo(connection)

    path = tmp_path / "s.sock"

    @asynccontextmanager
    async def served() -> AsyncIterator[str]:
        async with unix_serve(look, str(path)):
            yield f"ws+unix://{path}:/chat?x=1"

    assert talk(served(), {})[1] == "héllo"
    assert seen == [("/chat?x=1", "localhost")]

    @asynccontextmanager
    async def missing() -> AsyncIterator[str]:
        yield f"ws+unix://{tmp_path}/none.sock"

    assert "dial unix" in talk(missing(), {})[0]


def test_the_frames_of_some_sockets_are_logged(tmp_path: Path):
    source = """
export const options = { vus: 1, iterations: 2 };
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => { socket.send('hello'); socket.ping(); };
  socket.onmessage = ({ data }) => {
    if (data === 'hello') socket.send(new Uint8Array([1, 255])); else socket.close(4000, 'bye');
  };
}
"""
    (tmp_path / "s.js").write_text(source)
    with serving_echo() as server:
        ran = gharial(
            *("run", "-q", "--log-format", "raw", "--ws-debug", "1"),
            *("-e", f"URL={server.url}", str(tmp_path / "s.js")),
        )
    lines = ran.stderr.splitlines()
    assert lines[0] == f"socket 1 = {server.url}: status 101"
    assert set(lines[1:]) == {
        "socket 1 → text 'hello'",
        "socket 1 → ping (1 bytes) 30",
        "socket 1 ← text 'hello'",
        "socket 1 ← pong (1 bytes) 30",
        "socket 1 → binary (2 bytes) 01 ff",
        "socket 1 ← binary (2 bytes) 01 ff",
        "socket 1 → close 4000 bye",
        "socket 1 ← close 4000 bye",
        "socket 1 TCP ended",
    }
