"""What archives of all formats share: safe ways to take files out of them."""

import json
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from gharial.errors import ConfigurationError
from gharial.lazy_dataclass import dataclass
from gharial.scripting.languages import Language

METADATA = "metadata.json"
# What a test can hold at most: more is a mistake, or somebody's bad intention.
SIZE_LIMIT_BYTES = 4 * 1024**3
METADATA_LIMIT_BYTES = 64 * 1024**2


class ArchiveError(ConfigurationError):
    """
    An archive cannot be used.

    Attributes:
        path: The archive.
        reason: Why.

    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"the archive {path!r} cannot be used: {reason}")
        self.args = (path, reason)
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Archive:
    """
    An archive that was unpacked.

    Attributes:
        script: Where the script is now.
        address: The script's URL, if it has one.
        language: Its language, if that is known.
        files: Where each file is now, by the path or URL that it had.
        options: The options that were put in.
        environment: The script's variables that were put in.

    """

    script: Path
    files: Mapping[str, Path]
    options: Mapping[str, Any]
    environment: Mapping[str, str]
    address: str | None = None
    language: Language | None = None


def read_metadata(path: str, tar: tarfile.TarFile) -> Mapping[str, Any]:
    """
    Return what an archive says of itself.

    Raises:
        ArchiveError: If it has nothing of the kind.
        ValueError: If it is not JSON.
        TypeError: If it is not an object.

    """
    metadata = json.loads(open_member(path, tar, METADATA, METADATA_LIMIT_BYTES).read())
    if not isinstance(metadata, dict):
        raise TypeError(METADATA)
    return metadata


def extract(
    path: str, tar: tarfile.TarFile, member: str, folder: Path, place: str
) -> Path:
    """
    Write a member's contents somewhere inside of a folder.

    Args:
        path: The archive's, for errors.
        tar: The archive.
        member: The member's name.
        folder: The folder.
        place: Where in it, with slashes.

    Returns:
        Where it is now.

    Raises:
        ArchiveError: If it is not a plain file, or would be outside of the folder.

    """
    parts = PurePosixPath(place).parts
    if ".." in parts or "\\" in place or "\0" in place or place.startswith("/"):
        raise ArchiveError(path, f"it contains a file with the invalid name {member!r}")
    file = open_member(path, tar, member, SIZE_LIMIT_BYTES)
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as written:
        shutil.copyfileobj(file, written)
    return target


def open_member(path: str, tar: tarfile.TarFile, member: str, limit: int) -> IO[bytes]:
    """Open a plain file in an archive: no link, and none with holes, whatever its size."""
    try:
        info = tar.getmember(member)
    except KeyError:
        raise ArchiveError(
            path, f"{member!r} is missing in it; 'gharial archive' writes archives"
        ) from None
    file = tar.extractfile(info) if info.isreg() and not info.issparse() else None
    if file is None or info.size > limit:
        raise ArchiveError(path, f"{member!r} is not a file, or too large")
    return file
