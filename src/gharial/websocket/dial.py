"""One TCP connection, made by hand so that it can be timed, bound and limited."""

import asyncio
import errno
import os
import socket

from gharial.websocket.dns import Address, parse_ip
from gharial.websocket.errors import PhaseError
from gharial.websocket.observer import FailureReason

_KEEP_ALIVE_S = 30

_WORDS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ENETUNREACH: "network is unreachable",
    errno.EHOSTUNREACH: "no route to host",
    errno.ETIMEDOUT: "connection timed out",
    errno.ECONNRESET: "connection reset by peer",
    errno.EMFILE: "too many open files; raise the limit, for example with 'ulimit -n'",
    errno.ENFILE: "too many open files in the system",
    errno.EADDRNOTAVAIL: "cannot assign requested address; the local ports of this "
    "address are used up, or it is not of this machine",
}

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
            await asyncio.get_running_loop().sock_connect(sock, address.sockaddr)
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
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, path)
    except OSError as error:
        sock.close()
        number = error.errno or 0
        words = _WORDS.get(number) or error.strerror or str(error)
        reason = _REASONS.get(number, FailureReason.DIAL)
        raise PhaseError(reason, f"dial unix {path}: {words}") from error
    except BaseException:
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


def _bind(sock: socket.socket, address: Address, local_address: str) -> None:
    local = parse_ip(local_address)
    wanted_version = 6 if address.family == socket.AF_INET6 else 4
    if local is None or local.version != wanted_version:
        raise PhaseError(
            FailureReason.DIAL,
            f"dial tcp {address}: bind: the local address {local_address!r} is not an "
            f"IPv{wanted_version} address, as the peer's is",
        )
    try:
        # Choose the port at connect, when the peer is known: otherwise one local port
        # serves one connection in all instead of one to each peer.
        if hasattr(socket, "IP_BIND_ADDRESS_NO_PORT"):
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind((local_address, 0))
    except OSError as error:
        raise dial_error(address, f"bind {local_address}", error) from error
