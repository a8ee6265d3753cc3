"""
A test in one file: the script, everything it imports and opens, its options.

A tar file with ``metadata.json``, local files under ``files/`` with the folders that they
were in, and fetched modules under ``remote/``.
"""

import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from gharial.errors import ConfigurationError
from gharial.log_lines import Log
from gharial.metrics.metric import Metric
from gharial.scripting.languages import Language
from gharial.scripting.origin import PLAIN, Origin, is_remote
from gharial.virtual_user.script import ScriptInstance
from gharial.virtual_user.virtual_user import ScriptHost, VirtualUser

FORMAT = 1
METADATA = "metadata.json"
FILES = "files"
# What a test can hold at most: more is a mistake, or somebody's bad intention.
SIZE_LIMIT_BYTES = 4 * 1024**3
METADATA_LIMIT_BYTES = 64 * 1024**2
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]+://")
_MEMBER = re.compile(r"(files|remote)/[^\0]+")


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


class ArchivableHost(ScriptHost, Protocol):
    """
    A script host that can list its files.

    Attributes:
        environment: ``__ENV``.
        unpacked_in: Empty: its files are where the user has them.

    """

    environment: Mapping[str, str]
    unpacked_in: str

    def read(self, log: Log, *, memory_limit_bytes: int | None = None) -> None:
        """Run the top level once."""
        ...

    def known(self) -> Origin:
        """Return what other processes need not find out again."""
        ...

    def contents(self) -> Mapping[str, bytes]:
        """Return all files that the script needs, by absolute path or URL."""
        ...


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


def write_archive(
    target: Path,
    *,
    script: str,
    sources: Mapping[str, bytes],
    options: Mapping[str, Any],
    environment: Mapping[str, str],
    language: str | None = None,
) -> None:
    """
    Write an archive.

    Args:
        target: The file.
        script: The script's absolute path or URL, one of the sources.
        sources: Contents by absolute path or URL.
        options: Options as a script exports them.
        environment: The script's variables.
        language: The script's language; None to go by the end of its name.

    Raises:
        OSError: If it cannot be written.

    """
    local = [name for name in sources if not _REMOTE.match(name)]
    folders = [str(Path(name).parent) for name in local] or [os.sep]
    folder = Path(os.path.commonpath(folders))
    members = {}
    for number, name in enumerate(sorted(sources)):
        if _REMOTE.match(name):
            members[name] = f"remote/{number}"
        else:
            members[name] = f"{FILES}/{Path(name).relative_to(folder).as_posix()}"
    metadata = {
        "format": FORMAT,
        "script": members[script],
        "language": language,
        "names": members,
        "options": options,
        "environment": environment,
    }
    with tarfile.open(target, "w") as tar:
        _add(tar, METADATA, json.dumps(metadata, indent=2, default=str).encode())
        for name, member in members.items():
            _add(tar, member, sources[name])


def unpack(path: str, folder: Path) -> Archive:
    """
    Unpack an archive into a folder.

    Raises:
        ArchiveError: If it is none, is damaged, or was made by a later version.

    """
    try:
        with tarfile.open(path, "r:") as tar:
            metadata = _metadata(path, tar)
            names = dict(metadata["names"])
            unpacked = {
                member: _extract(path, tar, member, folder)
                for member in dict.fromkeys(names.values())
            }
            files = {name: unpacked[member] for name, member in names.items()}
        name = next(
            name for name, member in names.items() if member == metadata["script"]
        )
        options, environment = dict(metadata["options"]), dict(metadata["environment"])
        if not all(isinstance(each, str) for each in environment.values()):
            raise TypeError("environment")
        _check_inside(path, options)
        language = metadata.get("language")
        return Archive(
            files[name],
            files,
            options,
            environment,
            address=name if is_remote(name) else None,
            language=None if language is None else Language(language),
        )
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveError(
            path, f"it is not a tar file, or it is damaged ({error})"
        ) from None
    except OSError as error:
        raise ArchiveError(path, error.strerror or str(error)) from None
    except RecursionError:
        raise ArchiveError(path, f"its {METADATA} is nested too deeply") from None
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration):
        raise ArchiveError(
            path, f"its {METADATA} is damaged, or was not written by 'gharial archive'"
        ) from None


class ArchivedHost:
    """
    A script that came in an archive.

    Attributes:
        path: The archive, as the user named it.
        language: The script's.
        exports: The script's.
        options: Those of the archive, in place of the script's.
        metrics: The script's.
        environment: The archive's variables, with the given ones over them.
        unpacked_in: The folder with its files, with a slash at the end.

    """

    def __init__(
        self,
        path: str,
        make: Callable[[str, Mapping[str, str], Origin], ArchivableHost],
        environment: Mapping[str, str],
    ) -> None:
        """
        Unpack an archive.

        Args:
            path: The archive.
            make: Returns the host of a script, given its path or URL, its variables, and
                where its files are now.
            environment: Variables, which win over those of the archive.

        Raises:
            ArchiveError: If it cannot be used.

        """
        self.path = path
        self._folder = tempfile.TemporaryDirectory(
            prefix="gharial-", ignore_cleanup_errors=True
        )
        try:
            archive = unpack(path, Path(self._folder.name))
            self._host = make(
                archive.address or str(archive.script),
                {**archive.environment, **environment},
                Origin(
                    language=archive.language,
                    moved=archive.files,
                    root=Path(self._folder.name),
                ),
            )
            self.unpacked_in = f"{Path(self._folder.name).resolve()}/{FILES}/"
        except BaseException:
            self._folder.cleanup()
            raise
        self.language = self._host.language
        self.options: Mapping[str, Any] = archive.options
        self.exports: frozenset[str] = frozenset()
        self.metrics: tuple[Metric, ...] = ()
        self.environment: Mapping[str, str] = {**archive.environment, **environment}

    def read(self, log: Log, *, memory_limit_bytes: int | None = None) -> None:
        """Run the top level once."""
        self._host.read(log, memory_limit_bytes=memory_limit_bytes)
        self.exports, self.metrics = self._host.exports, self._host.metrics

    def known(self) -> Origin:
        """Return nothing: it is all in the archive."""
        return PLAIN

    def instance(self, user: VirtualUser) -> ScriptInstance:
        """Return a fresh instance for a VU; its top level has not run yet."""
        return self._host.instance(user)

    def close(self) -> None:
        """Free what all instances shared, and remove what was unpacked."""
        self._host.close()
        self._folder.cleanup()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = 0o644
    tar.addfile(info, io.BytesIO(data))


def _metadata(path: str, tar: tarfile.TarFile) -> dict[str, Any]:
    file = _open(path, tar, METADATA, METADATA_LIMIT_BYTES)
    metadata: dict[str, Any] = json.loads(file.read())
    if not isinstance(metadata["format"], int) or metadata["format"] < 1:
        raise ValueError("format")
    if metadata["format"] > FORMAT:
        raise ArchiveError(
            path,
            f"it has format {metadata['format']} and this version of Gharial reads "
            f"{FORMAT}; update Gharial",
        )
    return metadata


def _extract(path: str, tar: tarfile.TarFile, member: str, folder: Path) -> Path:
    """Write a member's contents where it belongs inside of a folder; return where."""
    parts = PurePosixPath(member).parts
    if not _MEMBER.fullmatch(member) or ".." in parts or "\\" in member:
        raise ArchiveError(path, f"it contains a file with the invalid name {member!r}")
    file = _open(path, tar, member, SIZE_LIMIT_BYTES)
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as written:
        shutil.copyfileobj(file, written)
    return target


def _open(path: str, tar: tarfile.TarFile, member: str, limit: int) -> IO[bytes]:
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


def _check_inside(path: str, options: Mapping[str, Any]) -> None:
    """Raise if options name files, which are outside of the archive."""
    texts = list(options.get("caCertificates") or ())
    for each in options.get("tlsAuth") or ():
        texts += [each["cert"], each["key"]]
    if not all("-----BEGIN" in str(text) for text in texts):
        raise ArchiveError(
            path, "its options name certificates by path; they have to be in it as PEM"
        )
