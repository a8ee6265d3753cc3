#!/usr/bin/env bash
# uvloop: a reader is not called again when a TCP reset follows the data it has read.
#
# Version: uvloop 0.23.0, CPython 3.11, Linux. Seen on 2026-11-30.
# Input: a peer on loopback sends one byte and then resets the connection. A reader
#   registered with `loop.add_reader` reads once each time it is called.
# Expected: it is called a second time, where `recv` raises ConnectionResetError. The file
#   descriptor stays readable, and asyncio's own loop calls the reader again.
# Seen: uvloop calls it once. The reset is noticed only at the next write.
# Who meets it: whoever reads a socket by `add_reader` and stops after a short read. Reading
#   until `recv` would block avoids it.
# Exit: 0 while this is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvloop==0.23.0 || exit 2

timeout 60 "$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import socket
import struct
import sys

import uvloop


async def what_a_reader_gets() -> list[str]:
    loop = asyncio.get_running_loop()
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    client.setblocking(False)
    peer, _ = server.accept()
    got: list[str] = []
    is_over = asyncio.Event()

    def read() -> None:
        try:
            got.append(repr(client.recv(65_536)))
        except OSError as error:
            got.append(type(error).__name__)
            is_over.set()

    peer.sendall(b"x")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    loop.add_reader(client, read)
    try:
        await asyncio.wait_for(is_over.wait(), 3)
    except TimeoutError:
        got.append("nothing more in 3 s")
    loop.remove_reader(client)
    client.close()
    server.close()
    return got[:2]


by_asyncio = asyncio.run(what_a_reader_gets())
by_uvloop = uvloop.run(what_a_reader_gets())
print("asyncio:", *by_asyncio)
print("uvloop: ", *by_uvloop)
is_as_seen = by_asyncio == ["b'x'", "ConnectionResetError"] and by_uvloop == [
    "b'x'",
    "nothing more in 3 s",
]
print("as seen before" if is_as_seen else "this has changed")
sys.exit(not is_as_seen)
PYTHON
