"""Which cluster a run uses, as the user names it."""

import re
from typing import Final

from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern

AUTO: Final = "auto"
LOCAL: Final = "local"
DEFAULT_PORT: Final = 6379
"""The port that ``ray start --head`` listens on."""

_HOST_AND_PORT = lazy_pattern(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(?P<port>\d{1,5})"
)


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """
    A cluster.

    Attributes:
        text: ``auto``, ``local`` or the head's ``HOST:PORT``.

    """

    text: str

    @property
    def is_local(self) -> bool:
        """Whether the cluster is started for this run, on this machine."""
        return self.text == LOCAL

    @property
    def is_auto(self) -> bool:
        """Whether it is the one that this machine belongs to, whatever its address."""
        return self.text == AUTO


def parse_cluster(text: str) -> ClusterAddress:
    """
    Return the cluster that a text names.

    Raises:
        ValueError: If it names none; it says what would.

    """
    text = text.strip()
    if text.lower() in (AUTO, LOCAL):
        return ClusterAddress(text.lower())
    if text.lower().startswith("ray://"):
        raise _problem(
            text,
            "Ray's client protocol cannot stream measurements. Run Gharial on a machine "
            "of the cluster ('ray start --address=HOST:6379' adds this one)",
        )
    if "://" in text:
        raise _problem(text, "an address has no scheme")
    found = _HOST_AND_PORT.fullmatch(text)
    if found is None:
        reason = (
            f"the port is missing (Ray's is usually {DEFAULT_PORT})"
            if text and re.fullmatch(r"[^\s:/]+", text)
            else "it is not of the form HOST:PORT"
        )
        raise _problem(text, reason)
    if not 0 < int(found["port"]) < 65_536:
        raise _problem(text, f"{found['port']} is not a port")
    return ClusterAddress(text)


def _problem(text: str, reason: str) -> ValueError:
    return ValueError(
        f"{text!r} is not a cluster: {reason}; write 'auto' for the cluster that this "
        "machine belongs to, HOST:PORT of its head, such as 10.0.0.1:6379, or 'local' to "
        "start one here for this run"
    )
