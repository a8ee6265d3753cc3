"""Where the files of a script are, and what is known of them besides their names."""

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gharial.lazy_dataclass import dataclass
from gharial.scripting.languages import Language

STANDARD_INPUT: Final = "-"
"""The path of a script that comes from standard input."""


@dataclass(frozen=True, slots=True)
class Origin:
    """
    What a script is read with. It can be pickled, for other processes.

    Attributes:
        language: The script's; None to go by the end of its name.
        standard_input: What came from there, if that is the script.
        pages: Texts of modules from servers that need not be fetched again, by URL.
        module_cache: The folder where modules from servers are looked up first, and kept.
        moved: Where files and pages are now that came in an archive, by their names.
        root: The folder that an archive was unpacked into: nothing outside of it is read.
            None for a script that came in no archive.

    """

    language: Language | None = None
    standard_input: str | None = None
    pages: Mapping[str, str] = field(default_factory=dict)
    module_cache: Path | None = None
    moved: Mapping[str, Path] = field(default_factory=dict)
    root: Path | None = None


PLAIN: Final = Origin()
"""Of a script about which nothing else is known."""


def entry_name(path: str) -> str:
    """Return the absolute path or the URL of a script, as the user named it."""
    return path if is_remote(path) else os.path.realpath(path)


def is_remote(name: str) -> bool:
    """Return whether a module comes over the network, from where that is allowed."""
    scheme = name[:8].lower()
    return scheme == "https://" or (scheme.startswith("http://") and _is_here(name))


def _is_here(url: str) -> bool:
    """Return whether a URL is of this machine, which needs no TLS."""
    # Loaded for the few scripts that import from an address without TLS.
    from ipaddress import ip_address

    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
