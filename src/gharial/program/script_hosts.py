"""Chooses the host for a script: the concrete languages and engines."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gharial.errors import ConfigurationError, did_you_mean
from gharial.scripting.languages import (
    ARCHIVE_SUFFIX,
    Language,
    all_suffixes,
    language_of,
)

if TYPE_CHECKING:
    from gharial.scripting.archive import ArchivableHost
    from gharial.workers.messages import ReadableHost

# Each language, and what reads archives, is loaded for the scripts that need it.


def script_host(path: str, environment: Mapping[str, str]) -> "ReadableHost":
    """
    Return the host for a script or an archive, chosen by the end of its name.

    Raises:
        ConfigurationError: If there is no such file, or the name fits no language.
        ScriptError: If it can be seen at once that it is not in its language.

    """
    file = Path(path)
    if not file.is_file():
        raise ConfigurationError(_no_file(file))
    if file.suffix.lower() == ARCHIVE_SUFFIX:
        from gharial.scripting.archive import ArchivedHost

        return ArchivedHost(path, _host_of_script, environment)
    return _host_of_script(path, environment, {})


def _host_of_script(
    path: str,
    environment: Mapping[str, str],
    moved: Mapping[str, Path],
    root: Path | None = None,
) -> "ArchivableHost":
    language = language_of(path)
    if language in (Language.JAVASCRIPT, Language.TYPESCRIPT):
        from gharial.engine.quickjs import QuickJs
        from gharial.javascript.host import JavaScriptHost

        return JavaScriptHost(
            path, QuickJs(), environment=environment, moved=moved, root=root
        )
    if language is Language.PYTHON:
        from gharial.python.host import PythonHost

        return PythonHost(path, environment=environment)
    raise ConfigurationError(
        f"{path}: unknown language; a script's name ends in {all_suffixes()}, "
        f"an archive's in {ARCHIVE_SUFFIX}"
    )


def _no_file(file: Path) -> str:
    if file.is_dir():
        return f"{str(file)!r} is a directory, not a script"
    try:
        siblings = [each.name for each in file.parent.iterdir() if each.is_file()]
    except OSError:
        return f"there is no script {str(file)!r}"
    hint = did_you_mean(file.name, siblings)
    return f"there is no script {str(file)!r}{hint}"
