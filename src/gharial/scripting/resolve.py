"""From the name in an import to a module's source, for files and URLs."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from gharial.errors import did_you_mean
from gharial.lazy_pattern import lazy_pattern
from gharial.scripting.missing_module import ModuleNotFoundInScriptError
from gharial.scripting.origin import (
    PLAIN,
    STANDARD_INPUT,
    Origin,
    entry_name,
    is_remote,
)

# A module's own words for what it imports, where they are written out.
_SPECIFIER = lazy_pattern(
    r"""\b(?:import|export)\b[^;'"`]*?\bfrom\s*["']([^"']+)["']"""
    r"""|\bimport\s*\(?\s*["'`]([^"'`$]+)["'`]"""
    r"""|\brequire\s*\(\s*["'`]([^"'`$]+)["'`]"""
)
# The place on a line of a stack trace, behind the name of a function or by itself.
_PLACE = lazy_pattern(
    r"\((?P<file>.+?)(?::\d+){1,2}\)$|^\s*at (?P<alone>.+?)(?::\d+){1,2}$"
)
_NATIVE = "(native)"


class SourceFiles:
    """
    Modules from files or URLs, each read or fetched once.

    Attributes:
        builtin_names: Names that are no files, to suggest the nearest of.
        moved: Where files and pages are now that came in an archive, by their names.
        root: The folder that an archive was unpacked into: nothing outside of it is read.
            None for a script that came in no archive.

    """

    def __init__(self, builtin_names: frozenset[str], origin: Origin = PLAIN) -> None:
        self.builtin_names = builtin_names
        self.moved = origin.moved
        self.root = None if origin.root is None else Path(os.path.realpath(origin.root))
        self._texts: dict[str, str] = {}
        self._known = dict(origin.pages)
        if origin.standard_input is not None:
            self._known[entry_name(STANDARD_INPUT)] = origin.standard_input
        self._module_cache = origin.module_cache

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
        return str(path) in self._known or path.is_file()

    def pages(self) -> dict[str, str]:
        """Return what came over the network so far, by URL."""
        return {name: text for name, text in self._texts.items() if is_remote(name)}

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
        if name in self._known:
            return self._known[name]
        if name in self.moved:
            return _read_file(name, self.moved[name])
        try:
            scheme = urlsplit(name).scheme.lower()
        except ValueError as error:
            raise ModuleNotFoundInScriptError(
                name, f'cannot import "{name}": {error}'
            ) from None
        if is_remote(name):
            # Loaded for the scripts that import from servers.
            from gharial.scripting.fetching import Pages

            return Pages(self._module_cache).read(name)
        if scheme == "file":
            path = Path(unquote(urlsplit(name).path))
            self._check_local(name, path)
            return _read_file(name, path)
        if scheme == "http":
            raise ModuleNotFoundInScriptError(
                name,
                f'cannot import "{name}": only https: addresses can be imported, '
                "and http: ones of this machine",
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
