"""
The modules of a Python script: files are loaded once, each VU gets its own copies.

A module found under the script's folder is executed anew for each VU from one shared code
object, so that its globals belong to that VU. Everything else (the standard library,
installed packages) is imported as usual and shared.

The way in is ``__import__`` in the ``__builtins__`` that the script's modules get: it
knows the importing module's globals, hence the VU, and costs nothing elsewhere.
"""

import ast
import builtins
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from gharial.lazy_dataclass import dataclass
from gharial.lenses.catalog import decoders_in
from gharial.python.blocking import is_sleep_handed_out, may_block
from gharial.python.console import script_print

USED_PARTS: Final = {
    b"WebSocket": "gharial.virtual_user.socket_parts",
    b"compat": "gharial.virtual_user.socket_parts",
    b"match": "gharial.websocket.json_paths",
}
"""
What loads slowly, by a word in the scripts that use it. Loaded at its first use, it would
hold up the event loop in the middle of a run, and fail where descriptors are short.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """
    One module of the script's, ready to be executed for a VU.

    Attributes:
        name: Dotted, relative to the script's folder.
        file: The whole path; a folder for a package without ``__init__.py``.
        code: None for a package without ``__init__.py``.
        is_package: Whether other modules can be inside it.

    """

    name: str
    file: Path
    code: CodeType | None
    is_package: bool

    @property
    def package(self) -> str:
        """The package against which its relative imports count."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


class ScriptSources:
    """
    The script's files, each read and compiled once.

    Attributes:
        main: The script itself.
        files: The names of all that was compiled, as the code objects carry them.

    """

    def __init__(self, path: str, text: str | None = None) -> None:
        """
        Read and compile the script; the modules that it imports follow on demand.

        Args:
            path: The script's file.
            text: What the script is, if it is in no file.

        Raises:
            OSError: If it cannot be read.
            SyntaxError: If it is not Python.
            ValueError: If it is not text in its declared encoding, or holds a NUL.

        """
        self._shown_folder = Path(path).parent
        file = Path(path).resolve()
        self._folder = file.parent
        self.files: set[str] = set()
        self._texts = {} if text is None else {file: text.encode()}
        name = re.sub(r"\W", "_", file.stem)
        self.main = Source(name, file, self._compile(file, path), is_package=False)
        self._found: dict[str, Source | None] = {name: self.main}
        self._names_blocking: bool | None = None

    def find(self, name: str) -> Source | None:
        """
        Return the module of this dotted name under the script's folder, if there is one.

        As in Python itself, a module next to the script hides an installed one of the
        same name, and a folder without ``__init__.py`` does not. Gharial is never
        hidden.

        Raises:
            SyntaxError: If it is not Python.

        """
        if name.partition(".")[0] == "gharial":
            return None
        if name not in self._found:
            self._found[name] = self._look_for(name)
        return self._found[name]

    def modules(self, label: str) -> "ScriptModules":
        """Return one VU's copy of the modules, which is yet to be executed."""
        return ScriptModules(self, label)

    def contents(self) -> dict[str, bytes]:
        """
        Return the files of all modules, also of those that are imported later on.

        Returns:
            What is in each file, by its absolute path.

        """
        found: dict[str, bytes] = {}
        waiting = [source for source in self._found.values() if source is not None]
        while waiting:
            source = waiting.pop()
            if source.code is None or str(source.file) in found:
                continue
            found[str(source.file)] = self._bytes_of(source.file)
            for name in _imported_names(found[str(source.file)], source.package):
                # A package is there before what is in it.
                parts = name.split(".")
                for count in range(1, len(parts) + 1):
                    inner = self.find(".".join(parts[:count]))
                    if inner is not None:
                        waiting.append(inner)
        return found

    def may_block(self) -> bool:
        """
        Return whether the script's code may suspend its virtual user.

        Asked when a top level has run, so that it has imported what it needs.
        """
        if is_sleep_handed_out():
            return True
        if self._names_blocking is None:
            try:
                self._names_blocking = any(map(may_block, self.contents().values()))
            except (OSError, SyntaxError, ValueError):
                # In a module that may never be imported.
                self._names_blocking = True
        return self._names_blocking

    def imported(self) -> set[str]:
        """Return the names of what its modules import from elsewhere, wherever in them."""
        names: set[str] = set()
        for text in self.contents().values():
            names.update(_imported_names(text, ""))
        return {name for name in names if self.find(name.partition(".")[0]) is None}

    def _look_for(self, name: str) -> Source | None:
        base = self._folder.joinpath(*name.split("."))
        package, module = base / "__init__.py", base.with_name(f"{base.name}.py")
        if package.is_file():
            return Source(name, package, self._compile(package), is_package=True)
        if module.is_file():
            return Source(name, module, self._compile(module), is_package=False)
        if base.is_dir() and ("." in name or not _is_installed(name)):
            return Source(name, base, None, is_package=True)
        return None

    def _compile(self, file: Path, shown: str | None = None) -> CodeType:
        if shown is None:
            shown = str(self._shown_folder / file.relative_to(self._folder))
        self.files.add(shown)
        source = self._bytes_of(file)
        for word, module in USED_PARTS.items():
            if word in source:
                importlib.import_module(module)
        for module in decoders_in(source.decode("utf-8", "replace")):
            importlib.import_module(module)
        try:
            return compile(source, shown, "exec", dont_inherit=True)
        except SyntaxError as error:
            # Python names no file where the file is not text.
            error.filename = error.filename or shown
            raise

    def _bytes_of(self, file: Path) -> bytes:
        text = self._texts.get(file)
        return file.read_bytes() if text is None else text


def _imported_names(text: bytes, package: str) -> Iterator[str]:
    """Yield what a module may import, wherever in it, as absolute names."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".") if package else []
            base = parents[: len(parents) - node.level + 1] if node.level else []
            whole = ".".join([*base, *([node.module] if node.module else [])])
            if whole:
                yield whole
            yield from (
                f"{whole}.{alias.name}" if whole else alias.name for alias in node.names
            )


class ScriptModules:
    """
    One VU's copies of the script's modules.

    It is the ``__loader__`` of each of them.
    """

    def __init__(self, sources: ScriptSources, label: str) -> None:
        """Prepare for a VU; ``label`` goes into ``__name__``, to tell VUs apart."""
        self._sources = sources
        self._modules: dict[str, ModuleType] = {}
        self._label = label
        while self._global_name(sources.main.name) in sys.modules:
            self._label += "_"

    @property
    def main(self) -> ModuleType:
        """The script's own module; valid once :meth:`execute` has been called."""
        return self._modules[self._sources.main.name]

    def execute(self) -> None:
        """Run the script's top level."""
        self._execute(self._sources.main)

    def owns(self, module_name: object) -> bool:
        """Tell whether this is the ``__name__`` of a module of this VU."""
        module = sys.modules.get(module_name) if isinstance(module_name, str) else None
        return module is not None and module.__dict__.get("__loader__") is self

    def close(self) -> None:
        """Let go of all modules."""
        for module in self._modules.values():
            sys.modules.pop(module.__name__, None)
        self._modules.clear()

    def import_(
        self,
        name: str,
        importer: Mapping[str, Any],
        fromlist: Sequence[str] | None,
        level: int,
    ) -> ModuleType:
        """
        Do what an ``import`` statement in one of these modules asks for.

        Args:
            name: As written, without leading dots.
            importer: The globals of the importing module.
            fromlist: The names after ``from … import``.
            level: The number of leading dots.

        Raises:
            ImportError: If there is no such module.

        """
        absolute = self._absolute(name, importer, level) if level else name
        module = self._load(absolute) if absolute else None
        if module is None:
            if level and absolute:
                raise ModuleNotFoundError(
                    f"No module named {absolute!r} in the script's folder",
                    name=absolute,
                )
            if level:
                return self._from_folder(fromlist or ())
            return builtins.__import__(name, importer, None, fromlist or (), 0)
        if not fromlist:
            return self._modules[absolute.partition(".")[0]]
        if hasattr(module, "__path__"):
            self._load_members(absolute, module, fromlist)
        return module

    def _absolute(self, name: str, importer: Mapping[str, Any], level: int) -> str:
        package = str(importer.get("__package__") or "")
        parts = package.split(".") if package else []
        if level - 1 > len(parts):
            raise ImportError("a relative import goes beyond the script's folder")
        parts = parts[: len(parts) - (level - 1)]
        return ".".join([*parts, name] if name else parts)

    def _from_folder(self, fromlist: Sequence[str]) -> ModuleType:
        """Serve ``from . import a`` in the script's own folder, which is no package."""
        folder = ModuleType("script_folder")
        for name in fromlist:
            module = self._load(name)
            if module is None:
                raise ImportError(f"No module named {name!r} in the script's folder")
            setattr(folder, name, module)
        return folder

    def _load_members(
        self, absolute: str, module: ModuleType, fromlist: Sequence[str]
    ) -> None:
        if "*" in fromlist:
            fromlist = [*fromlist, *getattr(module, "__all__", ())]
        for name in fromlist:
            member = f"{absolute}.{name}"
            if name == "*" or hasattr(module, name):
                continue
            if self._sources.find(member) is not None:
                self._load(member)

    def _load(self, absolute: str) -> ModuleType | None:
        module = self._modules.get(absolute)
        if module is not None:
            return module
        parent_name, _, name = absolute.rpartition(".")
        parent = None
        if parent_name:
            parent = self._load(parent_name)
            if parent is None:
                return None
            # The parent's top level may have imported it.
            if absolute in self._modules:
                return self._modules[absolute]
        source = self._sources.find(absolute)
        if source is None:
            if parent is not None:
                raise ModuleNotFoundError(
                    f"No module named {absolute!r}", name=absolute
                )
            return None
        module = self._execute(source)
        if parent is not None:
            setattr(parent, name, module)
        return module

    def _execute(self, source: Source) -> ModuleType:
        module = ModuleType(self._global_name(source.name))
        module.__dict__.update(
            __builtins__=SCRIPT_BUILTINS,
            __file__=str(source.file),
            __loader__=self,
            __package__=source.package,
        )
        if source.is_package:
            module.__path__ = []
        self._modules[source.name] = module
        # dataclasses, typing, pickle and others look up a class's module there.
        sys.modules[module.__name__] = module
        if source.code is None:
            return module
        try:
            exec(source.code, module.__dict__)
        except BaseException:
            del self._modules[source.name]
            del sys.modules[module.__name__]
            raise
        return module

    def _global_name(self, name: str) -> str:
        top, dot, rest = name.partition(".")
        return f"{top}_{self._label}{dot}{rest}"


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _import(
    name: str,
    globals: Mapping[str, Any] | None = None,  # noqa: A002 - as __import__ has it
    locals: Mapping[str, Any] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    modules = globals.get("__loader__") if globals else None
    if globals is not None and isinstance(modules, ScriptModules):
        return modules.import_(name, globals, fromlist, level)
    return builtins.__import__(name, globals, locals, fromlist or (), level)


# One for all VUs: a copy for each would cost 9 KB.
SCRIPT_BUILTINS: dict[str, Any] = {
    **vars(builtins),
    "__import__": _import,
    "print": script_print,
}
