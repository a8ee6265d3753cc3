"""What is said of an option next to its type and its default: its row."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from gharial.lazy_dataclass import dataclass
from gharial.options.written import read_plain


class Group(StrEnum):
    """Headings of options, in ``--help`` and in the reference, in this order."""

    LOAD = "Load"
    SCRIPT = "Script"
    CONNECTIONS = "Connections"
    TLS = "TLS"
    HTTP = "HTTP"
    MEASUREMENTS = "Measurements and summary"
    WORKERS = "Workers"


class Settings(StrEnum):
    """
    Settings of the rooms that know no options, by where they are found.

    An option goes to the setting of its own name there. ``virtual_user/settings.py``
    brings it there.
    """

    NETWORK = "network"
    LIMITS = "network.limits"
    TLS = "network.tls"
    VUS = "users"


@dataclass(frozen=True, slots=True)
class OptionInfo:
    """
    One row: all that is to be known of an option next to its type and its default.

    Attributes:
        summary: What it is or does, in a sentence for ``--help`` and the reference.
        group: The heading that it stands under.
        flags: The flags that set it, ``-u --vus``; empty if none does.
        metavar: How ``--help`` calls the value of the flag. ``...`` at its end lets the
            flag be repeated; one in brackets may be left out, which means the first of
            the values named there; an empty one marks a switch.
        details: What only the reference says of it.
        settings: The settings that it goes to.
        used_by: The room that reads it from `Options` itself, if it goes to no settings.
        read: Reads it from how variables and flags write it.
        variables: Environment variables, without ``GHARIAL_`` or ``K6_``; None for its
            name in capitals.
        in_k6: Whether k6 has it, under the same name.
        for_scripts: Whether a script may set it.

    """

    summary: str
    group: Group
    flags: str = ""
    metavar: str = ""
    details: str = ""
    settings: Settings | None = None
    used_by: str = ""
    read: Callable[[Any], Any] = read_plain
    variables: tuple[str, ...] | None = None
    in_k6: bool = True
    for_scripts: bool = True

    @property
    def flag(self) -> str:
        """The long flag; empty if there is none."""
        return self.flags.split()[-1] if self.flags else ""

    @property
    def is_repeatable(self) -> bool:
        """Whether the flag may be given several times."""
        return self.metavar.endswith("...")

    @property
    def implied_value(self) -> str | None:
        """The value that the flag alone stands for; None if it needs one."""
        if not self.metavar.startswith("["):
            return None
        return self.metavar[1:].partition("|")[0]
