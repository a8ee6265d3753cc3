"""The languages of scripts, and how the names of their files end."""

import posixpath
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit


class Language(StrEnum):
    """A language that scripts are written in."""

    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    PYTHON = "python"


SUFFIXES: Final = {
    Language.JAVASCRIPT: (".js", ".mjs", ".cjs"),
    Language.TYPESCRIPT: (".ts", ".mts", ".cts"),
    Language.PYTHON: (".py",),
}
"""How the names of files end, in each language; the first is the usual one."""

ARCHIVE_SUFFIX: Final = ".tar"
"""How the name of a script's archive ends."""

_LANGUAGES = {
    suffix: each for each, suffixes in SUFFIXES.items() for suffix in suffixes
}


def language_of(name: str) -> Language | None:
    """Return the language of a script by its path or URL; None if that does not say."""
    path = urlsplit(name).path if "://" in name else name
    return _LANGUAGES.get(posixpath.splitext(path)[1].lower())


def is_archive(start: bytes) -> bool:
    """Return whether something begins as tar files do (POSIX.1-1988, ustar)."""
    return start[257:262] == b"ustar"


def all_suffixes() -> str:
    """Return how names of scripts end, for a message."""
    *others, last = _LANGUAGES
    return f"{', '.join(others)} or {last}"
