"""From the name in an import to a module's source, for files and URLs."""

import errno
import http.client
import os
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from gharial.errors import ConfigurationError, ExitCode, did_you_mean

FETCH_LIMIT_S = 60.0
MODULE_LIMIT_BYTES = 32 * 1024 * 1024
# A module's own words for what it imports, where they are written out.
_SPECIFIER = re.compile(
    r"""\b(?:import|export)\b[^;'"`]*?\bfrom\s*["']([^"']+)["']"""
    r"""|\bimport\s*\(?\s*["'`]([^"'`$]+)["'`]"""
    r"""|\brequire\s*\(\s*["'`]([^"'`$]+)["'`]"""
)
# The place on a line of a stack trace, behind the name of a function or by itself.
_PLACE = re.compile(
    r"\((?P<file>.+?)(?::\d+){1,2}\)$|^\s*at (?P<alone>.+?)(?::\d+){1,2}$"
)
_NATIVE = "(native)"


class ModuleNotFoundInScriptError(ConfigurationError):
    """
    An import names a module that does not exist.

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
    Modules from files or URLs, each read or fetched once.

    Attributes:
        builtin_names: Names that are no files, to suggest the nearest of.
        moved: Where files and pages are now that came in an archive, by their names.
        root: The folder that an archive was unpacked into: nothing outside of it is read.
            None for a script that came in no archive.

    """

    def __init__(
        self,
        builtin_names: frozenset[str],
        moved: Mapping[str, Path] | None = None,
        root: Path | None = None,
    ) -> None:
        self.builtin_names = builtin_names
        self.moved = moved or {}
        self.root = None if root is None else Path(os.path.realpath(root))
        self._texts: dict[str, str] = {}

    @property
    def has_remote(self) -> bool:
        """Whether any module came over the network."""
        return any(map(is_remote, self._texts))

    def importer_of(self, name: str, export: str = "") -> tuple[str, int] | None:
        """
        Return which module, and which of its lines, asks for a module in plain words.

        Args:
            name: The module that is asked for.
            export: What of it, if that matters.

        """
        for module, text in self._texts.items():
            for match in _SPECIFIER.finditer(text):
                written = match[1] or match[2] or match[3]
                if resolved(module, written) == name and export in match[0]:
                    start = match.start(match.lastindex or 0)
                    return module, text.count("\n", 0, start) + 1
        return None

    def local_file(
        self, path: str, stack: str = "", *, is_asked_by_script: bool = True
    ) -> Path:
        """
        Return where a file is that a script opens.

        Args:
            path: Absolute, as the script knows it.
            stack: The script's stack: code of a remote module may open nothing.
            is_asked_by_script: Whether that matters.

        Raises:
            PermissionError: If this script may not read it.

        """
        moved = self.moved.get(path)
        if moved is not None:
            return moved
        if self.root is not None:
            if not Path(os.path.realpath(path)).is_relative_to(self.root):
                raise PermissionError(
                    errno.EACCES,
                    "a script in an archive can read only what is in the archive",
                )
        elif is_asked_by_script and self.has_remote and not self._is_local(stack):
            raise PermissionError(
                errno.EACCES, "code from the network cannot read files"
            )
        return Path(path)

    def _is_local(self, stack: str) -> bool:
        """Tell whether a stack has code of local files, and of nothing else."""
        # Functions of the runtime have no place, those of its modules one of ours.
        lines = [line for line in stack.splitlines() if "(" in line or ":" in line]
        files = {
            _file_in(line) or ""
            for line in lines
            if not line.rstrip().endswith(_NATIVE)
        }
        files = {each for each in files if not each.startswith("k6")}
        return bool(files) and all(
            each in self._texts and not is_remote(each) for each in files
        )

    def caller_of(self, stack: str) -> str | None:
        """Return the innermost module of the script's in a stack; None for none."""
        places = map(_file_in, stack.splitlines())
        return next((each for each in places if each in self._texts), None)

    def _check_local(self, name: str, path: Path) -> None:
        """Raise if a module may not be read from this file."""
        if self.root is not None:
            if not Path(os.path.realpath(path)).is_relative_to(self.root):
                raise ModuleNotFoundInScriptError(
                    name,
                    f'cannot import "{name}": a script in an archive can import only '
                    "what is in the archive",
                )
        elif self.has_remote:
            importer = self.importer_of(name)
            if importer is None or is_remote(importer[0]):
                raise ModuleNotFoundInScriptError(
                    name,
                    f'cannot import "{name}": a module from the network must '
                    "not import a local file",
                )

    def exists(self, path: Path) -> bool:
        """Return whether there is a file that a module may be read from."""
        if str(path) in self.moved:
            return True
        if self.root is not None:
            inside = Path(os.path.realpath(path)).is_relative_to(self.root)
            return inside and path.is_file()
        return path.is_file()

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
            path = Path(unquote(urlsplit(name).path))
            self._check_local(name, path)
            return _read_file(name, path)
        if scheme == "http":
            raise ModuleNotFoundInScriptError(
                name, f'cannot import "{name}": only https: addresses can be imported'
            )
        if name.startswith("/") or Path(name).is_absolute():
            self._check_local(name, Path(name))
            return _read_file(name, Path(name))
        hint = did_you_mean(name, self.builtin_names)
        if not hint:
            hint = "; write './name.js' for a file next to the script"
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


def _file_in(line: str) -> str | None:
    """Return the file that a line of a stack names."""
    place = _PLACE.search(line.rstrip())
    return None if place is None else place["file"] or place["alone"]


def resolved(importer: str, written: str) -> str:
    """Return the name of the module that an import in ``importer`` names."""
    if not written.startswith("."):
        return written
    if is_remote(importer):
        return urljoin(importer, written)
    return os.path.normpath(Path(importer).parent / written)


def is_remote(name: str) -> bool:
    """Return whether a module comes over the network."""
    return name.lower().startswith("https:")


class _OnlySecure(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but none that leaves https."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        """Return the request that follows."""
        if urlsplit(newurl).scheme.lower() != "https":
            raise urllib.error.URLError(
                f"it redirects to {newurl}, which is not an https: address"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(request: urllib.request.Request, timeout_s: float) -> Any:
    """Return the answer to a request."""
    return urllib.request.build_opener(_OnlySecure).open(request, timeout=timeout_s)


class _Fetch(threading.Thread):
    """
    Fetches a page, for as long as somebody waits for it.

    In a thread of its own, since each byte may take its time: that of a name, of a header,
    of a certificate.
    """

    def __init__(self, url: str, ends_at_s: float) -> None:
        super().__init__(name="gharial-fetch", daemon=True)
        self._url = url
        self._ends_at_s = ends_at_s
        self.body = b""
        self.is_too_late = False
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        """Fetch it."""
        request = urllib.request.Request(self._url, headers={"User-Agent": "Gharial"})
        try:
            with _open(request, FETCH_LIMIT_S) as response:
                while len(self.body) <= MODULE_LIMIT_BYTES:
                    read = response.read1(MODULE_LIMIT_BYTES)
                    if not read:
                        break
                    if time.monotonic() > self._ends_at_s:
                        self.is_too_late = True
                        break
                    self.body += read
        except (http.client.HTTPException, ValueError, OSError) as error:
            self.error = error


def _fetch(url: str) -> str:
    fetch = _Fetch(url, time.monotonic() + FETCH_LIMIT_S)
    fetch.join(FETCH_LIMIT_S)
    error = fetch.error
    if fetch.is_alive() or fetch.is_too_late:
        problem = (
            f'cannot import "{url}": it did not arrive within {FETCH_LIMIT_S:g} s; save '
            "the module next to the script and import './name.js'"
        )
    elif isinstance(error, urllib.error.HTTPError):
        error.close()
        problem = f'cannot import "{url}": the server answered with status {error.code}'
    elif error is not None:
        cause = getattr(error, "reason", error)
        reason = getattr(cause, "strerror", None) or cause
        problem = (
            f'cannot import "{url}": {reason}; without a network, save the module '
            "next to the script and import './name.js'"
        )
    elif len(fetch.body) > MODULE_LIMIT_BYTES:
        problem = f'cannot import "{url}": it is larger than 32 MiB'
    else:
        return fetch.body.decode("utf-8", "replace")
    raise ModuleNotFoundInScriptError(url, problem)
