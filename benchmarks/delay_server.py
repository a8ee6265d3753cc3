"""
A server that answers after known delays, and writes down what they really were.

A process of its own: it sends each message, and the payload of each ping as a pong, back
after a delay drawn from a seeded distribution. The truth is from the instant at which the
bytes came in, as the kernel saw it where it tells, to the instant before the answer is
written. It is single-threaded, on sockets without a library between, and its waits are
exact to a tenth of a millisecond, but nothing depends on that: what counts is written down.
"""

import argparse
import base64
import hashlib
import heapq
import json
import random
import select
import signal
import socket
import struct
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

# Linux, include/uapi/asm-generic/socket.h: SO_TIMESTAMPNS_OLD, which for TCP is the time at
# which the last bytes of a read came in, on the clock of the day.
SO_TIMESTAMPNS = 35
# RFC 6455 section 5.5 forbids longer control frames; messages here are short as well.
PAYLOAD_MAXIMUM_BYTES = 125
HANDSHAKE_SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LIFE_S = 600.0

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA

DISTRIBUTIONS: dict[str, Callable[[random.Random, int], float]] = {
    "none": lambda draw, number: 0.0,
    "constant": lambda draw, number: 20.0,
    "uniform": lambda draw, number: draw.uniform(5.0, 50.0),
    "bimodal": lambda draw, number: 5.0 if draw.random() < 0.7 else 40.0,
    "late": lambda draw, number: 10.0 if number % 1000 else 200.0,
}
"""Delays in milliseconds, by name, from a source of chance and the answer's number."""


class Connection:
    """One client: its bytes that are no whole frame yet."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.buffer = bytearray()
        self.is_upgraded = False

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield the opcode and the payload of each whole frame, and forget them."""
        buffer = self.buffer
        while len(buffer) >= 6:
            length = buffer[1] & 0x7F
            if length > PAYLOAD_MAXIMUM_BYTES or not buffer[1] & 0x80:
                raise ValueError("only short frames with a mask are understood")
            if len(buffer) < 6 + length:
                return
            mask = buffer[2:6]
            payload = bytes(
                byte ^ mask[index % 4]
                for index, byte in enumerate(buffer[6 : 6 + length])
            )
            opcode = buffer[0] & 0x0F
            del buffer[: 6 + length]
            yield opcode, payload


class DelayServer:
    """
    Serves until it is told to end.

    Attributes:
        delays_ms: The true delays of messages and of pings.

    """

    def __init__(self, distribution: str, seed: int) -> None:
        self._delay_ms = DISTRIBUTIONS[distribution]
        self._draw = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._listener.setblocking(False)
        self._poll = select.epoll()
        self._poll.register(self._listener.fileno(), select.EPOLLIN)
        self._connections: dict[int, Connection] = {}
        self._due: list[tuple[float, int, float, Connection, int, bytes]] = []
        self._sequence = 0
        self.delays_ms = {TEXT: array("d"), PING: array("d")}
        self.port = self._listener.getsockname()[1]
        self.is_over = False

    def serve(self) -> None:
        """Take, wait and answer."""
        until_s = time.monotonic() + LIFE_S
        while not self.is_over and time.monotonic() < until_s:
            wait_s = 0.2
            if self._due:
                wait_s = min(max(self._due[0][0] - time.monotonic(), 0.0), wait_s)
            # Waits of an epoll are whole milliseconds, those of select are not.
            select.select([self._poll.fileno()], [], [], wait_s)
            self._answer_due()
            for number, _ in self._poll.poll(0):
                if number == self._listener.fileno():
                    self._accept()
                else:
                    self._take(self._connections[number])
                self._answer_due()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            client.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._connections[client.fileno()] = Connection(client)
        self._poll.register(client.fileno(), select.EPOLLIN)

    def _take(self, connection: Connection) -> None:
        try:
            data, ancillary, _, _ = connection.client.recvmsg(65536, 64)
        except ConnectionError:
            data, ancillary = b"", []
        arrived_at_s = _arrived_at_s(ancillary)
        if not data:
            self._drop(connection)
            return
        connection.buffer += data
        if not connection.is_upgraded:
            _upgrade(connection)
            return
        for opcode, payload in connection.frames():
            if opcode == CLOSE:
                _send(connection.client, CLOSE, payload)
                self._drop(connection)
                return
            delay_s = self._delay_ms(self._draw, self._sequence) / 1e3
            self._sequence += 1
            heapq.heappush(
                self._due,
                (
                    arrived_at_s + delay_s,
                    self._sequence,
                    arrived_at_s,
                    connection,
                    opcode,
                    payload,
                ),
            )

    def _answer_due(self) -> None:
        due = self._due
        while due and due[0][0] <= time.monotonic():
            _, _, arrived_at_s, connection, opcode, payload = heapq.heappop(due)
            is_ping = opcode == PING
            now_s = time.monotonic()
            if _send(connection.client, PONG if is_ping else opcode, payload):
                delays_ms = self.delays_ms[PING if is_ping else TEXT]
                delays_ms.append((now_s - arrived_at_s) * 1e3)

    def _drop(self, connection: Connection) -> None:
        del self._connections[connection.client.fileno()]
        self._poll.unregister(connection.client.fileno())
        connection.client.close()


def _arrived_at_s(ancillary: list[tuple[int, int, bytes]]) -> float:
    """Return when the bytes just read came in, on the monotonic clock."""
    now_s, day_s = time.monotonic(), time.time()
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return now_s - (day_s - seconds - nanoseconds / 1e9)
    return now_s


def _upgrade(connection: Connection) -> None:
    head, separator, rest = bytes(connection.buffer).partition(b"\r\n\r\n")
    if not separator:
        return
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    fields = {name.strip().lower(): value.strip() for name, _, value in lines}
    key = fields[b"sec-websocket-key"]
    digest = hashlib.sha1(key + HANDSHAKE_SALT, usedforsecurity=False).digest()
    connection.client.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
        + base64.b64encode(digest)
        + b"\r\n\r\n"
    )
    connection.buffer = bytearray(rest)
    connection.is_upgraded = True


def _send(client: socket.socket, opcode: int, payload: bytes) -> bool:
    """Send a short frame; return whether the client was still there."""
    try:
        client.send(bytes((0x80 | opcode, len(payload))) + payload)
    except OSError:
        return False
    return True


def main() -> None:
    """Serve until terminated, then write the true delays to a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("distribution", choices=sorted(DISTRIBUTIONS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    server = DelayServer(arguments.distribution, arguments.seed)

    def end(number: int, frame: object) -> None:
        server.is_over = True

    signal.signal(signal.SIGTERM, end)
    print(server.port, flush=True)
    server.serve()
    delays = {"message": server.delays_ms[TEXT], "ping": server.delays_ms[PING]}
    arguments.file.write_text(
        json.dumps({name: list(values) for name, values in delays.items()})
    )


if __name__ == "__main__":
    main()
