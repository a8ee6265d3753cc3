"""Puts TLS on a connected socket, with ``aiofastnet``."""

import asyncio
import socket
import ssl
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiofastnet
from aiofastnet.openssl_compat import OPENSSL_DYN_LIBS

from gharial.net.last_reads import read_to_the_end, share_last_reads
from gharial.net.tls import tls_error, tls_timeout
from gharial.timing import format_duration

# What is never written to of a buffer takes no memory: an idle connection takes 64 KB, with
# buffers of one record (16 KB) 67 KB, since those lie where OpenSSL had its own during the
# handshake. Larger ones than this take no less.
_TLS_BUFFER_BYTES = 64 * 1024
# What makes it use Python's own `ssl` (aiofastnet 1.2, `api_utils.py`).
_BY_PYTHON = "_aiofastnet_force_fallback_ssl"


@asynccontextmanager
async def tls_handshake(
    host: str, limit_s: float, hint: Callable[[], str]
) -> AsyncIterator[float]:
    """
    Limit a TLS handshake inside the block, and say what its failure means.

    Args:
        host: The name that TLS is asked for.
        limit_s: How long it may take.
        hint: Returns what to say if the server may not speak TLS at all.

    Returns:
        The limit to give to what does the handshake: later than this one, whose message
        is the one to show.

    Raises:
        PhaseError: If TLS fails or takes longer than ``limit_s``.

    """
    try:
        async with asyncio.timeout(limit_s):
            yield limit_s + 1.0
    except TimeoutError:
        raise tls_timeout(host, format_duration(limit_s), hint()) from None
    except (OSError, ValueError) as error:
        raise tls_error(host, error, hint()) from error


async def secure(
    loop: asyncio.AbstractEventLoop,
    protocol: asyncio.Protocol,
    sock: socket.socket | None,
    context: ssl.SSLContext,
    host: str,
    limit_s: float,
) -> None:
    """
    Put TLS on a socket and hand it to ``protocol``.

    Raises:
        OSError: If TLS fails or takes longer than ``limit_s``; `tls_handshake` names it.

    """
    options: dict[str, Any] = {
        "server_hostname": host,
        "ssl_handshake_timeout": limit_s,
        "ssl_incoming_bio_size": _TLS_BUFFER_BYTES,
        "ssl_outgoing_bio_size": _TLS_BUFFER_BYTES,
    }
    if context.keylog_filename:
        # aiofastnet drives OpenSSL behind Python's back, and Python's callback for
        # SSLKEYLOGFILE then crashes the process (aiofastnet 1.2.0, signal 11).
        await asyncio.get_running_loop().create_connection(
            lambda: protocol,
            sock=sock,
            ssl=context,
            server_hostname=host,
            ssl_handshake_timeout=options["ssl_handshake_timeout"],
        )
        return
    if OPENSSL_DYN_LIBS is not None and not getattr(context, _BY_PYTHON, False):
        await aiofastnet.create_connection(
            loop, lambda: protocol, sock=sock, ssl=context, **options
        )
        return
    # By Python's own `ssl`, as also where Python has OpenSSL inside itself. There are two
    # transports then, and it is the lower one whose writes fail.
    lower, _ = await aiofastnet.create_connection(loop, asyncio.Protocol, sock=sock)
    read_to_the_end(lower)
    upper: Any = await aiofastnet.start_tls(loop, lower, protocol, context, **options)
    share_last_reads(lower, upper)
    # It calls this when it is to read again, for what its engine holds; its own raises
    # there (aiofastnet 1.2.0, NotImplementedError).
    upper.buffer_updated = partial(_read_engine, weakref.ref(upper))
    protocol.connection_made(upper)


def _read_engine(upper: Callable[[], Any], size: int) -> None:
    transport = upper()
    if transport is not None:
        transport._retry_ssl_read()
