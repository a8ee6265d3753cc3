"""Packs a test into one archive, to keep it in a file or send it to other machines."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from gharial.errors import ConfigurationError
from gharial.options.model import Options
from gharial.program.read_script import ReadScript
from gharial.scripting.archive import ArchivableHost, write_archive
from gharial.scripting.languages import ARCHIVE_SUFFIX
from gharial.scripting.origin import entry_name


def packed(read: ReadScript, script: str, include: Sequence[str]) -> bytes:
    """
    Return the archive of a script, with everything that it imports and has opened so
    far.

    Its variables and options are left out: they are sent separately.

    Args:
        read: The script, read.
        script: Its path; an archive is returned as it is.
        include: Files and folders to put in, too.

    Raises:
        ConfigurationError: If something cannot be read.

    """
    if Path(script).suffix.lower() == ARCHIVE_SUFFIX:
        return Path(script).read_bytes()
    with tempfile.TemporaryDirectory(prefix="gharial-") as folder:
        target = Path(folder, f"script{ARCHIVE_SUFFIX}")
        write_archive(
            target,
            script=entry_name(script),
            sources=sources_of(read, include),
            options={},
            environment={},
            language=language_of_script(read),
        )
        return target.read_bytes()


def language_of_script(read: ReadScript) -> str | None:
    """Return the language that a script was given; None if its name says it."""
    return read.host.known().language


def sources_of(read: ReadScript, include: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of all files that a script needs, by absolute path or URL."""
    return {**_included(include), **cast("ArchivableHost", read.host).contents()}


def exported(options: Options) -> dict[str, Any]:
    """Return options as a script exports them, those that have their default left out."""
    return options.as_data(without_defaults=True)


def portable(options: Options) -> Options:
    """Return options as another machine takes them: certificates instead of paths."""
    tls_auth = tuple(
        each.with_(cert=_contents(each.cert), key=_contents(each.key))
        for each in options.tls_auth
    )
    certificates = tuple(_contents(each) for each in options.ca_certificates)
    return options.with_(
        ca_certificates=certificates, tls_auth=tls_auth, console_output=None
    )


def _contents(text_or_path: str) -> str:
    if "-----BEGIN" in text_or_path:
        return text_or_path
    try:
        return Path(text_or_path).read_text("utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot read {text_or_path!r}: {reason}") from error


def _included(paths: Sequence[str]) -> Mapping[str, bytes]:
    found = {}
    for path in paths:
        whole = Path(path).resolve()
        if not whole.exists():
            raise ConfigurationError(
                f"--include {path!r}: there is no such file or folder"
            )
        files = [whole] if whole.is_file() else sorted(whole.rglob("*"))
        for file in files:
            if file.is_file():
                found[os.fspath(file)] = file.read_bytes()
    return found
