"""Opens one TCP connection, timed, limited, and bound to a local address."""

import asyncio
import errno
import os
import socket
import sys
from typing import Any

from gharial.net.dns import Address, parse_ip
from gharial.net.failures import FailureReason, PhaseError

_KEEP_ALIVE_S = 30
_BACKLOG_PAUSE_S = 0.01

_WORDS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ENETUNREACH: "network is unreachable",
    errno.EHOSTUNREACH: "no route to host",
    errno.ETIMEDOUT: "connection timed out",
    errno.ECONNRESET: "connection reset by peer",
    errno.EMFILE: "too many open files; raise the limit, for example with 'ulimit -n'",
    errno.ENFILE: "too many open files in the system",
    errno.EADDRNOTAVAIL: "cannot assign requested address; the local ports of this "
    "address are used up, or it is not an address of this machine",
}

_IN_PROGRESS = (errno.EINPROGRESS, errno.EALREADY, errno.EINTR, errno.EWOULDBLOCK)

_REASONS = {
    errno.ECONNREFUSED: FailureReason.REFUSED,
    errno.ENETUNREACH: FailureReason.UNREACHABLE,
    errno.EHOSTUNREACH: FailureReason.UNREACHABLE,
    errno.ETIMEDOUT: FailureReason.DIAL_TIMEOUT,
}


async def connect(address: Address, local_address: str = "") -> socket.socket:
    """
    Return a connected, non-blocking socket that the caller owns.

    Args:
        address: Where to connect to.
        local_address: The address to connect from, empty for any.

    Raises:
        PhaseError: If it cannot be connected, with Go's wording of the cause.

    """
    try:
        sock = socket.socket(address.family, socket.SOCK_STREAM)
    except OSError as error:
        raise dial_error(address, "socket", error) from error
    try:
        sock.setblocking(False)
        if local_address:
            _bind(sock, address, local_address)
        try:
            await _connect(sock, address.sockaddr)
        except OSError as error:
            raise dial_error(address, "connect", error) from error
        set_options(sock)
    except BaseException:
        sock.close()
        raise
    return sock


async def connect_unix(path: str) -> socket.socket:
    """
    Return a socket that is connected to a Unix socket, for the caller to own.

    Raises:
        PhaseError: If it cannot be connected.

    """
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        raise PhaseError(
            FailureReason.DIAL, f"dial unix {path}: this system has no Unix sockets"
        )
    sock: socket.socket | None = None
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        # Linux says at once, where TCP would wait, that the server's backlog is full.
        while not await _connect(sock, path):  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(_BACKLOG_PAUSE_S)
    except (OSError, ValueError) as error:
        if sock is not None:
            sock.close()
        number = getattr(error, "errno", None) or 0
        words = _WORDS.get(number) or getattr(error, "strerror", None) or str(error)
        reason = _REASONS.get(number, FailureReason.DIAL)
        raise PhaseError(reason, f"dial unix {path}: {words}") from error
    except BaseException:
        if sock is not None:
            sock.close()
        raise
    return sock


def set_options(sock: socket.socket) -> None:
    """Switch off Nagle's algorithm and switch on keep-alive probes."""
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
            option = getattr(socket, name, None)
            if option is not None:
                sock.setsockopt(socket.IPPROTO_TCP, option, _KEEP_ALIVE_S)
    except OSError:
        # The peer may have reset the connection already (macOS: EINVAL); the upgrade
        # will find out and say so.
        pass


def dial_error(address: Address, step: str, error: OSError) -> PhaseError:
    """Return what an error of the operating system means for a dial."""
    number = error.errno or 0
    words = _WORDS.get(number) or (os.strerror(number) if number else str(error))
    reason = _REASONS.get(number, FailureReason.DIAL)
    return PhaseError(reason, f"dial tcp {address}: {step}: {words}")


async def _connect(sock: socket.socket, sockaddr: tuple[Any, ...] | str) -> bool:
    """
    Connect a socket; False if the server's backlog is full, and it may be tried again.

    The loop's own ``sock_connect`` is not used where it can be avoided: uvloop's asks
    ``getaddrinfo`` in one of four threads, for an address as for a name, so that a name
    server that does not answer holds up connections to addresses.

    Raises:
        OSError: If it cannot be connected.

    """
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        await loop.sock_connect(sock, sockaddr)
        return True
    number = sock.connect_ex(sockaddr)
    if number == errno.EINPROGRESS and sys.platform == "linux":
        # On the loopback interface the connection is there by now. To ask costs 1 µs,
        # to wait for it in the event loop 60 to 100 µs.
        number = sock.connect_ex(sockaddr)
    if number == errno.EAGAIN and isinstance(sockaddr, str):
        return False
    if number in _IN_PROGRESS:
        await _writable(loop, sock)
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number not in (0, errno.EISCONN):
        raise OSError(number, os.strerror(number))
    return True


async def _writable(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
    """Wait until a socket is connected, or has failed to."""
    ready: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_writer(sock, tell)
    try:
        await ready
    finally:
        loop.remove_writer(sock)


def _bind(sock: socket.socket, address: Address, local_address: str) -> None:
    local = parse_ip(local_address)
    wanted_version = 6 if address.family == socket.AF_INET6 else 4
    if local is None or local.version != wanted_version:
        raise PhaseError(
            FailureReason.DIAL,
            f"dial tcp {address}: bind: the local address {local_address!r} is not an "
            f"IPv{wanted_version} address like the peer's",
        )
    try:
        # Choose the port at connect, when the peer is known: otherwise one local port
        # serves one connection in all instead of one to each peer.
        if hasattr(socket, "IP_BIND_ADDRESS_NO_PORT"):
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind((local_address, 0))
    except OSError as error:
        raise dial_error(address, f"bind {local_address}", error) from error
