"""The modules and files of a script in JavaScript, read once for all virtual users."""

import importlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urljoin

from gharial.engine.port import ErrorKind, JsEngine
from gharial.errors import ExitCode, GharialError
from gharial.javascript import commonjs
from gharial.javascript.blocking import may_block, may_use_http
from gharial.javascript.catalog import (
    BUILTIN_MODULES,
    REFUSED_MODULES,
    builtin_file,
    module_source,
)
from gharial.javascript.global_names import GlobalNames
from gharial.javascript.typescript import is_typescript, strip_types
from gharial.scripting.resolve import ModuleNotFoundInScriptError, SourceFiles
from gharial.scripting.source_line import line_around
from gharial.virtual_user.script import ScriptError

# Modules that export a global, whether or not a script takes that from them.
_WITH_BLOB = frozenset({"websockets.js", "experimental_websockets.js"})
_LATE_IMPORT = re.compile(r"""\bimport\(\s*["'](\.[^"'`$]*|https://[^"'`$]*)["']""")
# A place in the first line of a file, in a stack.
_FIRST_LINE = re.compile(r"((?:/|[A-Za-z]:|https?:)[^\n]*?):1:(\d+)")


class ScriptStartError(ScriptError):
    """The script threw at its top level, or could not be read as JavaScript."""

    exit_code = ExitCode.SCRIPT_EXCEPTION


class ScriptSources:
    """
    The modules and files of one script.

    Attributes:
        entry_name: The name under which the script itself is loaded.
        global_names: Which globals its modules may touch.
        may_block: Whether code in them may suspend its virtual user.
        is_read: Whether the top level has run once, so that all of them are known.

    """

    def __init__(
        self,
        path: str,
        engine: JsEngine,
        *,
        moved: Mapping[str, Path] | None = None,
        root: Path | None = None,
    ) -> None:
        """
        Take a script, of which nothing is read yet.

        Args:
            path: The script's file.
            engine: What will run it.
            moved: Where files and pages are now that came in an archive, by their names.
            root: The folder that an archive was unpacked into, None for no archive.

        """
        self.entry_name = str(Path(path).resolve())
        self.global_names = GlobalNames()
        self.may_block = False
        self.is_read = False
        self._engine = engine
        self._files = SourceFiles(frozenset(BUILTIN_MODULES), moved, root)
        self._modules: dict[str, str] = {}
        # By how much the columns of a file's first line were moved.
        self._shifts: dict[str, int] = {}
        self._read_files: dict[str, bytes] = {}
        self._module_error: GharialError | None = None

    def module_source(self, name: str) -> str:
        """Return the source of a module, by the engine's name for it."""
        source = self._modules.get(name)
        if source is None:
            source = self._modules[name] = self._module_source(name)
        return source

    def read_file(self, path: str, stack: str = "") -> bytes:
        """
        Return a file's bytes, read once for all instances.

        Args:
            path: Relative ones are looked up beside the script.
            stack: Where in the script that is asked for.

        Raises:
            OSError: If it cannot be read, or this script may not.

        """
        whole = os.path.normpath(Path(self.entry_name).parent / path)
        file = self._files.local_file(whole, stack)
        data = self._read_files.get(whole)
        if data is None:
            data = self._read_files[whole] = file.read_bytes()
        return data

    def contents(self) -> dict[str, bytes]:
        """Return all files that the script needs, by absolute path or URL."""
        found: dict[str, bytes] = {}
        texts = self._files.texts()
        while texts.keys() - found.keys():
            for name in texts.keys() - found.keys():
                found[name] = texts[name].encode("utf-8")
                # Modules that nobody has asked for yet, where it is clear which.
                for imported in _LATE_IMPORT.findall(texts[name]):
                    self._files.read(urljoin(name, imported))
            texts = self._files.texts()
        return found | self._read_files

    def own_columns(self, stack: str) -> str:
        """Return a stack whose columns are those of the script's files as they are."""

        def moved_back(match: re.Match[str]) -> str:
            shift = self._shifts.get(match[1], 0)
            return f"{match[1]}:1:{max(1, int(match[2]) - shift)}"

        return _FIRST_LINE.sub(moved_back, stack) if self._shifts else stack

    def start_error(self, message: str, stack: str) -> Exception:
        """Return the error that stands for a failure of the script's top level."""
        kind = self._engine.kind_of(message)
        if self._module_error is not None and kind is ErrorKind.LOADER_FAILED:
            return self._module_error
        missing = self._engine.missing_export(message)
        if missing is not None:
            name, module = missing
            message += self._imported_by(module, name)
        return ScriptStartError(message, _with_line_shown(stack, self._files))

    # -- The inside ---------------------------------------------------------------------

    def _module_source(self, name: str) -> str:
        file_name = builtin_file(name)
        if file_name is not None:
            source = module_source(file_name)
            if not self.is_read and file_name not in _WITH_BLOB:
                self.global_names.see_ours(source)
            if name.startswith("https:"):
                self.may_block = self.may_block or may_block(source)
            return source
        text = self._own_text(name)
        if name.endswith(".json"):
            return f"export default {text}"
        self.may_block = self.may_block or may_block(text)
        if may_use_http(text):
            # Takes a tenth of a second, which is not to be in any iteration's time.
            importlib.import_module("gharial.http.client")
        if text.startswith("#!"):
            # The line that names an interpreter means nothing here.
            text = f"//{text}"
        is_script = self._engine.check_script(text, name)
        self.global_names.see(text, is_sloppy=is_script)
        if is_script:
            module = commonjs.as_module(text, self._problems_of_required(text, name))
            # All of a minified script is in its first line, so its columns matter.
            self._shifts[name] = module.index(text)
            return module
        return text

    def _own_text(self, name: str) -> str:
        """Return the text of a module that is none of ours, as JavaScript."""
        try:
            if name in REFUSED_MODULES:
                raise ModuleNotFoundInScriptError(
                    name,
                    f'the module "{name}" is not part of Gharial: {REFUSED_MODULES[name]}',
                )
            text = self._files.read(name)
            if is_typescript(name):
                text = strip_types(text, name)
            text = self._engine.adapted(text)
        except ModuleNotFoundInScriptError as error:
            told = ModuleNotFoundInScriptError(
                name, f"{error}{self._imported_by(name)}"
            )
            self._module_error = self._module_error or told
            raise told from None
        except ScriptError as error:
            self._module_error = self._module_error or error
            raise
        return text

    def _imported_by(self, name: str, export: str = "") -> str:
        """Return where a module is imported, to be put behind what is wrong with it."""
        importer = self._files.importer_of(name, export)
        return "" if importer is None else f" (imported at {importer[0]}:{importer[1]})"

    def _problems_of_required(self, text: str, importer: str) -> dict[str, str]:
        """Return what is wrong with each module that a CommonJS file cannot require."""
        problems = {}
        for name in commonjs.required_names(text):
            if builtin_file(name) is not None:
                continue
            whole = urljoin(importer, name) if name.startswith(".") else name
            try:
                if whole in REFUSED_MODULES:
                    raise ModuleNotFoundInScriptError(
                        whole, f'the module "{whole}" is not part of Gharial'
                    )
                self._files.read(whole)
            except ModuleNotFoundInScriptError as error:
                problems[name] = str(error)
        return problems


def _with_line_shown(stack: str, files: SourceFiles) -> str:
    """Return the stack with the source line of its innermost frame under it."""
    match = re.search(r"at (?:.*\()?(/.+?):(\d+):(\d+)\)?", stack)
    if match is None:
        return stack
    name, line, column = match[1], int(match[2]), int(match[3])
    lines = files.read(name).splitlines()
    if not 0 < line <= len(lines):
        return stack
    shown, place = line_around(lines[line - 1].expandtabs(1), column - 1)
    return f"{stack}\n{line:>6} | {shown}\n       | {' ' * place}^"
