"""Names of files and pages as addresses, and back."""

import os
from pathlib import Path
from urllib.parse import quote, urlsplit

# All that has a meaning of its own in an address, or is escaped already.
_KEPT = "/:?#[]@!$&'()*+,;=%~"


def address_of(name: str) -> str:
    """Return the URL of a module by its name; what is no path is returned as it is."""
    return Path(name).as_uri() if Path(name).is_absolute() else name


def path_of(address: str) -> str:
    """Return the path that a ``file:`` URL names."""
    from urllib.request import url2pathname  # Loads a client for HTTP.

    return os.path.normpath(url2pathname(urlsplit(address).path))


def quoted(reference: str) -> str:
    """Return a relative reference with what cannot be in one escaped."""
    return quote(reference, safe=_KEPT)
