"""
No streams: plain sockets have a transport and picows' frame engine, as those with TLS.

``stream_in_c.pyx`` reads them itself where it could be compiled, on Linux.
"""

import socket
from typing import Any


class Stream:
    """What nothing is an instance of here; in C it takes bytes that were read before."""

    def feed(self, data: bytes) -> None:
        """Take bytes that were read before."""
        raise NotImplementedError


def make_ready() -> None:
    """Do nothing: there is nothing that streams would share."""


def stream_on(sock: socket.socket | None) -> Any:
    """Return None: there are none."""
    return None
