"""
Archives that ``k6 archive`` wrote.

Source:
    k6 v1.1, ``lib/archive.go``: ``metadata.json``, the script as ``data``, local files
    under ``file/`` with their whole paths, modules from servers under ``https/`` with host
    and path.
"""

import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from gharial.scripting.addresses import path_of
from gharial.scripting.unpacking import (
    SIZE_LIMIT_BYTES,
    Archive,
    ArchiveError,
    extract,
)

SCRIPT: Final = "data"
MEMBERS_MAXIMUM: Final = 100_000
_STANDARD_INPUT = "/-"


def is_of_k6(metadata: Mapping[str, Any]) -> bool:
    """Return whether an archive that says this of itself is one of k6's."""
    return "k6version" in metadata and "format" not in metadata


def unpack_of_k6(
    path: str, tar: tarfile.TarFile, metadata: Mapping[str, Any], folder: Path
) -> Archive:
    """
    Unpack an archive of k6's into a folder.

    Its files are then where they were, below ``files`` in that folder.

    Raises:
        ArchiveError: If it cannot be used.
        LookupError, TypeError, ValueError: If its metadata is damaged.

    """
    if metadata["type"] != "js":
        raise ArchiveError(path, f"k6 made it of {metadata['type']!r}, not of a script")
    name = _script_name(metadata)
    files = {}
    for member, member_name in _members(path, tar):
        files[member_name] = extract(path, tar, member, folder, _place(member_name))
    files[name] = extract(path, tar, SCRIPT, folder, _place(name))
    return Archive(
        files[name],
        files,
        _without_nulls(metadata["options"]),
        dict(metadata.get("env") or {}),
        address=name if "://" in name else None,
    )


def _script_name(metadata: Mapping[str, Any]) -> str:
    """Return the path or the URL that the script had."""
    address = metadata["filename"]
    if not isinstance(address, str):
        raise TypeError("filename")
    if urlsplit(address).scheme == "https":
        return address
    path = path_of(address)
    if path == _STANDARD_INPUT:
        # What it imports and opens was looked up in the folder that k6 was in.
        path = path_of(metadata["pwd"]).rstrip("/") + _STANDARD_INPUT
    return path


def _members(path: str, tar: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    """Yield the files in an archive, each with the path or the URL that it had."""
    size_bytes = 0
    for count, info in enumerate(tar):
        size_bytes += info.size
        if count > MEMBERS_MAXIMUM or size_bytes > SIZE_LIMIT_BYTES:
            raise ArchiveError(path, "it contains too many files, or too large ones")
        kind, _, rest = info.name.partition("/")
        # The script is there twice: as `data`, and as a link to that.
        if info.isreg() and rest and kind == "file":
            yield info.name, f"/{rest}"
        elif info.isreg() and rest and kind == "https":
            yield info.name, f"https://{rest}"


def _place(name: str) -> str:
    return f"remote/{name[8:]}" if "://" in name else f"files/{name.lstrip('/')}"


def _without_nulls(options: Any) -> Any:
    """Return options without those that k6 lists although nobody has set them."""
    if isinstance(options, dict):
        kept = {
            key: _without_nulls(each)
            for key, each in options.items()
            if each is not None
        }
        return {key: each for key, each in kept.items() if each != {}}
    if isinstance(options, list):
        return [_without_nulls(each) for each in options]
    return options
