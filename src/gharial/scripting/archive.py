"""
A test in one file: the script, everything it imports and opens, its options.

A tar file with ``metadata.json``, local files under ``files/`` with the folders that they
were in, and fetched modules under ``remote/``.
"""

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from gharial.lazy_pattern import lazy_pattern
from gharial.log_lines import Log
from gharial.metrics.metric import Metric
from gharial.scripting.k6_archive import is_of_k6, unpack_of_k6
from gharial.scripting.languages import Language
from gharial.scripting.origin import PLAIN, Origin, is_remote
from gharial.scripting.unpacking import (
    METADATA,
    Archive,
    ArchiveError,
    extract,
    read_metadata,
)
from gharial.virtual_user.script import ScriptInstance
from gharial.virtual_user.virtual_user import ScriptHost, VirtualUser

FORMAT = 1
FILES = "files"
_REMOTE = lazy_pattern(r"[a-z][a-z0-9+.-]+://")
_MEMBER = lazy_pattern(r"(files|remote)/[^\0]+")


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
            metadata = read_metadata(path, tar)
            if is_of_k6(metadata):
                found = unpack_of_k6(path, tar, metadata, folder)
            else:
                found = _unpack(path, tar, _checked(path, metadata), folder)
        if not all(isinstance(each, str) for each in found.environment.values()):
            raise TypeError("environment")
        _check_inside(path, found.options)
        return found
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


def _checked(path: str, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(metadata["format"], int) or metadata["format"] < 1:
        raise ValueError("format")
    if metadata["format"] > FORMAT:
        raise ArchiveError(
            path,
            f"it has format {metadata['format']} and this version of Gharial reads "
            f"{FORMAT}; update Gharial",
        )
    return metadata


def _unpack(
    path: str, tar: tarfile.TarFile, metadata: Mapping[str, Any], folder: Path
) -> Archive:
    names = dict(metadata["names"])
    unpacked = {
        member: _extract(path, tar, member, folder)
        for member in dict.fromkeys(names.values())
    }
    files = {name: unpacked[member] for name, member in names.items()}
    name = next(name for name, member in names.items() if member == metadata["script"])
    language = metadata.get("language")
    return Archive(
        files[name],
        files,
        dict(metadata["options"]),
        dict(metadata["environment"]),
        address=name if is_remote(name) else None,
        language=None if language is None else Language(language),
    )


def _extract(path: str, tar: tarfile.TarFile, member: str, folder: Path) -> Path:
    if not _MEMBER.fullmatch(member):
        raise ArchiveError(path, f"it contains a file with the invalid name {member!r}")
    return extract(path, tar, member, folder, member)


def _check_inside(path: str, options: Mapping[str, Any]) -> None:
    """Raise if options name files, which are outside of the archive."""
    texts = list(options.get("caCertificates") or ())
    for each in options.get("tlsAuth") or ():
        texts += [each["cert"], each["key"]]
    if not all("-----BEGIN" in str(text) for text in texts):
        raise ArchiveError(
            path, "its options name certificates by path; they have to be in it as PEM"
        )
