"""Opening sockets to servers that behave, and to servers that do not."""

import asyncio
import contextlib
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import aiohttp.web
import pytest
import trustme
import uvloop
import websockets.asyncio.server
from default_settings import limits_with, network_with, tls_with
from safety_net import LIMIT_S

from gharial.lifecycle.event_loop import LoopErrors
from gharial.net.cookies import CookieJar
from gharial.net.failures import FailureReason
from gharial.net.network import Network
from gharial.net.settings import ClientCertificate, NetworkSettings, TlsSettings
from gharial.timing import system_clock
from gharial.websocket.extensions import DeflateOffer
from gharial.websocket.handshake import accept_of
from gharial.websocket.opening import Opened, OpeningError, open_transport
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.wire.stream import make_ready

Runner = Callable[[Awaitable[Any]], Any]
Respond = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Runner]:
    factory = uvloop.new_event_loop if request.param == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        yield runner.run  # type: ignore[misc]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def trusting(authority: trustme.CA, **fields: Any) -> TlsSettings:
    return tls_with(ca_certificates=(authority.cert_pem.bytes().decode(),), **fields)


def ready_network(settings: NetworkSettings | None = None) -> Network:
    """Return a network that has the descriptors open that it needs for itself."""
    network = Network(settings or network_with())
    network.loop()
    make_ready()
    return network


async def open_url(
    url: str,
    settings: NetworkSettings | None = None,
    *,
    network: Network | None = None,
    cookies: CookieJar | None = None,
    **fields: Any,
) -> Opened:
    network = network or Network(settings or network_with())
    request = OpeningRequest(url, **fields)
    return await open_transport(request, network, clock=system_clock(), cookies=cookies)


async def failure_of(
    url: str, settings: NetworkSettings | None = None, **fields: Any
) -> OpeningError:
    with pytest.raises(OpeningError) as caught:
        await open_url(url, settings, **fields)
    return caught.value


@contextlib.asynccontextmanager
async def raw_server(
    respond: Respond, context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve an answer of one's own making to whatever request."""
    handlers: set[asyncio.Task[None]] = set()

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        with contextlib.suppress(
            OSError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            head = await reader.readuntil(b"\r\n\r\n")
            await respond(head, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in handlers:
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


def saying(data: bytes) -> Respond:
    async def respond(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return respond


async def silent(_: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


def upgrade(head: bytes, extra: bytes = b"") -> bytes:
    key = next(
        line.split(b": ")[1]
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"sec-websocket-key")
    )
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: "
        + accept_of(key.decode()).encode()
        + b"\r\n\r\n"
        + extra
    )


@dataclass
class Collecting(asyncio.Protocol):
    """Stands in for the frame engine that takes the transport over."""

    data: bytes
    ended: asyncio.Event

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, error: Exception | None) -> None:
        self.ended.set()


async def rest_of(opened: Opened) -> bytes:
    protocol = Collecting(opened.leftover, asyncio.Event())
    opened.transport.set_protocol(protocol)
    opened.transport.resume_reading()
    await asyncio.wait_for(protocol.ended.wait(), LIMIT_S)
    return protocol.data


async def open_files() -> int:
    # Transports close in callbacks of their own.
    for _ in range(5):
        await asyncio.sleep(0.005)
    return count_files()


def test_websockets_server_is_opened(run: Runner) -> None:
    async def main() -> None:
        async def handle(connection: Any) -> None:
            await connection.wait_closed()

        async with websockets.asyncio.server.serve(
            handle,
            "127.0.0.1",
            0,
            subprotocols=["b"],  # type: ignore[list-item]
        ) as server:
            port = server.sockets[0].getsockname()[1]
            opened = await open_url(
                f"ws://127.0.0.1:{port}/", protocols=("a", "b"), deflate=DeflateOffer()
            )
            opened.transport.abort()
        assert opened.protocol == opened.facts.protocol == "b"
        assert opened.deflate is not None
        assert opened.extensions.startswith("permessage-deflate")
        facts = opened.facts
        assert (facts.status, facts.ip, facts.failure) == (101, "127.0.0.1", None)
        assert facts.dns_s is None
        assert facts.tls_s is None
        assert facts.tcp_s is not None
        assert facts.upgrade_s is not None
        assert facts.tcp_s + facts.upgrade_s <= facts.ended_at_s - facts.started_at_s
        assert facts.sent_bytes > 0
        assert facts.received_bytes > 0

    run(main())


@pytest.mark.parametrize("secure", [False, True])
def test_aiohttp_server_is_opened_and_its_cookies_kept(
    run: Runner, authority: trustme.CA, secure: bool
) -> None:
    async def handle(request: aiohttp.web.Request) -> aiohttp.web.WebSocketResponse:
        answer = aiohttp.web.WebSocketResponse()
        answer.set_cookie("seen", request.cookies.get("seen", "nothing"))
        await answer.prepare(request)
        await answer.send_str(request.headers["X-Mine"])
        await answer.close()
        return answer

    async def main() -> None:
        application = aiohttp.web.Application()
        application.router.add_get("/chat", handle)
        runner = aiohttp.web.AppRunner(application)
        await runner.setup()
        context = server_context(authority) if secure else None
        site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        try:
            port = runner.addresses[0][1]
            url = f"{'wss' if secure else 'ws'}://localhost:{port}/chat"
            jar = CookieJar()
            settings = network_with(tls=trusting(authority))
            opened = await open_url(
                url, settings, cookies=jar, headers=(("X-Mine", "hello"),)
            )
            assert jar.header_for(url) == "seen=nothing"
            assert (opened.facts.tls_s is not None) is secure
            opened.transport.abort()
        finally:
            await runner.cleanup()

    run(main())


@pytest.mark.parametrize("secure", [False, True])
def test_no_byte_is_lost_between_the_answer_and_the_frames(
    run: Runner, authority: trustme.CA, secure: bool
) -> None:
    frames = os.urandom(300_000)

    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(upgrade(head, frames[:1000]))
        await asyncio.sleep(0.02)
        writer.write(frames[1000:])
        await writer.drain()

    async def main() -> None:
        context = server_context(authority) if secure else None
        async with raw_server(respond, context) as port:
            url = f"{'wss' if secure else 'ws'}://localhost:{port}/"
            opened = await open_url(url, network_with(tls=trusting(authority)))
            await asyncio.sleep(0.05)
            assert await rest_of(opened) == frames

    run(main())


@pytest.mark.parametrize(
    ("answer", "reason", "cause"),
    [
        (
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy",
            FailureReason.HANDSHAKE_STATUS,
            "websocket: bad handshake: status 503 Service Unavailable",
        ),
        (
            b"HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: bm9uc2Vuc2U=\r\n\r\n",
            FailureReason.HANDSHAKE,
            "websocket: bad handshake: bad Sec-WebSocket-Accept",
        ),
        (b"", FailureReason.HANDSHAKE, "closed the connection without an answer"),
        (b"\x15\x03\x01garbage", FailureReason.HANDSHAKE, "malformed HTTP response"),
        (b"HTTP/1.1 101 Swit", FailureReason.HANDSHAKE, "in the middle of its answer"),
        (b"HTTP/1.1 200 " + b"x" * 70_000, FailureReason.HANDSHAKE, "larger than"),
    ],
)
def test_a_server_that_misbehaves_is_named(
    run: Runner, answer: bytes, reason: FailureReason, cause: str
) -> None:
    async def main() -> None:
        async with raw_server(saying(answer)) as port:
            network = ready_network()
            before = await open_files()
            error = await failure_of(f"ws://127.0.0.1:{port}/", network=network)
            assert error.failure.reason is reason
            assert cause in error.failure.message
            assert error.facts.failure == error.failure
            assert await open_files() <= before

    run(main())


def reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 101 Switch"])
@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_reset_before_the_answer_is_called_a_reset(
    run: Runner, scheme: str, part: bytes, authority: trustme.CA
) -> None:
    async def respond(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(part)
        reset(writer)

    async def main() -> None:
        context = server_context(authority) if scheme == "wss" else None
        settings = network_with(tls=trusting(authority))
        async with raw_server(respond, context) as port:
            for _ in range(10):
                error = await failure_of(f"{scheme}://127.0.0.1:{port}/", settings)
                assert error.failure.reason is FailureReason.RESET
                assert "reset" in error.failure.message

    run(main())


def test_a_reset_in_the_handshake_of_tls_is_called_a_reset(run: Runner) -> None:
    async def main() -> None:
        async def handle(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await reader.read(10)
            reset(writer)

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            error = await failure_of(f"wss://127.0.0.1:{port}/")
        assert error.failure.reason is FailureReason.TLS
        assert "connection reset by peer; does this port" in error.failure.message

    run(main())


def test_a_refusal_keeps_status_headers_and_body(run: Runner) -> None:
    async def main() -> None:
        answer = b"HTTP/1.1 403 No\r\nX-Why: because\r\nContent-Length: 4\r\n\r\nbusy"
        async with raw_server(saying(answer)) as port:
            error = await failure_of(f"ws://127.0.0.1:{port}/")
        response = error.failure.response
        assert response is not None
        assert (response.status, response.status_text) == (403, "No")
        assert ("X-Why", "because") in response.headers
        assert response.body == b"busy"
        assert error.facts.status == 403

    run(main())


def test_each_phase_has_its_own_limit(run: Runner) -> None:
    limits = limits_with(tls_timeout_s=0.05, handshake_timeout_s=0.05)

    async def main() -> None:
        async with raw_server(silent) as port:
            network = ready_network(network_with(limits=limits))
            before = await open_files()
            plain = await failure_of(f"ws://127.0.0.1:{port}/", network=network)
            assert plain.failure.reason is FailureReason.HANDSHAKE_TIMEOUT
            secure = await failure_of(f"wss://127.0.0.1:{port}/", network=network)
            assert secure.failure.reason is FailureReason.TLS
            assert "timeout" in secure.failure.message
            # The server's own ends of the two may still be open.
            assert await open_files() <= before + 2

    run(main())


def test_a_dial_that_is_not_answered_ends_at_its_limit(run: Runner) -> None:
    async def main() -> None:
        # A full backlog makes the kernel drop what else comes.
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            port = full.getsockname()[1]
            fillers = []
            for _ in range(8):
                filler = socket.socket()
                filler.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    filler.connect(("127.0.0.1", port))
                fillers.append(filler)
            settings = network_with(limits=limits_with(dial_timeout_s=0.05))
            error = await failure_of(f"ws://127.0.0.1:{port}/", settings)
            for filler in fillers:
                filler.close()
        assert error.failure.reason is FailureReason.DIAL_TIMEOUT
        assert f"dial tcp 127.0.0.1:{port}: i/o timeout" in error.failure.message

    run(main())


def test_a_closed_port_refuses(run: Runner) -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        error = await failure_of(f"ws://127.0.0.1:{port}/")
        assert error.failure.reason is FailureReason.REFUSED
        wanted = f"dial tcp 127.0.0.1:{port}: connect: connection refused"
        assert str(error) == wanted

    run(main())


def test_blocked_ranges_and_wrong_local_addresses_fail(run: Runner) -> None:
    async def main() -> None:
        settings = network_with(blacklist_ips=(ip_network("127.0.0.0/8"),))
        blocked = await failure_of("ws://127.0.0.1:9/", settings)
        assert blocked.failure.reason is FailureReason.BLOCKED
        wrong = await failure_of("ws://127.0.0.1:9/", local_address="::1")
        assert wrong.failure.reason is FailureReason.DIAL
        assert "bind" in wrong.failure.message

    run(main())


def test_the_local_address_is_used(run: Runner) -> None:
    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")[0]
        writer.write(upgrade(head, peer.encode()))
        await writer.drain()

    async def main() -> None:
        async with raw_server(respond) as port:
            url = f"ws://127.0.0.1:{port}/"
            opened = await open_url(url, local_address="127.0.0.7")
            assert await rest_of(opened) == b"127.0.0.7"

    run(main())


def test_an_unknown_authority_is_a_certificate_failure(
    run: Runner, authority: trustme.CA
) -> None:
    async def main() -> None:
        async with raw_server(silent, server_context(authority)) as port:
            network = ready_network()
            before = await open_files()
            error = await failure_of(f"wss://localhost:{port}/", network=network)
            assert error.failure.reason is FailureReason.CERTIFICATE
            assert "--ca-cert" in error.failure.message
            assert "--insecure-skip-tls-verify" in error.failure.message
            assert await open_files() <= before

    run(main())


def test_verification_can_be_switched_off(run: Runner, authority: trustme.CA) -> None:
    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(upgrade(head))
        await writer.drain()

    async def main() -> None:
        async with raw_server(respond, server_context(authority)) as port:
            settings = network_with(tls=tls_with(insecure_skip_tls_verify=True))
            opened = await open_url(f"wss://127.0.0.1:{port}/", settings)
            opened.transport.abort()

    run(main())


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"hi\n", b""])
def test_a_plain_server_fails_tls(
    run: Runner, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async def handle(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await reader.read(10)
            writer.write(answer)
            writer.close()

        told: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: told.append(context)
        )
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            error = await failure_of(f"wss://localhost:{port}/")
        assert error.failure.reason is FailureReason.TLS
        assert error.failure.message.startswith("tls: handshake with localhost")
        assert "does this port speak TLS? try ws://" in error.failure.message
        handler = LoopErrors()
        for context in told:
            handler(asyncio.get_running_loop(), context)
        assert not caplog.records

    run(main())


@pytest.mark.parametrize(
    "answer",
    [
        # OpenSSL's alert, nothing at all, nginx, Go.
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"",
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 53\r\n\r\n"
        b"400 The plain HTTP request was sent to HTTPS port\r\n\r\n",
        b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.",
    ],
)
def test_a_server_that_waits_for_tls_is_recognised(run: Runner, answer: bytes) -> None:
    async def main() -> None:
        async with raw_server(saying(answer)) as port:
            error = await failure_of(f"ws://localhost:{port}/")
        assert "does this port speak TLS? try wss://" in error.failure.message

    run(main())


def test_a_server_that_has_answered_before_is_not_suspected(run: Runner) -> None:
    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        if b"/good" in head:
            writer.write(upgrade(head))
            await writer.drain()

    async def main() -> None:
        async with raw_server(respond) as port:
            network = Network(network_with())
            messages = []
            for path in ("bad", "good", "bad"):
                request = OpeningRequest(f"ws://127.0.0.1:{port}/{path}")
                try:
                    opened = await open_transport(
                        request, network, clock=system_clock()
                    )
                except OpeningError as error:
                    messages.append(error.failure.message)
                else:
                    opened.transport.abort()
        first, second = messages
        assert first == f"{second}; does this port speak TLS? try wss://"

    run(main())


def test_a_real_tls_server_is_recognised(run: Runner, authority: trustme.CA) -> None:
    async def main() -> None:
        async with raw_server(silent, server_context(authority)) as port:
            error = await failure_of(f"ws://localhost:{port}/")
        assert "does this port speak TLS? try wss://" in error.failure.message

    run(main())


def test_a_wrong_name_is_not_told_to_name_an_authority(
    run: Runner, authority: trustme.CA
) -> None:
    async def main() -> None:
        async with raw_server(silent, server_context(authority)) as port:
            settings = network_with(
                tls=trusting(authority), hosts={"a.test": "127.0.0.1"}
            )
            error = await failure_of(f"wss://a.test:{port}/", settings)
        assert error.failure.reason is FailureReason.CERTIFICATE
        assert "use a name that it has" in error.failure.message
        assert "--ca-cert" not in error.failure.message

    run(main())


def test_a_client_certificate_is_shown_and_keys_are_logged(
    run: Runner,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = server_context(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    mine = authority.issue_cert("me@example.com")
    certificate = ClientCertificate(
        cert=mine.cert_chain_pems[0].bytes().decode(),
        key=mine.private_key_pem.bytes().decode(),
        domains=("localhost",),
    )

    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert")
        writer.write(upgrade(head, b"shown" if shown else b"none"))
        await writer.drain()

    async def main() -> None:
        async with raw_server(respond, context) as port:
            tls = trusting(authority, tls_auth=(certificate,))
            opened = await open_url(f"wss://localhost:{port}/", network_with(tls=tls))
            assert await rest_of(opened) == b"shown"

    run(main())
    assert "SECRET" in (tmp_path / "keys").read_text()


@pytest.mark.parametrize("secure", [False, True])
def test_cancelling_at_any_point_leaves_nothing_open(
    run: Runner, authority: trustme.CA, secure: bool
) -> None:
    async def main() -> None:
        context = server_context(authority) if secure else None
        async with raw_server(silent, context) as port:
            url = f"{'wss' if secure else 'ws'}://localhost:{port}/"
            settings = network_with(tls=trusting(authority))
            network = Network(settings)
            mine_before = connected_to(port)
            for turns in (0, 1, 2, 3, 5, 8, 13, 40):
                task = asyncio.ensure_future(
                    open_transport(OpeningRequest(url), network, clock=system_clock())
                )
                for _ in range(turns):
                    await asyncio.sleep(0.0005)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await open_files()
            assert connected_to(port) == mine_before

    run(main())


def count_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def connected_to(port: int) -> int:
    """Count this process's client sockets to a port."""
    count = 0
    for path in [*Path("/proc/self/fd").iterdir()]:
        with contextlib.suppress(OSError):
            duplicate = os.dup(int(path.name))
            try:
                sock = socket.socket(fileno=duplicate)
            except OSError:
                os.close(duplicate)
                continue
            with sock:
                if sock.family == socket.AF_INET:
                    count += sock.getpeername()[1] == port
    return count


@pytest.mark.parametrize(
    ("error", "reason", "is_logged"),
    [
        (ConnectionResetError(104, "Reset"), FailureReason.RESET, False),
        (OSError(107, "Not connected"), FailureReason.DIAL, False),
        (RuntimeError("Odd"), FailureReason.DIAL, True),
    ],
)
def test_whatever_goes_wrong_a_socket_fails(
    run: Runner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    reason: FailureReason,
    is_logged: bool,
) -> None:
    def fail(*arguments: Any, **options: Any) -> Any:
        raise error

    monkeypatch.setattr("gharial.websocket.opening.check_response", fail)

    async def main() -> None:
        async with raw_server(saying(b"HTTP/1.1 101 x\r\n\r\n")) as port:
            network = ready_network()
            before = await open_files()
            failed = await failure_of(f"ws://127.0.0.1:{port}/", network=network)
            found = failed.failure
            assert await open_files() <= before
        assert found.reason is reason
        assert found.message.startswith("websocket: bad handshake: ")
        assert bool(caplog.records) is is_logged

    run(main())


def test_a_cached_name_is_resolved_once(run: Runner) -> None:
    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(upgrade(head))
        await writer.drain()

    async def main() -> None:
        async with raw_server(respond) as port:
            network = Network(network_with())
            request = OpeningRequest(f"ws://localhost:{port}/")
            times = []
            for _ in range(2):
                opened = await open_transport(request, network, clock=system_clock())
                times.append(opened.facts.dns_s)
                opened.transport.abort()
        assert times[0] is not None
        assert times[1] is None

    run(main())
