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
        too_big: What it does with a larger one.
        pings: How often it pings, and how long it waits for the pong.
        idle: When it ends a connection that is idle.
        deflate: Its answer to the usual offer of permessage-deflate.
        shutdown: What clients see when it is stopped by SIGTERM.
        token: What its ``Server`` header holds, in small letters; empty if it sends none.
        limit_bytes: The largest message that it takes; 0 if none was found.
        written_limit: The same in words, where more is to be said.

    """

    name: str
    version: str
    too_big: str
    pings: str
    idle: str
    deflate: str
    shutdown: str
    token: str = ""
    limit_bytes: int = 0
    written_limit: str = ""

    @property
    def limit(self) -> str:
        """The largest message that it takes, in words."""
        return self.written_limit or _size(self.limit_bytes)


SERVERS = (
    Server(
        name="uvicorn",
        version="0.54.0",
        token="uvicorn",
        limit_bytes=16 * MIB,
        too_big="1009 with a reason",
        pings="each 20 s, waits 20 s, then 1011",
        idle="no",
        deflate="windows of 12 bits",
        shutdown="1012 at once",
    ),
    Server(
        name="hypercorn",
        version="0.18.0",
        token="hypercorn",
        limit_bytes=16 * MIB,
        too_big="1009; TCP stays open",
        pings="no",
        idle="no",
        deflate="client's window 15",
        shutdown="1011 after 3 s",
    ),
    Server(
        name="daphne",
        version="4.2.3",
        token="daphne",
        limit_bytes=MIB,
        too_big="TCP is reset",
        pings="each 20 s, waits 30 s, then reset",
        idle="no",
        deflate="no",
        shutdown="TCP ends",
    ),
    Server(
        name="granian",
        version="2.8.9",
        token="granian",
        limit_bytes=16 * MIB,
        too_big="closes without a code",
        pings="no",
        idle="no",
        deflate="no",
        shutdown="TCP ends",
    ),
    Server(
        name="gunicorn (ASGI)",
        version="27.0.1",
        token="gunicorn",
        limit_bytes=16 * MIB,
        too_big="1009 with a reason",
        pings="not looked at",
        idle="not looked at",
        deflate="no",
        shutdown="TCP ends after 30 s",
    ),
    Server(
        name="tornado",
        version="6.6.1",
        token="tornado",
        limit_bytes=10 * MIB,
        too_big="1009 with a reason",
        pings="no",
        idle="no",
        deflate="no; once turned on, without parameters",
        shutdown="TCP ends",
    ),
    Server(
        name="aiohttp",
        version="3.14.5",
        token="aiohttp",
        limit_bytes=4 * MIB,
        written_limit="just below 4 MiB",
        too_big="1009",
        pings="no",
        idle="no",
        deflate="without parameters",
        shutdown="no answers for 121 s, then TCP ends",
    ),
    Server(
        name="websockets",
        version="17.4",
        token="websockets",
        limit_bytes=MIB,
        written_limit="1 MiB; 4,096 fragments",
        too_big="1009 with a reason",
        pings="each 20 s, waits 20 s, then 1011",
        idle="no",
        deflate="windows of 12 bits",
        shutdown="1001, by `server.close()`",
    ),
    Server(
        name="sanic",
        version="25.12.1",
        token="sanic",
        limit_bytes=MIB,
        too_big="1009 with a reason",
        pings="each 20 s, waits 20 s, then 1011",
        idle="no",
        deflate="no",
        shutdown="1000",
    ),
    Server(
        name="ws (Node.js)",
        version="8.23.0",
        limit_bytes=100 * MIB,
        written_limit="100 MiB; 16,384 fragments (1008)",
        too_big="1009",
        pings="no",
        idle="no",
        deflate="no; once turned on, without parameters",
        shutdown="TCP ends",
    ),
    Server(
        name="socket.io",
        version="4.8.4",
        limit_bytes=1_000_000,
        too_big="1009",
        pings="packets each 25 s, waits 20 s, then no code",
        idle="45 s without a CONNECT packet",
        deflate="not looked at",
        shutdown="no code, by `io.close()`",
    ),
    Server(
        name="python-socketio",
        version="5.18.1",
        limit_bytes=1_000_000,
        too_big="1000",
        pings="packets each 25 s, waits 20 s, then 1000",
        idle="not looked at",
        deflate="as the server below it",
        shutdown="1012 (on uvicorn)",
    ),
    Server(
        name="graphql-ws on ws",
        version="6.4.2",
        written_limit="as ws",
        too_big="as ws",
        pings="each 12 s, waits 12 s, then TCP ends",
        idle="4408 after 3 s without `connection_init`",
        deflate="as ws",
        shutdown="not looked at",
    ),
    Server(
        name="Bun",
        version="1.4.4",
        limit_bytes=16 * MIB,
        too_big="1009 with a reason",
        pings="after 104 s",
        idle="TCP ends after 120 s",
        deflate="no; once turned on, no context takeover",
        shutdown="TCP ends",
    ),
    Server(
        name="Deno",
        version="2.9.6",
        limit_bytes=64 * MIB,
        too_big="TCP ends",
        pings="each 15 s, waits 15 s, then 1001",
        idle="no",
        deflate="no",
        shutdown="TCP ends",
    ),
    Server(
        name="workerd",
        version="2026-11-17",
        limit_bytes=32 * MIB,
        too_big="1009 with a reason",
        pings="no",
        idle="no",
        deflate="client's window 15",
        shutdown="goes on until its clients are gone",
    ),
    Server(
        name="Tomcat",
        version="10.1.60",
        limit_bytes=8 * KIB,
        written_limit="8 KiB, for handlers of whole messages",
        too_big="1009 with a reason",
        pings="no (in 70 s)",
        idle="no (in 70 s)",
        deflate="client's window 15",
        shutdown="1001 with a reason",
    ),
    Server(
        name="NATS",
        version="2.9.10",
        limit_bytes=MIB,
        written_limit="1 MiB of payload",
        too_big="1009 with a reason",
        pings="not looked at",
        idle="not looked at",
        deflate="no; once turned on, no context takeover",
        shutdown="1001 `Server Shutdown`",
    ),
    Server(
        name="mosquitto",
        version="2.0.11",
        written_limit="none up to 16 MiB",
        too_big="not seen",
        pings="no",
        idle="keepalive × 1.7, then TCP ends",
        deflate="no",
        shutdown="TCP ends",
    ),
    Server(
        name="RabbitMQ web-stomp",
        version="3.10.8",
        written_limit="none up to 65 MiB",
        too_big="not seen",
        pings="no",
        idle="1000 after 60 s without a byte from the client, also while it receives",
        deflate="client's window 15",
        shutdown="TCP ends",
    ),
    Server(
        name="Prosody",
        version="0.12.3",
        written_limit="below 300 kB a stanza; 10 kB a second",
        too_big="a stream error, then 1000",
        pings="no",
        idle="no (in 70 s)",
        deflate="no",
        shutdown="TCP ends",
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
        name="nginx 1.22.1",
        idle="60 s without traffic either way: TCP ends",
        reload="kept",
        stop="quit: kept; TERM: TCP ends",
        limit="383 a worker (768 connections), then reset",
    ),
    Proxy(
        name="HAProxy 2.6.12",
        idle="50 s (Debian's configuration): TCP ends",
        reload="kept",
        stop="soft: kept; TERM: TCP ends",
        limit="more than 1,100",
    ),
    Proxy(
        name="Caddy 2.6.2",
        idle="none in 330 s",
        reload="1001",
        stop="1001",
        limit="more than 1,200",
    ),
    Proxy(
        name="Apache 2.4.71",
        idle="300 s: TCP ends",
        reload="graceful: kept",
        stop="TERM: TCP ends",
        limit="148, then unanswered",
    ),
    Proxy(
        name="lighttpd 1.4.69",
        idle="61 s: TCP ends",
        reload="graceful: kept",
        stop="INT: TCP ends within 9 s",
        limit="1,365, then unanswered",
    ),
    Proxy(
        name="Varnish 7.1.1 with pipe",
        idle="60 s: TCP ends",
        reload="not looked at",
        stop="not looked at",
        limit="more than 1,200",
    ),
    Proxy(
        name="nghttpx 1.52",
        idle="60 s: TCP ends",
        reload="not looked at",
        stop="QUIT: kept for 9 s",
        limit="more than 1,200",
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
