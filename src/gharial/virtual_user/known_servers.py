"""
What servers do by themselves: the table of the reference page, and hints from it.

Measured on loopback on 2026-11-30 with the default options of each server, by a raw client
that saw the bytes. A hint says "may be": a server's options, or a proxy, may say otherwise.
"""

from collections.abc import Iterable
from typing import NamedTuple

KIB = 1024
MIB = 1024 * 1024


class Server(NamedTuple):
    """
    One server, as it was seen.

    Attributes:
        name: Its name.
        version: The version that was seen.
        token: What its ``Server`` header holds, in small letters; empty if it sends none.
        limit_bytes: The largest message that it takes; 0 if none was found.
        limit: The same in words, where more is to be said.
        too_big: What it does with a larger one.
        pings: How often it pings, and how long it waits for the pong.
        idle: When it ends a connection that is idle.
        deflate: Its answer to the usual offer of permessage-deflate.
        shutdown: What clients see when it is stopped by SIGTERM.

    """

    name: str
    version: str
    token: str
    limit_bytes: int
    limit: str
    too_big: str
    pings: str
    idle: str
    deflate: str
    shutdown: str


SERVERS = (
    Server(
        "uvicorn",
        "0.54.0",
        "uvicorn",
        16 * MIB,
        "16 MiB",
        "1009 with a reason",
        "each 20 s, waits 20 s, then 1011",
        "no",
        "windows of 12 bits",
        "1012 at once",
    ),
    Server(
        "hypercorn",
        "0.18.0",
        "hypercorn",
        16 * MIB,
        "16 MiB",
        "1009; TCP stays open",
        "no",
        "no",
        "client's window 15",
        "1011 after 3 s",
    ),
    Server(
        "daphne",
        "4.2.3",
        "daphne",
        MIB,
        "1 MiB",
        "TCP is reset",
        "each 20 s, waits 30 s, then reset",
        "no",
        "no",
        "TCP ends",
    ),
    Server(
        "granian",
        "2.8.9",
        "granian",
        16 * MIB,
        "16 MiB",
        "closes without a code",
        "no",
        "no",
        "no",
        "TCP ends",
    ),
    Server(
        "gunicorn (ASGI)",
        "27.0.1",
        "gunicorn",
        16 * MIB,
        "16 MiB",
        "1009 with a reason",
        "not looked at",
        "not looked at",
        "no",
        "TCP ends after 30 s",
    ),
    Server(
        "tornado",
        "6.6.1",
        "tornado",
        10 * MIB,
        "10 MiB",
        "1009 with a reason",
        "no",
        "no",
        "no; once turned on, without parameters",
        "TCP ends",
    ),
    Server(
        "aiohttp",
        "3.14.5",
        "aiohttp",
        4 * MIB,
        "just below 4 MiB",
        "1009",
        "no",
        "no",
        "without parameters",
        "no answers for 121 s, then TCP ends",
    ),
    Server(
        "websockets",
        "17.4",
        "websockets",
        MIB,
        "1 MiB; 4,096 fragments",
        "1009 with a reason",
        "each 20 s, waits 20 s, then 1011",
        "no",
        "windows of 12 bits",
        "1001, by `server.close()`",
    ),
    Server(
        "sanic",
        "25.12.1",
        "sanic",
        MIB,
        "1 MiB",
        "1009 with a reason",
        "each 20 s, waits 20 s, then 1011",
        "no",
        "no",
        "1000",
    ),
    Server(
        "ws (Node.js)",
        "8.23.0",
        "",
        100 * MIB,
        "100 MiB; 16,384 fragments (1008)",
        "1009",
        "no",
        "no",
        "no; once turned on, without parameters",
        "TCP ends",
    ),
    Server(
        "socket.io",
        "4.8.4",
        "",
        1_000_000,
        "1,000,000 bytes",
        "1009",
        "packets each 25 s, waits 20 s, then no code",
        "45 s without a CONNECT packet",
        "not looked at",
        "no code, by `io.close()`",
    ),
    Server(
        "python-socketio",
        "5.18.1",
        "",
        1_000_000,
        "1,000,000 bytes",
        "1000",
        "packets each 25 s, waits 20 s, then 1000",
        "not looked at",
        "as the server below it",
        "1012 (on uvicorn)",
    ),
    Server(
        "graphql-ws on ws",
        "6.4.2",
        "",
        0,
        "as ws",
        "as ws",
        "each 12 s, waits 12 s, then TCP ends",
        "4408 after 3 s without `connection_init`",
        "as ws",
        "not looked at",
    ),
    Server(
        "Bun",
        "1.4.4",
        "",
        16 * MIB,
        "16 MiB",
        "1009 with a reason",
        "after 104 s",
        "TCP ends after 120 s",
        "no; once turned on, no context takeover",
        "TCP ends",
    ),
    Server(
        "Deno",
        "2.9.6",
        "",
        64 * MIB,
        "64 MiB",
        "TCP ends",
        "each 15 s, waits 15 s, then 1001",
        "no",
        "no",
        "TCP ends",
    ),
    Server(
        "workerd",
        "2026-11-17",
        "",
        32 * MIB,
        "32 MiB",
        "1009 with a reason",
        "no",
        "no",
        "client's window 15",
        "goes on until its clients are gone",
    ),
    Server(
        "Tomcat",
        "10.1.60",
        "",
        8 * KIB,
        "8 KiB, for handlers of whole messages",
        "1009 with a reason",
        "no (in 70 s)",
        "no (in 70 s)",
        "client's window 15",
        "1001 with a reason",
    ),
    Server(
        "NATS",
        "2.9.10",
        "",
        MIB,
        "1 MiB of payload",
        "1009 with a reason",
        "not looked at",
        "not looked at",
        "no; once turned on, no context takeover",
        "1001 `Server Shutdown`",
    ),
    Server(
        "mosquitto",
        "2.0.11",
        "",
        0,
        "none up to 16 MiB",
        "not seen",
        "no",
        "keepalive × 1.7, then TCP ends",
        "no",
        "TCP ends",
    ),
    Server(
        "RabbitMQ web-stomp",
        "3.10.8",
        "",
        0,
        "none up to 65 MiB",
        "not seen",
        "no",
        "1000 after 60 s without a byte from the client, also while it receives",
        "client's window 15",
        "TCP ends",
    ),
    Server(
        "Prosody",
        "0.12.3",
        "",
        0,
        "below 300 kB a stanza; 10 kB a second",
        "a stream error, then 1000",
        "no",
        "no (in 70 s)",
        "no",
        "TCP ends",
    ),
)


class Proxy(NamedTuple):
    """
    One proxy, as it was seen.

    Attributes:
        name: Its name and version.
        idle: When it ends a connection that is idle.
        reload: What becomes of connections when it is reloaded.
        stop: What becomes of them when it is stopped.
        limit: How many connections it takes.

    """

    name: str
    idle: str
    reload: str
    stop: str
    limit: str


PROXIES = (
    Proxy(
        "nginx 1.22.1",
        "60 s without traffic either way: TCP ends",
        "kept",
        "quit: kept; TERM: TCP ends",
        "383 a worker (768 connections), then reset",
    ),
    Proxy(
        "HAProxy 2.6.12",
        "50 s (Debian's configuration): TCP ends",
        "kept",
        "soft: kept; TERM: TCP ends",
        "more than 1,100",
    ),
    Proxy(
        "Caddy 2.6.2",
        "none in 330 s",
        "1001",
        "1001",
        "more than 1,200",
    ),
    Proxy(
        "Apache 2.4.71",
        "300 s: TCP ends",
        "graceful: kept",
        "TERM: TCP ends",
        "148, then unanswered",
    ),
    Proxy(
        "lighttpd 1.4.69",
        "61 s: TCP ends",
        "graceful: kept",
        "INT: TCP ends within 9 s",
        "1,365, then unanswered",
    ),
    Proxy(
        "Varnish 7.1.1 with pipe",
        "60 s: TCP ends",
        "not looked at",
        "not looked at",
        "more than 1,200",
    ),
    Proxy(
        "nghttpx 1.52",
        "60 s: TCP ends",
        "not looked at",
        "QUIT: kept for 9 s",
        "more than 1,200",
    ),
)

# A message this much larger than a limit is taken to have met it.
_NEAR = 1.5


# Seen: they ping, and read no pongs while messages wait for a busy handler.
_HELD_UP = ("uvicorn", "sanic", "websockets")


def too_big_hint(server: str, largest_bytes: float) -> str:
    """
    Return what a close code of 1009 may be about; empty if nothing known fits.

    Args:
        server: The ``Server`` header of the handshake's answer, empty for none.
        largest_bytes: The largest message sent; 0 if that is not known.

    """
    known = _known(server)
    if known is not None:
        if largest_bytes and largest_bytes <= known.limit_bytes:
            return ""
        named, limit_bytes = _possessive(known.name), known.limit_bytes
    else:
        fitting = [
            each
            for each in SERVERS
            if each.limit_bytes < largest_bytes <= each.limit_bytes * _NEAR
            and "1009" in each.too_big
        ]
        if server or not fitting:
            return ""
        limit_bytes = max(each.limit_bytes for each in fitting)
        names = (each.name for each in fitting if each.limit_bytes == limit_bytes)
        named = _possessive(_joined(names))
    after = f" after messages of up to {_size(largest_bytes)}" if largest_bytes else ""
    return f"{after}: this may be {named} default limit of {_size(limit_bytes)}"


def unanswered_ping_hint(server: str) -> str:
    """Return what the close reason "keepalive ping timeout" may be about."""
    known = _known(server)
    if server and (known is None or known.name not in _HELD_UP):
        return ""
    who = _joined(_HELD_UP) if known is None else known.name
    return (
        f": pongs may have been sent and not read; {who} may stop reading while a handler "
        "does not take messages"
    )


def _known(server: str) -> Server | None:
    lowered = server.lower()
    return next(
        (each for each in SERVERS if each.token and each.token in lowered), None
    )


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _joined(names: Iterable[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last


def _size(size_bytes: float) -> str:
    if size_bytes >= 100 * KIB and size_bytes != 1_000_000:
        return f"{size_bytes / MIB:.3g} MiB"
    if size_bytes % KIB == 0:
        return f"{size_bytes / KIB:g} KiB"
    return f"{size_bytes:,.0f} bytes"
