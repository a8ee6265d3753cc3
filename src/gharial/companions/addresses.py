"""
Where a run can be watched and steered, as users write it.

The servers are elsewhere: they take a third of a second to load, and few runs need one.
"""

from collections.abc import Mapping
from typing import Final

from gharial.errors import ConfigurationError, ExitCode, GharialError
from gharial.lazy_dataclass import dataclass
from gharial.servers.listening import host_and_port

DEFAULT_ADDRESS: Final = "127.0.0.1:6565"
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 5665


class AddressUnusableError(GharialError):
    """
    An address cannot be listened on.

    Attributes:
        flag: The flag that asked for it.
        address: The address.
        reason: Why.

    """

    exit_code = ExitCode.ADDRESS_UNUSABLE

    def __init__(self, flag: str, address: str, reason: str) -> None:
        super().__init__(flag, address, reason)
        self.flag = flag
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.flag}: cannot listen on {self.address}: {self.reason}"


def parse_address(text: str) -> tuple[str, int]:
    """
    Return host and port of an address.

    Raises:
        ConfigurationError: If it is none.

    """
    found = host_and_port(text)
    if found is None:
        raise ConfigurationError(
            f"--address {text!r}: expected HOST:PORT, such as {DEFAULT_ADDRESS}"
        )
    return found[0] or "127.0.0.1", found[1]


@dataclass(frozen=True, slots=True)
class DashboardRequest:
    """
    What the user asked for.

    Attributes:
        host: The address to listen on.
        port: The port; 0 for any that is free.
        opens: Whether to open a browser.
        can_control: Whether the page can steer the run.

    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    opens: bool = False
    can_control: bool = False


def parse_dashboard(text: str, *, can_control: bool = False) -> DashboardRequest:
    """
    Return what ``HOST:PORT,open`` asks for; each part may be left out.

    Raises:
        ConfigurationError: If it cannot be read.

    """
    address, _, rest = text.partition(",")
    if address == "open" and not rest:
        address, rest = "", "open"
    address = address.removesuffix(":")
    if ":" not in address.rpartition("]")[2]:
        address = f":{address}" if address.isdecimal() else f"{address}:{DEFAULT_PORT}"
    found = host_and_port(address)
    if rest not in ("", "open") or found is None:
        raise ConfigurationError(
            f"--dashboard {text!r}: expected HOST:PORT or HOST:PORT,open, such as "
            f"{DEFAULT_HOST}:{DEFAULT_PORT}"
        )
    return DashboardRequest(
        found[0] or DEFAULT_HOST,
        found[1],
        opens=rest == "open",
        can_control=can_control,
    )


def dashboard_as_in_k6(environment: Mapping[str, str]) -> str | None:
    """
    Return where k6's variables ask for a dashboard, None if they do not.

    Source:
        k6 v2.2, ``internal/dashboard``: ``K6_WEB_DASHBOARD`` and those it begins.

    """
    if environment.get("K6_WEB_DASHBOARD", "").lower() not in ("true", "1"):
        return None
    host = environment.get("K6_WEB_DASHBOARD_HOST") or DEFAULT_HOST
    port = environment.get("K6_WEB_DASHBOARD_PORT") or DEFAULT_PORT
    opens = environment.get("K6_WEB_DASHBOARD_OPEN", "").lower() in ("true", "1")
    return f"{host}:{port}{',open' if opens else ''}"
