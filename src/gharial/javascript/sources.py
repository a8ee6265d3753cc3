"""The modules and files of a script in JavaScript, read once for all virtual users."""

import errno
import json
import os
import re
from pathlib import Path
from urllib.parse import urljoin

from gharial.engine.port import ErrorKind, JsEngine
from gharial.errors import ExitCode, GharialError
from gharial.javascript import commonjs
from gharial.javascript.blocking import may_block
from gharial.javascript.callees import with_callee
from gharial.javascript.catalog import (
    BUILTIN_MODULES,
    builtin_file,
    module_source,
)
from gharial.javascript.export_names import ExportNames
from gharial.javascript.global_names import GlobalNames
from gharial.javascript.imports import (
    Import,
    Move,
    has_computed_import,
    imports_of,
    mentioned_modules,
    moved_by_head,
    moves_by_renaming,
    with_modules_renamed,
)
from gharial.javascript.linking import Kind, Links, Target
from gharial.javascript.module_texts import ModuleTexts
from gharial.javascript.original_places import OriginalPlaces
from gharial.javascript.used_parts import load_used_parts
from gharial.lazy_pattern import lazy_pattern
from gharial.scripting.addresses import address_of, path_of, quoted
from gharial.scripting.missing_module import ModuleNotFoundInScriptError
from gharial.scripting.origin import PLAIN, Origin, entry_name, is_remote
from gharial.scripting.resolve import SourceFiles, resolved
from gharial.scripting.source_line import line_around
from gharial.virtual_user.script import ScriptError

LOOK_AHEAD = "gharial:look-ahead"
"""A module that runs the files whose exports are not known, and nothing else."""
# Modules that export globals, whether or not a script takes that from them.
_WITH_GLOBALS = frozenset(
    {"websockets.js", "experimental_websockets.js", "experimental_streams.js"}
)
_LATE_IMPORT = lazy_pattern(r"""\bimport\(\s*["'](\.[^"'`$]*|https://[^"'`$]*)["']""")
_DEFAULT = lazy_pattern(r"\bexport\s+default\b|\bas\s+default\b")
# The innermost place of a stack.
_PLACE = lazy_pattern(r"^\s*at (?:[^(\n]*\()?(.+?):(\d+):(\d+)\)?$", re.MULTILINE)


class ScriptStartError(ScriptError):
    """The script threw at its top level, or could not be read as JavaScript."""

    exit_code = ExitCode.SCRIPT_EXCEPTION


def own_address(name: str) -> str:
    """Return the code that tells a module its address."""
    told = f"{json.dumps(name)},{json.dumps(address_of(name))}"
    return (
        "{const gharial=globalThis[Symbol.for('gharial')];gharial.load('import_meta');"
        f"gharial.tellAddress(import.meta,{told});}}"
    )


class ScriptSources:
    """
    The modules and files of one script.

    Attributes:
        entry_name: The name under which the script itself is loaded.
        global_names: Which globals its modules may touch.
        may_block: Whether code in them may suspend its virtual user.
        is_read: Whether the top level has run once, so that all of them are known.
        first_module: What an instance loads to begin with: the script.
        export_names: What its CommonJS files export.

    """

    def __init__(
        self,
        path: str,
        engine: JsEngine,
        origin: Origin = PLAIN,
    ) -> None:
        """
        Take a script, of which nothing is read yet.

        Args:
            path: The script's file.
            engine: What will run it.
            origin: What else is known of its files.

        """
        self.entry_name = entry_name(path)
        self.first_module = self.entry_name
        self.global_names = GlobalNames()
        self.export_names = ExportNames()
        self.may_block = False
        self.is_read = False
        self._engine = engine
        self._files = SourceFiles(frozenset(BUILTIN_MODULES), origin)
        self._texts = ModuleTexts(
            self._files, engine, {self.entry_name: origin.language}
        )
        self._links = Links(self._files, self._texts.is_commonjs)
        self._modules: dict[str, str] = {}
        # By module: what is elsewhere in its lines for the engine.
        self._moves: dict[str, list[Move]] = {}
        self._places = OriginalPlaces(self._files, self._texts.known, self._moves)
        # What is known of: looking through a bundle takes a tenth of a second.
        self._noted: set[str] = set()
        # By file: what it may require, as far as that is there.
        self._required: dict[str, list[Target]] = {}
        self._read_files: dict[str, bytes] = {}
        # By file: what to say of it; empty once it is said.
        self._problems: dict[str, str] = {}
        self._module_error: GharialError | None = None

    def module_source(self, name: str) -> str:
        """Return the source of a module, by the engine's name for it."""
        source = self._modules.get(name)
        if source is None:
            try:
                source = self._modules[name] = self._module_source(name)
            except GharialError as error:
                # The engine passes on a text only.
                self._module_error = self._module_error or error
                raise
        return source

    def required_module(self, name: str, importer: str) -> tuple[str, str]:
        """
        Return how a module is loaded that a CommonJS file requires, and its name.

        Args:
            name: Its name as it is written.
            importer: The file that requires it.

        Raises:
            ModuleNotFoundInScriptError: If there is none, or it cannot be had.
            ScriptError: If it is TypeScript that cannot be had without its compiler.

        """
        target = self._links.target(name, importer, required=True)
        if target.kind is Kind.MODULE:
            self._texts.of(target.name)
        return target.kind.value, target.name

    def resolved_address(self, name: str, importer: str) -> str:
        """
        Return the address of what an import would lead to, as ``import.meta.resolve``.

        Raises:
            ModuleNotFoundInScriptError: If it names a package that is not there.

        """
        if name.startswith(("./", "../", "/")) or name in (".", ".."):
            return urljoin(address_of(importer), quoted(name))
        return address_of(self._links.target(name, importer).name)

    def commonjs_file(self, name: str) -> str:
        """Return a CommonJS file as a function; see `commonjs.as_function`."""
        text = self._texts.of(name)
        self._take_note(name, text)
        # All of a minified script is in its first line, so its columns matter.
        head = commonjs.columns_moved()
        self._moves[name] = [Move(line=1, column=head + 1, by=head)]
        return commonjs.as_function(text)

    def json_file(self, name: str) -> str:
        """Return the text of a JSON file that a CommonJS file requires."""
        return self._texts.of(name)

    def read_file(self, path: str, stack: str = "") -> bytes:
        """
        Return a file's bytes, read once for all instances.

        Args:
            path: A path or a ``file:`` URL; relative ones are looked up next to the module
                that asks.
            stack: Where in the script that is asked for.

        Raises:
            OSError: If it cannot be read, or this script may not.

        """
        whole = self.whole_path(path, stack)
        file = self._files.local_file(whole, stack)
        data = self._read_files.get(whole)
        if data is None:
            data = self._read_files[whole] = file.read_bytes()
        return data

    def whole_path(self, path: str, stack: str) -> str:
        """
        Return the absolute path of a file that a script opens.

        Args:
            path: Relative ones are looked up next to the module that asks for it.
            stack: Where in the script that is asked for.

        Raises:
            PermissionError: If code from the network asks for a file next to it.

        """
        if path.lower().startswith("file:"):
            return path_of(path)
        caller = self._files.caller_of(stack) or self.entry_name
        if is_remote(caller) and not Path(path).is_absolute():
            raise PermissionError(
                errno.EACCES, "code from the network cannot read files"
            )
        whole = os.path.normpath(Path(caller).parent / path)
        if caller == self.entry_name or self._files.exists(Path(whole)):
            return whole
        # As k6 1 looked it up. It says that this will change, and so do we.
        by_script = os.path.normpath(Path(self.entry_name).parent / path)
        if not self._files.exists(Path(by_script)):
            return whole
        self._problems.setdefault(
            whole,
            f"open({path!r}): there is no {whole}, next to the module that opens it; "
            f"{by_script} is used instead",
        )
        return by_script

    def pages(self) -> dict[str, str]:
        """Return what came over the network so far, by URL."""
        return self._files.pages()

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
        packages = self._links.packages.files()
        return packages | found | self._read_files | self._places.map_files()

    def with_original_places(self, text: str) -> str:
        """Return a stack, or any text, with the places of files as they were written."""
        return self._places.shown(text)

    def with_callee(self, message: str, stack: str) -> str:
        """Return a message that names what is not a function; see `with_callee()`."""
        return with_callee(message, stack, self._places)

    def take_problems(self) -> list[str]:
        """Return what is wrong with source maps, each once."""
        return self._places.take_problems()

    def take_file_problems(self) -> list[str]:
        """Return what is to be said of files that were opened, each once."""
        found = [text for text in self._problems.values() if text]
        self._problems = dict.fromkeys(self._problems, "")
        return found

    def start_error(self, message: str, stack: str) -> Exception:
        """
        Return the error that stands for a failure of the script's top level.

        Args:
            message: What was thrown.
            stack: Where, in original places.

        """
        kind = self._engine.kind_of(message)
        if self._module_error is not None and kind is ErrorKind.LOADER_FAILED:
            return self._module_error
        missing = self._engine.missing_export(message)
        if missing is not None:
            name, module = missing
            message += self._texts.imported_by(module, name)
        return ScriptStartError(message, _with_line_shown(stack, self._places))

    def look_again(self) -> bool:
        """
        Return whether the script should be read again, as files export other names.

        What was made with those that were guessed is forgotten then.
        """
        if not self.export_names.were_wrong():
            return False
        self._forget_errors()
        return True

    def look_ahead(self) -> bool:
        """
        Return whether files should run by themselves, so that their exports are known.

        If so, that is what instances do from now on, until `look_at_all`.
        """
        if not self.export_names.not_known():
            return False
        self.first_module = LOOK_AHEAD
        self._forget_errors()
        return True

    def look_at_all(self) -> None:
        """From now on, instances run the script itself."""
        self.first_module = self.entry_name
        self._forget_errors()

    def finish_reading(self) -> None:
        """From now on all modules are known."""
        self.is_read = True
        self._forget_errors()

    def _forget_errors(self) -> None:
        """Forget what went wrong, and the modules that are made for CommonJS files."""
        self._module_error = None
        for name in [
            each for each in self._modules if self._texts.is_known_commonjs(each)
        ]:
            del self._modules[name]
        self._modules.pop(LOOK_AHEAD, None)

    # -- The inside ---------------------------------------------------------------------

    def _module_source(self, name: str) -> str:
        file_name = builtin_file(name)
        if file_name is not None:
            source = module_source(file_name)
            if not self.is_read and file_name not in _WITH_GLOBALS:
                self.global_names.see_ours(source)
            if name.startswith("https:"):
                self.may_block = self.may_block or may_block(source)
            return source
        if name.startswith(commonjs.EMPTY):
            return commonjs.as_empty(self.export_names.wanted(name))
        if name == LOOK_AHEAD:
            return commonjs.as_look_ahead(self.export_names.not_known())
        if not Path(name).is_absolute() and "://" not in name:
            # Imported by a computed name, so that the engine has asked for it as it is.
            target = self._target(name, self.entry_name)
            if target.name != name:
                return self._alias(target)
        text = self._texts.of(name)
        if name.endswith(".json"):
            return f"export default {text}"
        self._take_note(name, text)
        if self._texts.is_commonjs(name):
            names = self.export_names.of(name, commonjs.exported_names(text))
            required = self._required_modules(name)
            return commonjs.as_module(
                name, names, required, is_watched=not self.is_read
            )
        return self._linked(name, text)

    def _alias(self, target: Target) -> str:
        """Return a module that exports all of another one."""
        if target.kind is Kind.EMPTY:
            return commonjs.as_empty([])
        told = json.dumps(target.name)
        self.export_names.want(target.name, is_whole=True)
        has_default = target.kind is not Kind.MODULE or _DEFAULT.search(
            self._texts.of(target.name)
        )
        default = f"export{{default}}from{told};" if has_default else ""
        return f"export*from{told};{default}"

    def _take_note(self, name: str, text: str) -> None:
        """Take note of what a module may do, once."""
        if name in self._noted:
            return
        self._noted.add(name)
        self.may_block = self.may_block or may_block(text)
        load_used_parts(text)
        if has_computed_import(text):
            self.export_names.sees_all = True
        self.global_names.see(text, is_sloppy=self._texts.is_commonjs(name))

    def _linked(self, name: str, text: str) -> str:
        """Return an ES module whose imports name modules as the engine knows them."""
        renamed: dict[Import, str] = {}
        mentioned = mentioned_modules(text)
        if any(self._is_to_be_linked(each, name) for each in mentioned):
            renamed = self._renamed(name, text)
        head = self._head(name, text)
        if not renamed and not head:
            return text
        moves = moves_by_renaming(text, renamed)
        self._moves[name] = moved_by_head(moves, len(head)) if head else moves
        return head + with_modules_renamed(text, renamed)

    def _head(self, name: str, text: str) -> str:
        """Return what an ES module needs in front of it: its own require(), its address."""
        head = ""
        if "import.meta" in text:
            head += own_address(name)
        # What packages ask for is what bundlers give them: none.
        if "/node_modules/" not in name and commonjs.uses_require(text):
            head += commonjs.own_require(name, self._required_modules(name))
        return head

    def _renamed(self, name: str, text: str) -> dict[Import, str]:
        """Return the imports of an ES module that are to have other names."""
        renamed: dict[Import, str] = {}
        for each in imports_of(text):
            target = self._target(each.module, name)
            written = target.name
            if target.kind is Kind.EMPTY:
                asked = ",".join(sorted(each.names | each.members))
                written = f"{commonjs.EMPTY}:{asked}"
            members = set(each.members)
            if each.is_star:
                members |= self.export_names.wanted(name)
            self.export_names.want(
                written, each.names, members=members, is_whole=each.is_whole
            )
            if target.kind is not Kind.OURS:
                renamed[each] = written
        return renamed

    def _is_to_be_linked(self, module: str, importer: str) -> bool:
        """Return whether the engine needs help with an import, or with its names."""
        try:
            target = self._links.target(module, importer)
        except (ModuleNotFoundInScriptError, ScriptError):
            # It may be a mention only. If not, the engine asks for a file; for a package
            # it is told at once.
            return not module.startswith((".", "/"))
        if is_remote(target.name) and target.kind is not Kind.OURS:
            return True
        if target.kind in (Kind.COMMONJS, Kind.EMPTY):
            return True
        return target.name != resolved(importer, module)

    def _target(self, module: str, importer: str) -> Target:
        """
        Return what an import leads to; of what cannot be read the engine says where it is.

        Raises:
            ModuleNotFoundInScriptError: If it names a package that is not there.

        """
        try:
            return self._links.target(module, importer)
        except ScriptError:
            pass
        except ModuleNotFoundInScriptError as error:
            if not module.startswith((".", "/")):
                raise self._texts.with_place(module, error) from None
        return Target(Kind.MODULE, resolved(importer, module))

    def _required_modules(self, name: str) -> list[str]:
        """Return the ES modules, and ours, that a CommonJS file and its own may require."""
        found: dict[str, None] = {}
        seen, left = {name}, [name]
        while left:
            for target in self._required_by(left.pop()):
                if target.kind in (Kind.OURS, Kind.MODULE):
                    found[target.name] = None
                elif target.kind is Kind.COMMONJS and target.name not in seen:
                    seen.add(target.name)
                    left.append(target.name)
        return list(found)

    def _required_by(self, file: str) -> list[Target]:
        """Return what a file names in a ``require()``, each looked at once."""
        targets = self._required.get(file)
        if targets is not None:
            return targets
        targets = self._required[file] = []
        for each in commonjs.required_names(self._texts.of(file)):
            try:
                target = self._links.target(each, file, required=True)
                if target.kind is Kind.COMMONJS:
                    self._take_note(target.name, self._texts.of(target.name))
            except (ModuleNotFoundInScriptError, ScriptError):
                # It may be a mention only; it is an error when it is asked for.
                continue
            targets.append(target)
        return targets


def _with_line_shown(stack: str, places: OriginalPlaces) -> str:
    """Return the stack with the source line of its innermost frame under it."""
    match = _PLACE.search(stack)
    if match is None:
        return stack
    number = int(match[2])
    found = places.source_line(match[1], number, int(match[3]))
    if found is None:
        return stack
    line, column = found
    shown, place = line_around(line.expandtabs(1), column)
    return f"{stack}\n{number:>6} | {shown}\n       | {' ' * place}^"
