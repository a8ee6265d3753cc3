"""
Asks a proxy for a tunnel to a server, on a socket to that proxy.

Source:
    RFC 9110 section 9.3.6 (CONNECT), RFC 7617 (its password), RFC 1928 and RFC 1929
    (SOCKS 5), the protocol SOCKS 4A.
"""

import asyncio
import base64
import socket
from enum import Enum

from gharial.errors import GharialError
from gharial.lazy_dataclass import dataclass
from gharial.net.answer import AnswerError, ResponseParser
from gharial.net.dns import join_host_port, parse_ip

_TOOK_USER = 0x02
_NO_METHOD = 0xFF
_SOCKS4_GRANTED = 0x5A
_SOCKS5_REPLIES = {
    0x01: "general failure",
    0x02: "the connection is not allowed by its rules",
    0x03: "the network is unreachable",
    0x04: "the host is unreachable",
    0x05: "the server refused the connection",
    0x06: "the time to live has expired",
    0x07: "it does not know CONNECT",
    0x08: "it does not know this type of address",
}
_SOCKS4_REPLIES = {
    0x5B: "the connection is refused or failed",
    0x5C: "it cannot ask identd for the user",
    0x5D: "identd names another user",
}


class ProxyKind(Enum):
    """What a proxy speaks."""

    HTTP = "http"
    SOCKS4 = "socks4"
    SOCKS5 = "socks5"


@dataclass(frozen=True, slots=True)
class ProxyLogin:
    """
    Who we are to a proxy.

    Attributes:
        user: The user's name, as bytes go over the wire.
        password: The password, likewise.

    """

    user: bytes
    password: bytes

    @property
    def basic(self) -> str:
        """The value of ``Proxy-Authorization``."""
        pair = self.user + b":" + self.password
        return f"Basic {base64.b64encode(pair).decode()}"


class TunnelError(GharialError):
    """
    A proxy does not connect us.

    Attributes:
        cause: Why.

    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause

    def __str__(self) -> str:
        return self.cause


async def open_tunnel(
    sock: socket.socket,
    kind: ProxyKind,
    host: str,
    port: int,
    login: ProxyLogin | None,
) -> None:
    """
    Return when what is sent on a socket goes to a server, and what it sends comes back.

    Args:
        sock: Connected to the proxy, and not blocking.
        kind: What the proxy speaks.
        host: The server's name, which the proxy resolves, or its address.
        port: The server's port.
        login: Who we are; None for nobody.

    Raises:
        TunnelError: If the proxy refuses, or does not speak its protocol.
        OSError: If the connection breaks.

    """
    stream = _Stream(sock)
    if kind is ProxyKind.HTTP:
        await _connect_http(stream, join_host_port(host, port), login)
    elif kind is ProxyKind.SOCKS5:
        await _connect_socks5(stream, host, port, login)
    else:
        await _connect_socks4(stream, host, port, login)


class _Stream:
    """Bytes to and from a proxy, never more than are asked for."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def write(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._sock, data)

    async def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = await self._loop.sock_recv(self._sock, size - len(data))
            if not part:
                raise TunnelError(
                    "it closed the connection in the middle of its answer"
                )
            data += part
        return data

    async def read_some(self) -> bytes:
        return await self._loop.sock_recv(self._sock, 65_536)


async def _connect_http(
    stream: _Stream, authority: str, login: ProxyLogin | None
) -> None:
    lines = [
        f"CONNECT {authority} HTTP/1.1",
        f"Host: {authority}",
        "User-Agent: Gharial",
    ]
    if login is not None:
        lines.append(f"Proxy-Authorization: {login.basic}")
    await stream.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    parser = ResponseParser()
    try:
        while parser.response is None:
            data = await stream.read_some()
            if data:
                parser.feed(data)
            else:
                parser.end()
    except AnswerError as error:
        cause = error.cause.replace("the server", "it")
        hint = "; does it speak TLS?" if error.may_be_tls else ""
        raise TunnelError(f"{cause}{hint}") from error
    response = parser.response
    if not 200 <= response.status < 300:
        status = f"{response.status} {response.status_text}".strip()
        hint = ""
        if response.status == 407:
            hint = (
                "; its user or password is wrong"
                if login
                else "; name a user and a password, as in http://user:password@host:3128"
            )
        raise TunnelError(f"it answers {status}{hint}")
    if parser.rest:
        # Neither TLS nor WebSocket has a server that speaks first.
        raise TunnelError("it sent bytes before the server was asked for any")


async def _connect_socks5(
    stream: _Stream, host: str, port: int, login: ProxyLogin | None
) -> None:
    # Without a login there is one method to offer: none.
    await stream.write(b"\x05\x01\x00" if login is None else b"\x05\x02\x00\x02")
    version, method = await stream.read(2)
    if version != 5:
        raise TunnelError("it does not speak SOCKS 5")
    if method == _TOOK_USER and login is not None:
        await stream.write(
            b"\x01"
            + _counted(login.user, "the user's name")
            + _counted(login.password, "the password")
        )
        if (await stream.read(2))[1]:
            raise TunnelError("its user or password is wrong")
    elif method != 0:
        raise TunnelError(
            "it wants a user and a password, as in socks5://user:password@host:1080"
            if login is None and method == _NO_METHOD
            else "it requires a login method that is not supported"
        )
    await stream.write(
        b"\x05\x01\x00" + _socks5_address(host) + port.to_bytes(2, "big")
    )
    version, reply, _, kind = await stream.read(4)
    if version != 5:
        raise TunnelError("it does not speak SOCKS 5")
    if reply:
        raise TunnelError(_SOCKS5_REPLIES.get(reply, f"it answers {reply}"))
    size = {0x01: 4, 0x04: 16}.get(kind)
    await stream.read((size or (await stream.read(1))[0]) + 2)


async def _connect_socks4(
    stream: _Stream, host: str, port: int, login: ProxyLogin | None
) -> None:
    address = parse_ip(host)
    name = b""
    if address is None or address.version != 4:
        # SOCKS 4A: an address of 0.0.0.x says that a name follows.
        packed, name = b"\x00\x00\x00\x01", _name_bytes(host) + b"\x00"
    else:
        packed = address.packed
    user = login.user if login is not None else b""
    if b"\x00" in user:
        raise TunnelError("the user's name must not have a NUL")
    await stream.write(
        b"\x04\x01" + port.to_bytes(2, "big") + packed + user + b"\x00" + name
    )
    answer = await stream.read(8)
    if answer[0]:
        raise TunnelError("it does not speak SOCKS 4")
    if answer[1] != _SOCKS4_GRANTED:
        raise TunnelError(_SOCKS4_REPLIES.get(answer[1], f"it answers {answer[1]}"))


def _socks5_address(host: str) -> bytes:
    address = parse_ip(host)
    if address is None:
        return b"\x03" + _counted(_name_bytes(host), "the server's name")
    return (b"\x01" if address.version == 4 else b"\x04") + address.packed


def _name_bytes(host: str) -> bytes:
    # URLs hold names in ASCII; those of the option hosts do not come here.
    try:
        return host.encode("ascii")
    except UnicodeEncodeError:
        raise TunnelError(f"the name {host!r} is not ASCII") from None


def _counted(data: bytes, what: str) -> bytes:
    if len(data) > 255:
        raise TunnelError(f"{what} has {len(data)} bytes; SOCKS 5 takes 255 at most")
    return bytes((len(data),)) + data
