"""A server in a thread that says all it has to say at once and is gone."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from memory_wire import CLOSE, server_frame
from safety_net import LIMIT_S

from gharial.websocket.handshake import accept_of

Conversation = Callable[[socket.socket], None]


def answer_of(request: bytes) -> bytes:
    """Return the answer that upgrades."""
    key = next(
        line.split(b":", 1)[1].strip()
        for line in request.split(b"\r\n")
        if line.lower().startswith(b"sec-websocket-key:")
    )
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept_of(key.decode()).encode()
        + b"\r\n\r\n"
    )


def request_of(sock: socket.socket) -> bytes:
    """Return the request to upgrade."""
    request = b""
    while b"\r\n\r\n" not in request:
        part = sock.recv(4096)
        assert part, "the client ended"
        request += part
    return request


def upgrade(sock: socket.socket) -> None:
    """Answer the request to upgrade."""
    sock.sendall(answer_of(request_of(sock)))


def close_frame(code: int, reason: bytes = b"") -> bytes:
    """Return a close frame."""
    return server_frame(CLOSE, struct.pack("!H", code) + reason)


def reset(sock: socket.socket) -> None:
    """End TCP by a reset once this socket is closed."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def serving_abruptly(
    converse: Conversation, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """
    Serve on a free port; give the URL.

    Each socket is closed when ``converse`` returns: TCP's end, without one of TLS's.
    """
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(sock: socket.socket) -> None:
        with suppress(OSError, AssertionError):
            # Else the kernel waits for more before it sends a short segment.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(LIMIT_S)
            if tls is not None:
                sock = tls.wrap_socket(sock, server_side=True)
            converse(sock)
        socket.socket(fileno=sock.detach()).close()

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        scheme = "ws" if tls is None else "wss"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        # A thread that waits in `accept` is woken by this, not by `close`.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
