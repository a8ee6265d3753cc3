"""Chooses the host for a script: the concrete languages and engines."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gharial.errors import ConfigurationError, did_you_mean
from gharial.process import collector
from gharial.scripting.languages import (
    ARCHIVE_SUFFIX,
    Language,
    is_archive,
    language_of,
)
from gharial.scripting.origin import PLAIN, STANDARD_INPUT, Origin, is_remote

if TYPE_CHECKING:
    from gharial.scripting.archive import ArchivableHost
    from gharial.workers.messages import ReadableHost

# Each language, and what reads archives, is loaded for the scripts that need it.


def script_host(
    path: str, environment: Mapping[str, str], origin: Origin = PLAIN
) -> "ReadableHost":
    """
    Return the host for a script or an archive, chosen by the end of its name.

    Args:
        path: The script's or the archive's path, a script's URL, or ``-``.
        environment: The script's variables.
        origin: What else is known of the script's files.

    Raises:
        ConfigurationError: If there is no such file, or no such script in Python.
        ScriptError: If it can be seen at once that it is not in its language.

    """
    file = Path(path)
    if path == STANDARD_INPUT or is_remote(path):
        return _host_of_script(path, environment, origin)
    if not file.is_file():
        raise ConfigurationError(_no_file(path))
    if file.suffix.lower() == ARCHIVE_SUFFIX:
        from gharial.scripting.archive import ArchivedHost

        return ArchivedHost(path, _host_of_script, environment)
    if language_of(path) is None and _is_tar(file):
        raise ConfigurationError(
            f"{path!r} is an archive; its name has to end in {ARCHIVE_SUFFIX}"
        )
    return _host_of_script(path, environment, origin)


def _host_of_script(
    path: str, environment: Mapping[str, str], origin: Origin
) -> "ArchivableHost":
    # As in k6, a name that says nothing is that of a script in JavaScript.
    language = origin.language or language_of(path) or Language.JAVASCRIPT
    if language is Language.PYTHON:
        if is_remote(path):
            raise ConfigurationError(
                f"{path}: scripts in Python are run from files; save it first"
            )
        with collector.paused():
            from gharial.python.host import PythonHost

        return PythonHost(path, environment=environment, origin=origin)
    with collector.paused():
        from gharial.engine.quickjs import QuickJs
        from gharial.javascript.host import JavaScriptHost

    return JavaScriptHost(path, QuickJs(), environment=environment, origin=origin)


def _is_tar(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return is_archive(opened.read(512))
    except OSError:
        return False


def _no_file(path: str) -> str:
    if "://" in path:
        return (
            f"{path!r}: a script comes from an https: address, or from an http: one of "
            "this machine"
        )
    file = Path(path)
    if file.is_dir():
        return f"{str(file)!r} is a directory, not a script"
    try:
        siblings = [each.name for each in file.parent.iterdir() if each.is_file()]
    except OSError:
        return f"there is no script {str(file)!r}"
    hint = did_you_mean(file.name, siblings)
    return f"there is no script {str(file)!r}{hint}"
