"""Addresses that Gharial's servers listen on: how they are written, and why one fails."""

import errno

from gharial.errors import ConfigurationError
from gharial.lazy_pattern import lazy_pattern

_HOST_AND_PORT = lazy_pattern(r"(?:\[([^\[\]/]*)\]|([^:\[\]/]*)):([0-9]{1,5})")
_PORT_MAXIMUM = 65_535


def host_and_port(text: str) -> tuple[str, int] | None:
    """
    Return what ``HOST:PORT`` says, None for anything else.

    Returns:
        The host, without the brackets of IPv6 and empty if it is left out, and the port.

    """
    match = _HOST_AND_PORT.fullmatch(text)
    if match is None or int(match[3]) > _PORT_MAXIMUM:
        return None
    return match[1] or match[2] or "", int(match[3])


def address_of(host: str, port: int) -> str:
    """Return an address as it is written: ``127.0.0.1:80``, ``[::1]:80``."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def url_of(host: str, port: int, *, is_secure: bool, path: str = "/") -> str:
    """Return a server's WebSocket URL."""
    return f"{'wss' if is_secure else 'ws'}://{address_of(host, port)}{path}"


def listening_problem(error: OSError, other: str) -> str:
    """
    Return why an address cannot be listened on.

    Args:
        error: What the system said.
        other: The flag or setting that names another port.

    """
    if error.errno == errno.EADDRINUSE:
        return (
            "the port is in use; stop the other program or choose another port with "
            f"{other} (0 takes a free one)"
        )
    if error.errno == errno.EACCES:
        return "not permitted; ports below 1024 need the right to use them"
    if error.errno == errno.EADDRNOTAVAIL or "could not bind" in str(error):
        return "this machine has no such address"
    return error.strerror or str(error)


class AddressInUseError(ConfigurationError):
    """
    A server cannot listen where it was told to.

    Attributes:
        host: The address.
        port: The port.
        cause: The system's reason.

    """

    def __init__(self, host: str, port: int, cause: str) -> None:
        super().__init__(f"cannot listen on {address_of(host, port)}: {cause}")
        self.args = (host, port, cause)
        self.host = host
        self.port = port
        self.cause = cause


def listening_error(host: str, port: int, error: OSError) -> AddressInUseError:
    """Return what to tell the user about a failure to listen."""
    return AddressInUseError(host, port, listening_problem(error, "--port"))
