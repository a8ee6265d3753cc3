"""Sockets that go through proxies, of good manners and of bad ones."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from default_settings import limits_with, network_with
from test_opening import (
    Runner,
    failure_of,
    open_files,
    open_url,
    rest_of,
    run,
    upgrade,
)

from gharial.http.client import HttpClient
from gharial.http.exchange import HttpExchange, HttpRequest
from gharial.net.cookies import CookieJar
from gharial.net.failures import FailureReason
from gharial.net.network import Network
from gharial.timing import system_clock

__all__ = ["run"]

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@contextlib.asynccontextmanager
async def proxying(converse: Converse) -> AsyncIterator[int]:
    """Serve a proxy that talks so with each client."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(
            OSError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            await converse(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def serve_target(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Play the server at the far end of the tunnel."""
    writer.write(upgrade(await reader.readuntil(b"\r\n\r\n"), b"through"))
    await writer.drain()


def http_proxy(*pieces: bytes, seen: list[bytes]) -> Converse:
    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            # A segment of its own; to find it joined with the next is no failure.
            await asyncio.sleep(0.01)
        await serve_target(reader, writer)

    return converse


def socks5_proxy(
    *, method: int = 0, reply: int = 0, kind: int = 1, seen: list[bytes]
) -> Converse:
    async def say(writer: asyncio.StreamWriter, data: bytes) -> None:
        for byte in data:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(0)

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        seen.append(await reader.readexactly((await reader.readexactly(2))[1]))
        await say(writer, bytes((5, method)))
        if method == 2:
            for _ in range(2):
                size = (await reader.readexactly(1 + (not seen[1:])))[-1]
                seen.append(await reader.readexactly(size))
            await say(
                writer, b"\x01" + (b"\0" if seen[2] == PASSWORD.encode() else b"\1")
            )
        seen.append(await reader.readexactly(5))
        seen.append(await reader.readexactly(seen[-1][4] + 2))
        address = {1: bytes(4), 3: b"\x03abc", 4: bytes(16)}[kind]
        await say(writer, bytes((5, reply, 0, kind)) + address + b"\0\0")
        if not reply:
            await serve_target(reader, writer)

    return converse


async def socks4_proxy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    head = await reader.readexactly(8)
    user = await reader.readuntil(b"\0")
    name = await reader.readuntil(b"\0")
    good = (head[:4], head[4:], user, name) == (
        b"\x04\x01\x00\x50",
        b"\0\0\0\1",
        USER.encode() + b"\0",
        b"proxied.test\0",
    )
    writer.write(bytes((0, 0x5A if good else 0x5D)) + bytes(6))
    if good:
        await serve_target(reader, writer)


USER, PASSWORD = "zoë", "pä:ss/wörd@€"
ENCODED = "zo%C3%AB:p%C3%A4%3Ass%2Fw%C3%B6rd%40%E2%82%AC"
# What may stand in a URL unencoded, though it should not.
HALF_ENCODED = "zoë:pä%3Ass%2Fwörd%40€"


@pytest.mark.parametrize(
    "pieces",
    [
        (ESTABLISHED,),
        (ESTABLISHED[:7], ESTABLISHED[7:30], ESTABLISHED[30:]),
        (b"HTTP/1.1 100 Continue\r\n\r\n", ESTABLISHED),
        # RFC 9110 section 9.3.6: neither header counts in an answer to CONNECT.
        (b"HTTP/1.0 201 Well\r\nContent-Length: 99\r\n\r\n",),
    ],
)
def test_a_tunnel_through_a_proxy_reaches_the_server(
    run: Runner, pieces: tuple[bytes, ...]
) -> None:
    async def main() -> None:
        seen: list[bytes] = []
        async with proxying(http_proxy(*pieces, seen=seen)) as port:
            opened = await open_url(
                "ws://proxied.test:81/", proxy=f"http://127.0.0.1:{port}"
            )
            assert await rest_of(opened) == b"through"
            assert opened.facts.ip == "127.0.0.1"
            assert opened.facts.tcp_s is not None
        assert seen[0].startswith(
            b"CONNECT proxied.test:81 HTTP/1.1\r\nHost: proxied.test:81\r\n"
        )
        assert b"authorization" not in seen[0].lower()

    run(main())


@pytest.mark.parametrize("login", [ENCODED, HALF_ENCODED])
def test_users_and_passwords_of_any_letters_reach_a_http_proxy(
    run: Runner, login: str
) -> None:
    async def main() -> None:
        seen: list[bytes] = []
        async with proxying(http_proxy(ESTABLISHED, seen=seen)) as port:
            opened = await open_url(
                "ws://[fd00::1]/", proxy=f"http://{login}@127.0.0.1:{port}"
            )
            assert await rest_of(opened) == b"through"
        lines = seen[0].decode().split("\r\n")
        assert lines[0] == "CONNECT [fd00::1]:80 HTTP/1.1"
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        assert f"Proxy-Authorization: Basic {expected}" in lines

    run(main())


@pytest.mark.parametrize(("method", "kind"), [(0, 1), (0, 3), (2, 4)])
def test_socks_5_reaches_the_server(run: Runner, method: int, kind: int) -> None:
    async def main() -> None:
        seen: list[bytes] = []
        async with proxying(socks5_proxy(method=method, kind=kind, seen=seen)) as port:
            opened = await open_url(
                "ws://proxied.test/", proxy=f"socks5://{ENCODED}@127.0.0.1:{port}"
            )
            assert await rest_of(opened) == b"through"
        assert seen[0] == b"\x00\x02"
        if method:
            assert seen[1:3] == [USER.encode(), PASSWORD.encode()]
        assert seen[-2:] == [b"\x05\x01\x00\x03\x0c", b"proxied.test\x00\x50"]

    run(main())


def test_socks_4_reaches_the_server(run: Runner) -> None:
    async def main() -> None:
        async with proxying(socks4_proxy) as port:
            opened = await open_url(
                "ws://proxied.test/", proxy=f"socks4://zo%C3%AB@127.0.0.1:{port}"
            )
            assert await rest_of(opened) == b"through"

    run(main())


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


def saying(data: bytes) -> Converse:
    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(1)
        writer.write(data)
        await writer.drain()
        await reader.read()

    return converse


@pytest.mark.parametrize(
    ("scheme", "converse", "problem"),
    [
        ("http", silent, "it did not connect to proxied.test:81 after 200ms"),
        ("socks5", silent, "it did not connect to proxied.test:81 after 200ms"),
        ("socks4", silent, "it did not connect to proxied.test:81 after 200ms"),
        ("http", closing, "it closed the connection without an answer (EOF)"),
        ("socks5", closing, "it closed the connection in the middle"),
        ("http", saying(b"SSH-2.0\r\n"), "does not begin with HTTP/1"),
        ("http", saying(b"\x15\x03\x01\x00"), "does it speak TLS?"),
        (
            "http",
            saying(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
            "it answers 407 Proxy Authentication Required; name a user",
        ),
        ("http", saying(b"HTTP/1.1 503 \r\n\r\n"), "it answers 503"),
        ("http", saying(ESTABLISHED + b"x"), "before the server was asked"),
        ("socks5", saying(b"\x05\xff"), "it wants a user and a password"),
        ("socks5", saying(b"\x05\x01"), "it requires a login method"),
        ("socks5", saying(b"HT"), "it does not speak SOCKS 5"),
        ("socks5", saying(b"\x05\0\x05\x05\0\1"), "the server refused the connection"),
        ("socks5", saying(b"\x05\0\x05\x77\0\1"), "it answers 119"),
        ("socks4", saying(b"HTTP/1.1"), "it does not speak SOCKS 4"),
        ("socks4", saying(b"\0\x5b" + bytes(6)), "refused or failed"),
    ],
)
def test_a_proxy_that_does_not_connect_us_is_blamed(
    run: Runner, scheme: str, converse: Converse, problem: str
) -> None:
    async def main() -> None:
        async with proxying(converse) as port:
            before = await open_files()
            url = f"{scheme}://127.0.0.1:{port}"
            limit_s = 0.2 if converse is silent else 30.0
            settings = network_with(limits=limits_with(dial_timeout_s=limit_s))
            error = await failure_of("ws://proxied.test:81/", settings, proxy=url)
            assert error.failure.reason is FailureReason.PROXY
            assert error.failure.message.startswith(f"proxy {url}: ")
            assert problem in error.failure.message
            assert await open_files() <= before

    run(main())


@pytest.mark.parametrize(
    ("login", "problem"),
    [
        (f"{'u' * 256}:p", "the user's name has 256 bytes; SOCKS 5 takes 255 at most"),
        (f"u:{'p' * 256}", "the password has 256 bytes"),
        ("u:wrong", "its user or password is wrong"),
    ],
)
def test_a_login_that_a_socks_proxy_does_not_take_is_named(
    run: Runner, login: str, problem: str
) -> None:
    async def main() -> None:
        async with proxying(socks5_proxy(method=2, seen=[])) as port:
            url = f"socks5://{login}@127.0.0.1:{port}"
            error = await failure_of("ws://proxied.test/", proxy=url)
            assert error.failure.reason is FailureReason.PROXY
            assert problem in error.failure.message
            assert login not in error.failure.message

    run(main())


@pytest.mark.parametrize(
    "proxy",
    ["https://p.test:1", "http://127.0.0.1:1", "a://b", "http://", "socks5://x:y"],
)
def test_a_proxy_that_cannot_be_used_is_named(
    run: Runner, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    async def main() -> None:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        error = await failure_of("ws://proxied.test/")
        assert error.failure.reason is FailureReason.PROXY
        assert error.failure.message.startswith(f"proxy {proxy}")

    run(main())


async def get(url: str, limit_s: float = 30.0) -> HttpExchange:
    network = Network(network_with(limits=limits_with(dial_timeout_s=limit_s)))
    client = HttpClient(network, system_clock())
    try:
        return await client.perform(
            HttpRequest("GET", url, headers=(("X-Own", "1"),)),
            owner=1,
            cookies=CookieJar(),
            on_exchange=lambda exchange: None,
            warn=pytest.fail,
        )
    finally:
        await client.close()


CREDENTIALS = base64.b64encode(f"{USER}:{PASSWORD}".encode())


def test_a_http_proxy_is_asked_for_a_url_without_tls_itself(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        seen: list[bytes] = []

        async def proxy(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            for _ in range(2):
                seen.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                await writer.drain()

        async with proxying(proxy) as port:
            monkeypatch.setenv("HTTP_PROXY", f"http://{ENCODED}@127.0.0.1:{port}")
            exchange = await get("http://proxied.test:81/a?b")
        assert (exchange.status, exchange.body) == (200, b"hi")
        assert (exchange.remote_ip, exchange.remote_port) == ("127.0.0.1", port)
        assert seen[0].startswith(
            b"GET http://proxied.test:81/a?b HTTP/1.1\r\nHost: proxied.test:81\r\n"
        )
        assert b"Proxy-Authorization: Basic " + CREDENTIALS in seen[0]
        assert exchange.sent_bytes == len(seen[0])
        assert "Proxy-Authorization" not in dict(exchange.request_headers)
        assert dict(exchange.request_headers)["X-Own"] == "1"

    run(main())


def test_a_http_proxy_is_asked_for_a_way_to_a_server_with_tls(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        seen: list[bytes] = []

        async def proxy(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            for piece in (ESTABLISHED[:20], ESTABLISHED[20:]):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            seen.append(await reader.read(3))

        async with proxying(proxy) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{ENCODED}@127.0.0.1:{port}")
            await get("https://proxied.test/")
        assert seen[0].startswith(b"CONNECT proxied.test:443 HTTP/1.1\r\n")
        assert b"Proxy-Authorization: Basic " + CREDENTIALS in seen[0]
        # The beginning of TLS, at the far end of the tunnel.
        assert seen[1][:2] == b"\x16\x03"

    run(main())


def test_a_proxy_that_hangs_is_blamed_for_http_too(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with proxying(silent) as port:
            monkeypatch.setenv("HTTP_PROXY", f"socks5://127.0.0.1:{port}")
            failure: Any = (await get("http://proxied.test/", 0.2)).failure
            assert (failure.code, failure.message) == (1210, "dial: the proxy failed")

    run(main())
