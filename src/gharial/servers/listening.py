"""What the servers of the test kit have in common: an address that may be taken."""

import errno

from gharial.errors import ConfigurationError


class AddressInUseError(ConfigurationError):
    """
    A server cannot listen where it was told to.

    Attributes:
        host: The address.
        port: The port.
        cause: The system's reason.

    """

    def __init__(self, host: str, port: int, cause: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {cause}")
        self.args = (host, port, cause)
        self.host = host
        self.port = port


def listening_error(host: str, port: int, error: OSError) -> AddressInUseError:
    """Return what to tell the user about a failure to listen."""
    if error.errno == errno.EADDRINUSE:
        cause = (
            "the port is in use; stop the other program or choose another --port "
            "(0 takes a free one)"
        )
    elif error.errno == errno.EACCES:
        cause = "not permitted; ports below 1024 need the right to use them"
    elif error.errno == errno.EADDRNOTAVAIL or "could not bind" in str(error):
        cause = "this machine has no such address"
    else:
        cause = error.strerror or str(error)
    return AddressInUseError(host, port, cause)


def url_of(host: str, port: int, *, is_secure: bool, path: str = "/") -> str:
    """Return a server's WebSocket URL."""
    shown = f"[{host}]" if ":" in host else host
    return f"{'wss' if is_secure else 'ws'}://{shown}:{port}{path}"
