#!/usr/bin/env bash
# Tornado: an offer of permessage-deflate with a window of 8 bits is answered with 500.
#
# Version: tornado 6.6.1, CPython 3.11. Seen on 2026-11-30.
# Input: an opening handshake with
#   `Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8`, to a handler
#   that has compression switched on.
# Expected: 101. RFC 7692 section 7.1.2.1 allows 8 to 15, and a server that cannot do a
#   window of 8 declines the offer and goes on without compression, as websockets and
#   aiohttp do.
# Seen: 101 for 9 bits, but "500 Internal Server Error" for 8: the compressor that zlib
#   refuses to make is made after the offer was accepted.
# Exit: 0 while this is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tornado==6.6.1 || exit 2

timeout 60 "$folder/venv/bin/python" - 2> "$folder/errors" <<'PYTHON'
import asyncio
import base64
import os
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    def get_compression_options(self) -> dict:
        return {}


async def answer_to(port: int, window_bits: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        "\r\n".join(
            [
                "GET / HTTP/1.1",
                f"Host: 127.0.0.1:{port}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                f"Sec-WebSocket-Key: {key}",
                "Sec-WebSocket-Extensions: permessage-deflate; "
                f"server_max_window_bits={window_bits}",
                "\r\n",
            ]
        ).encode()
    )
    line = (await asyncio.wait_for(reader.readline(), 10)).decode()
    writer.close()
    return line.split()[1]


async def main() -> list[str]:
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([("/", Echo)]))
    server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    return [await answer_to(port, window_bits) for window_bits in (9, 8)]


with_9, with_8 = asyncio.run(main())
print("window of 9 bits:", with_9)
print("window of 8 bits:", with_8)
is_as_seen = (with_9, with_8) == ("101", "500")
print("as seen before" if is_as_seen else "this has changed")
sys.exit(not is_as_seen)
PYTHON
