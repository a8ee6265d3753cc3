#!/usr/bin/env bash
# uvloop: `sock_connect` to a numeric address goes through its pool of resolver threads.
#
# Version: uvloop 0.23.0, CPython 3.11, Linux. Seen on 2026-11-30.
# Input: one `await loop.sock_connect(socket, ("127.0.0.1", port))` to a listening socket.
# Expected: no thread takes part. There is nothing to resolve, and asyncio's own loop
#   connects at once.
# Seen: uvloop hands the numeric address to getaddrinfo in libuv's thread pool, whose four
#   threads are started for it. So while four look-ups of slow names are under way, a
#   connection to a numeric address waits for one of them to end.
# Who meets it: whoever dials many addresses beside slow name servers and limits the time
#   that a connection may take. A non-blocking `connect` of one's own avoids it.
# Exit: 0 while this is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvloop==0.23.0 || exit 2

timeout 60 "$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import os
import socket
import sys

import uvloop


async def threads_started_by_a_connection() -> int:
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.socket()
    client.setblocking(False)
    before = len(os.listdir("/proc/self/task"))
    await asyncio.get_running_loop().sock_connect(client, server.getsockname())
    after = len(os.listdir("/proc/self/task"))
    client.close()
    server.close()
    return after - before


by_asyncio = asyncio.run(threads_started_by_a_connection())
by_uvloop = uvloop.run(threads_started_by_a_connection())
print("threads started by asyncio:", by_asyncio)
print("threads started by uvloop: ", by_uvloop)
is_as_seen = (by_asyncio, by_uvloop) == (0, 4)
print("as seen before" if is_as_seen else "this has changed")
sys.exit(not is_as_seen)
PYTHON
