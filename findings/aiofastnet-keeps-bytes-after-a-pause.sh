#!/usr/bin/env bash
# aiofastnet: after a pause, TLS keeps back what it has already decrypted.
#
# Version: aiofastnet 1.2.0, trustme 1.2.1, CPython 3.11, Linux. Seen on 2026-11-30.
# Input: over TLS on loopback, a server sends four records of 1 KiB in one write and then
#   nothing. The client's protocol calls `pause_reading()` when the first bytes come, and
#   `resume_reading()` 0.2 s later.
# Expected: all 4 KiB arrive soon after `resume_reading()`, as with asyncio's own TLS.
# Seen: with aiofastnet the rest stays in the TLS engine until the peer sends something
#   more.
# Who meets it: whoever holds back a fast sender over TLS. Taking what the engine holds
#   before reading from the socket again avoids it.
# Exit: 0 while this is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  aiofastnet==1.2.0 trustme==1.2.1 || exit 2

timeout 60 "$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import ssl
import sys

import aiofastnet
import trustme

SIZE = 4 * 1024
writers: list[asyncio.StreamWriter] = []
authority = trustme.CA()
server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
authority.issue_cert("localhost").configure_cert(server_context)
client_context = ssl.create_default_context()
authority.configure_trust(client_context)


class Pausing(asyncio.BufferedProtocol):
    def __init__(self) -> None:
        self.got = 0
        self.buffer = bytearray(1024)
        self.has_paused = False

    def connection_made(self, transport) -> None:
        self.transport = transport

    def get_buffer(self, size_hint: int) -> bytearray:
        return self.buffer

    def buffer_updated(self, size: int) -> None:
        self.got += size
        if not self.has_paused:
            self.has_paused = True
            self.transport.pause_reading()
            asyncio.get_running_loop().call_later(0.2, self.transport.resume_reading)


async def serve(reader, writer) -> None:
    await asyncio.sleep(0.2)
    for _ in range(4):
        writer.write(bytes(1024))
    # Open, and silent, until the end of this program.
    writers.append(writer)


async def bytes_within_two_seconds(connect) -> int:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context)
    port = server.sockets[0].getsockname()[1]
    transport, protocol = await connect(port)
    await asyncio.sleep(2)
    got = protocol.got
    transport.abort()
    server.close()
    return got


async def main() -> tuple[int, int]:
    loop = asyncio.get_running_loop()
    options = {"ssl": client_context, "server_hostname": "localhost"}
    by_asyncio = await bytes_within_two_seconds(
        lambda port: loop.create_connection(Pausing, "127.0.0.1", port, **options)
    )
    by_aiofastnet = await bytes_within_two_seconds(
        lambda port: aiofastnet.create_connection(
            loop, Pausing, "127.0.0.1", port, **options
        )
    )
    return by_asyncio, by_aiofastnet


by_asyncio, by_aiofastnet = asyncio.run(main())
print(f"asyncio:    {by_asyncio} of {SIZE} bytes within 2 s")
print(f"aiofastnet: {by_aiofastnet} of {SIZE} bytes within 2 s")
is_as_seen = by_asyncio == SIZE and by_aiofastnet < SIZE
print("as seen before" if is_as_seen else "this has changed")
sys.exit(not is_as_seen)
PYTHON
