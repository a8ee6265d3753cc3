"""From the name in an import to the text of a module, for the language's own files."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gharial.errors import ConfigurationError, ExitCode, did_you_mean

FETCH_LIMIT_S = 60.0
MODULE_LIMIT_BYTES = 32 * 1024 * 1024


class ModuleNotFoundInScriptError(ConfigurationError):
    """
    An import names a module that there is none of.

    Attributes:
        name: The module's name.
        problem: The whole message.

    """

    exit_code = ExitCode.SCRIPT_EXCEPTION

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.args = (name, problem)
        self.name = name


class SourceFiles:
    """
    Modules that are files or pages, each read or fetched once.

    Attributes:
        builtin_names: Names that are no files, to suggest the nearest of.
        moved: Where files and pages are now that came in an archive, by their names.

    """

    def __init__(
        self, builtin_names: frozenset[str], moved: Mapping[str, Path] | None = None
    ) -> None:
        self.builtin_names = builtin_names
        self.moved = moved or {}
        self._texts: dict[str, str] = {}

    def texts(self) -> dict[str, str]:
        """Return all that was read so far, by name."""
        return dict(self._texts)

    def read(self, name: str) -> str:
        """
        Return the text of the module ``name``.

        Args:
            name: An absolute path, a ``file:`` or an ``https:`` URL.

        Raises:
            ModuleNotFoundInScriptError: If there is none, or it cannot be had.

        """
        text = self._texts.get(name)
        if text is None:
            text = self._texts[name] = self._read(name)
        return text

    def _read(self, name: str) -> str:
        if name in self.moved:
            return _read_file(name, self.moved[name])
        try:
            scheme = urlsplit(name).scheme.lower()
        except ValueError as error:
            raise ModuleNotFoundInScriptError(
                name, f'cannot import "{name}": {error}'
            ) from None
        if scheme == "https":
            return _fetch(name)
        if scheme == "file":
            return _read_file(name, Path(unquote(urlsplit(name).path)))
        if scheme == "http":
            raise ModuleNotFoundInScriptError(
                name, f'cannot import "{name}": only https: addresses can be imported'
            )
        if name.startswith("/") or Path(name).is_absolute():
            return _read_file(name, Path(name))
        hint = did_you_mean(name, self.builtin_names)
        if not hint:
            hint = "; write './name.js' for a file beside the script"
        raise ModuleNotFoundInScriptError(name, f'unknown module "{name}"{hint}')


def _read_file(name: str, path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        siblings: list[str] = []
        with suppress(OSError):
            siblings = [entry.name for entry in path.parent.iterdir()]
        hint = did_you_mean(path.name, siblings)
        problem = f'cannot import "{name}": there is no such file{hint}'
    except IsADirectoryError:
        problem = f'cannot import "{name}": it is a directory; name the file in it'
    except UnicodeDecodeError as error:
        problem = f'cannot import "{name}": it is not UTF-8 (byte {error.start})'
    except OSError as error:
        problem = f'cannot import "{name}": {error.strerror or error}'
    except ValueError as error:
        problem = f'cannot import "{name}": {error}'
    raise ModuleNotFoundInScriptError(name, problem)


def _fetch(url: str) -> str:
    request = urllib.request.Request(url, headers={"User-Agent": "Gharial"})
    try:
        with urllib.request.urlopen(request, timeout=FETCH_LIMIT_S) as response:
            if urlsplit(response.url).scheme != "https":
                raise ModuleNotFoundInScriptError(
                    url,
                    f'cannot import "{url}": it leads on to {response.url}, which '
                    "is no https: address",
                )
            body: bytes = response.read(MODULE_LIMIT_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        problem = f'cannot import "{url}": the server answered with status {error.code}'
    except (http.client.HTTPException, ValueError, OSError) as error:
        cause = getattr(error, "reason", error)
        reason = getattr(cause, "strerror", None) or cause
        problem = (
            f'cannot import "{url}": {reason}; without a network, save the module '
            "beside the script and import './name.js'"
        )
    else:
        if len(body) <= MODULE_LIMIT_BYTES:
            return body.decode("utf-8", "replace")
        problem = f'cannot import "{url}": it is larger than 32 MiB'
    raise ModuleNotFoundInScriptError(url, problem)
