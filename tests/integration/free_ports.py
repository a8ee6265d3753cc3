"""Ports on which nobody listens, for what cannot be told to choose one itself."""

import secrets
import socket

# The system takes ports for itself from 32768 on (Linux) or from 49152 on, never these:
# between a look and its use, a port is not given to what another process tests.
PORTS = range(20_000, 32_000)
_given: set[int] = set()


def free_port() -> int:
    """Return one on which nobody listens, each time another one."""
    while True:
        port = secrets.choice(PORTS)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
