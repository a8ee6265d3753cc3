"""A NATS server with WebSockets, and a subscriber of it that says what it hears."""

import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

# A port of -1 is a free one.
CONFIG = """
host: 127.0.0.1
port: -1
websocket {{ host: 127.0.0.1, port: {port}, no_tls: true }}
"""
LISTENS = re.compile(r"Listening for (websocket|client) .*:(\d+)$")


def main() -> None:
    """Serve, on the port that is given or on a free one, until this process is killed."""
    program = Path(__file__).parent / "python/bin/nats-server"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nats.conf"
        config.write_text(CONFIG.format(port=int(sys.argv[1]) or -1))
        server = subprocess.Popen(
            [program, "-c", config], stderr=subprocess.PIPE, text=True
        )
        assert server.stderr is not None
        ports = {}
        for line in server.stderr:
            if found := LISTENS.search(line.rstrip()):
                ports[found[1]] = int(found[2])
            if "Server is ready" in line:
                break
        else:
            sys.exit("nats-server ended")
    subscribe(ports["client"], ports["websocket"])


def subscribe(port: int, websocket_port: int) -> None:
    """Hear all messages, whatever their subject."""
    with (
        socket.create_connection(("127.0.0.1", port)) as connection,
        connection.makefile("rb") as lines,
    ):
        connection.sendall(b'CONNECT {"verbose":false}\r\nSUB > 1\r\nPING\r\n')
        for line in lines:
            if line.startswith(b"PONG"):
                print("LISTENING", websocket_port, flush=True)
            elif line.startswith(b"PING"):
                connection.sendall(b"PONG\r\n")
            elif line.startswith(b"MSG "):
                print("HEARD", next(lines).decode().strip(), flush=True)


main()
