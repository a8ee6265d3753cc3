"""Servers that mean no good, or are half dead: each costs its limit and no more."""

import asyncio
from pathlib import Path
from typing import TypeAlias

import pytest
from default_settings import limits_with
from memory_wire import BINARY, TEXT, server_frame
from script_runs import Run, javascript, run, serving_bytes
from test_javascript_sockets import upgrade

from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter

LIMITS = limits_with(
    dial_timeout_s=0.5,
    tls_timeout_s=0.5,
    handshake_timeout_s=0.3,
    close_timeout_s=0.3,
    max_message_size_bytes=10_000,
)

SCRIPT = """
import { WebSocket } from 'k6/websockets';
export default function () {
  const ws = new WebSocket(__ENV.URL.replace(/^ws/, '%s'));
  const seen = [];
  ws.onopen = () => seen.push('open');
  ws.onmessage = () => seen.push('message');
  ws.onerror = () => seen.push('error');
  ws.onclose = (e) => console.log([...seen, e.code].join());
}
"""


def run_against(tmp_path: Path, server: object, *, scheme: str = "ws") -> Run:
    host = javascript(tmp_path, SCRIPT % scheme)
    result = run(host, servers=(serving_bytes(server),), limits=LIMITS)  # type: ignore[arg-type]
    assert result.outcomes == [IterationOutcome.COMPLETED], result.log
    return result


async def silent(reader: Reader, writer: Writer) -> None:
    await reader.read(-1)


async def one_byte_at_a_time(reader: Reader, writer: Writer) -> None:
    for byte in b"HTTP/1.1 101 Switching Protocols\r\n" * 100:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


async def endless_header(reader: Reader, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    for _ in range(2_000):
        writer.write(b"X-Header: " + b"x" * 1_000 + b"\r\n")
        await writer.drain()


async def garbage(reader: Reader, writer: Writer) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\x00\xff\xfe not HTTP at all\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize(
    ("server", "scheme", "reason"),
    [
        pytest.param(silent, "ws", "handshake_timeout", id="silent after TCP"),
        pytest.param(silent, "wss", "tls", id="silent in TLS"),
        pytest.param(one_byte_at_a_time, "ws", "handshake_timeout", id="trickle"),
        pytest.param(endless_header, "ws", "handshake", id="endless header"),
        pytest.param(garbage, "ws", "handshake", id="garbage"),
    ],
)
def test_an_upgrade_that_never_comes_right_ends_in_time(
    tmp_path: Path, server: object, scheme: str, reason: str
) -> None:
    result = run_against(tmp_path, server, scheme=scheme)
    assert result.console == ["error,1006"]
    # A server that never reads the request may reset TCP instead.
    reasons = {reason, "reset"} if server is endless_header else {reason}
    assert sum(result.total("ws_errors", reason=each) for each in reasons) == 1


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        pytest.param(server_frame(TEXT, b"\xff"), "protocol", id="no UTF-8"),
        pytest.param(server_frame(TEXT, b"x", mask=b"abcd"), "protocol", id="masked"),
        pytest.param(server_frame(TEXT, b"x", reserved=4), "protocol", id="RSV1"),
        pytest.param(server_frame(3, b"x"), "protocol", id="opcode"),
        pytest.param(server_frame(BINARY, bytes(10_001)), "too_big", id="too big"),
    ],
)
def test_a_broken_protocol_fails_the_socket(
    tmp_path: Path, frames: bytes, reason: str
) -> None:
    async def server(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        writer.write(frames)
        await writer.drain()
        # It never ends TCP by itself.
        await reader.read(-1)

    result = run_against(tmp_path, server)
    assert result.console == ["open,error,1006"]
    assert result.total("ws_errors", reason=reason) == 1


@pytest.mark.slow
def test_a_flood_is_left_in_the_network_while_the_script_sleeps(tmp_path: Path) -> None:
    sent = 0

    async def flood(reader: Reader, writer: Writer) -> None:
        nonlocal sent
        await upgrade(reader, writer)
        chunk = server_frame(BINARY, bytes(1_000)) * 100
        # Far more than the buffers of the kernel hold.
        for _ in range(2_000):
            writer.write(chunk)
            await writer.drain()
            sent += len(chunk)

    async def look(user: VirtualUser) -> None:
        await asyncio.sleep(0.8)
        # What was sent is in the kernel's buffers; a thousand messages wait with us.
        assert 0 < sent < 30_000_000

    script = """
    import { WebSocket } from 'k6/websockets';
    import { sleep } from 'k6';
    export default function () {
      const ws = new WebSocket(__ENV.URL);
      let count = 0;
      ws.onmessage = () => { count += 1; if (count === 1) sleep(1); };
      ws.onclose = () => console.log(count);
    }"""
    result = run(
        javascript(tmp_path, script), servers=(serving_bytes(flood),), during=look
    )
    assert result.console == ["200000"]
