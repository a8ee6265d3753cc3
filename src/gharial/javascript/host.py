"""Scripts in JavaScript: read once, then instantiated for every virtual user."""

import asyncio
import importlib
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin

from gharial.engine.port import JsEngine, JsGroup
from gharial.errors import ExitCode, GharialError
from gharial.javascript import commonjs
from gharial.javascript.blocking import may_block, may_use_http
from gharial.javascript.catalog import (
    BUILTIN_MODULES,
    REFUSED_MODULES,
    builtin_file,
    module_source,
    runtime_source,
)
from gharial.javascript.exported_patterns import with_exports_named
from gharial.javascript.global_names import LAZY_GLOBALS, GlobalNames
from gharial.javascript.instance import JavaScriptInstance
from gharial.javascript.shared_arrays import SharedArrays
from gharial.javascript.typescript import is_typescript, strip_types
from gharial.metrics.metric import Metric
from gharial.net.settings import NetworkSettings
from gharial.process import native_calls
from gharial.scripting.reading import NothingToRunError, first_user
from gharial.scripting.resolve import ModuleNotFoundInScriptError, SourceFiles
from gharial.scripting.source_line import line_around
from gharial.virtual_user.context import Log, VuSettings
from gharial.virtual_user.script import ScriptError
from gharial.virtual_user.virtual_user import VirtualUser

# Contexts that share a heap save memory and cache misses, but its garbage collection
# stops them all: 0.7 ms for 10, 1.4 ms for 20, 3.5 ms for 50 (full collections).
VUS_PER_GROUP = 20
# A heap that takes more gets no further context: sharing saves 44 KB each, and one that
# takes much makes the collector slow for the others.
SHARED_BYTES_MAXIMUM = 8 * 1024 * 1024
# One for each scenario, mostly.
ENVIRONMENTS_MAXIMUM = 100
# Modules that export a global, whether or not a script takes that from them.
_WITH_BLOB = frozenset({"websockets.js", "experimental_websockets.js"})
# The top level may take longer than a callback: it prepares data.
START_LIMIT_S = 60.0

# The engine keeps a list of running frames for each heap. A VU that is suspended inside
# JavaScript leaves frames in that list whose memory another VU then uses: an exception's
# stack trace walks into garbage. So a VU that may be suspended has a heap of its own.
_LATE_IMPORT = re.compile(r"""\bimport\(\s*["'](\.[^"'`$]*|https://[^"'`$]*)["']""")

# A place in the first line of a file, in a stack.
_FIRST_LINE = re.compile(r"((?:/|[A-Za-z]:|https?:)[^\n]*?):1:(\d+)")


# As the engine words it.
_NO_EXPORT = re.compile(
    r"Could not find export '(?P<name>[^']*)' in module '(?P<module>[^']*)'"
)


class ScriptStartError(ScriptError):
    """The script threw at its top level, or could not be read as JavaScript."""

    exit_code = ExitCode.SCRIPT_EXCEPTION


class JavaScriptHost:
    """
    A script in JavaScript.

    Attributes:
        language: ``javascript``.
        path: The script's file as the user named it.
        entry_name: The name under which the script is loaded.
        exports: Names of exported functions.
        options: The exported ``options``.
        metrics: The custom metrics that its top level defined.
        engine: The engine.
        environment: ``__ENV`` as the script was read with it.
        lazy_globals: The globals that are loaded when the script touches them: name and
            file of the runtime.
        shared_arrays: What all its instances share of ``k6/data``.

    """

    language = "javascript"
    unpacked_in = ""

    def __init__(
        self,
        path: str,
        engine: JsEngine,
        *,
        environment: Mapping[str, str],
        moved: Mapping[str, Path] | None = None,
        root: Path | None = None,
    ) -> None:
        self.path = path
        self.entry_name = str(Path(path).resolve())
        self.engine = engine
        self.environment: Mapping[str, str] = dict(environment)
        self.exports: frozenset[str] = frozenset()
        self.options: Mapping[str, Any] = {}
        self.metrics: tuple[Metric, ...] = ()
        self.shared_arrays = SharedArrays()
        self._files = SourceFiles(frozenset(BUILTIN_MODULES), moved, root)
        self._modules: dict[str, str] = {}
        # By how much the columns of a file's first line were moved.
        self._shifts: dict[str, int] = {}
        self._read_files: dict[str, bytes] = {}
        self._bytecode: dict[str, bytes] = {}
        self._may_block = False
        self._global_names = GlobalNames()
        # All of them as long as the script has not been read.
        self.lazy_globals: dict[str, str] = LAZY_GLOBALS
        self._has_read = False
        self._environment_texts: list[tuple[Mapping[str, str], str]] = []
        self._module_error: GharialError | None = None
        # One that a script has filled, and that takes no further instances.
        self._full: JsGroup | None = None
        # Groups with the number of contexts that they hold.
        self._groups: list[tuple[JsGroup, list[JavaScriptInstance]]] = []

    # -- For the run ------------------------------------------------------------------

    def read(
        self,
        log: Log,
        *,
        network: NetworkSettings | None = None,
        memory_limit_bytes: int | None = None,
    ) -> None:
        """
        Run the top level once, to learn what the script exports.

        Call it where no event loop is running.

        Args:
            log: Where its console and warnings go.
            network: How it would connect.
            memory_limit_bytes: What it may take meanwhile; None for the usual.

        Raises:
            ScriptStartError: If it threw, or is not JavaScript.
            NothingToRunError: If it exports no function.
            ModuleNotFoundInScriptError: If an import cannot be had.

        """
        settings = VuSettings()
        if memory_limit_bytes is not None:
            settings = replace(settings, memory_limit_bytes=memory_limit_bytes)
        asyncio.run(self._read(log, network, settings))

    def instance(self, user: VirtualUser) -> JavaScriptInstance:
        """Return a fresh instance for a VU; its top level has not run yet."""
        native_calls.limit(
            max(user.services.settings.callback_timeout_s, START_LIMIT_S)
        )
        limit = 1 if self._may_block else VUS_PER_GROUP
        if (
            not self._groups
            or len(self._groups[-1][1]) >= limit
            or self._groups[-1][0] is self._full
            or self._groups[-1][0].memory_bytes() > SHARED_BYTES_MAXIMUM
        ):
            fresh: list[JavaScriptInstance] = []
            new_group = self.engine.new_group(
                memory_limit_bytes=user.services.settings.memory_limit_bytes
            )
            new_group.set_interrupt_handler(_Watchdog(fresh).should_stop)
            self._groups.append((new_group, fresh))
        group, members = self._groups[-1]
        instance = JavaScriptInstance(self, user, group.new_context())
        instance.may_block = user.loop.may_block = self._may_block
        members.append(instance)
        return instance

    def close(self) -> None:
        """Free what all instances shared."""
        self._groups.clear()

    # -- For the instances --------------------------------------------------------------

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

    def runtime_bytecode(self, name: str) -> bytes:
        """Return a part of the runtime, compiled once a process."""
        bytecode = self._bytecode.get(name)
        if bytecode is None:
            bytecode = self._bytecode[name] = self.engine.compile(
                runtime_source(name), f"gharial:{name}.js"
            )
        return bytecode

    def environment_text(self, environment: Mapping[str, str]) -> str:
        """Return what the script may read of ``__ENV``, as JSON; made once for each."""
        for known, text in self._environment_texts:
            if known is environment:
                return text
        # All of it as long as the script has not been read.
        needed = environment
        if self._has_read:
            needed = self._global_names.variables(environment)
        text = json.dumps(dict(needed))
        if len(self._environment_texts) < ENVIRONMENTS_MAXIMUM:
            self._environment_texts.append((environment, text))
        return text

    def is_heap_full(self, instance: JavaScriptInstance) -> bool:
        """Return whether the heap of an instance is near its limit."""
        limit_bytes = instance.user.services.settings.memory_limit_bytes
        group = self._group_of(instance)
        return group is not None and group.memory_bytes() > limit_bytes / 2

    def leave_heap(self, instance: JavaScriptInstance) -> None:
        """Make no further instance in the heap of this one, which has filled it."""
        self._full = self._group_of(instance)

    def _group_of(self, instance: JavaScriptInstance) -> JsGroup | None:
        return next((one for one, members in self._groups if instance in members), None)

    def release(self, instance: JavaScriptInstance) -> JsGroup | None:
        """Forget an instance; its group, which is returned, goes when it was the last."""
        for index, (group, members) in enumerate(self._groups):
            if instance in members:
                members.remove(instance)
                if not members:
                    del self._groups[index]
                return group
        return None

    def own_columns(self, stack: str) -> str:
        """Return a stack whose columns are those of the script's files as they are."""

        def moved_back(match: re.Match[str]) -> str:
            shift = self._shifts.get(match[1], 0)
            return f"{match[1]}:1:{max(1, int(match[2]) - shift)}"

        return _FIRST_LINE.sub(moved_back, stack) if self._shifts else stack

    def start_error(self, message: str, stack: str) -> Exception:
        """Return the error that stands for a failure of the script's top level."""
        if self._module_error is not None and "module loader failed" in message:
            return self._module_error
        missing = _NO_EXPORT.search(message)
        if missing is not None:
            message += self._imported_by(missing["module"], missing["name"])
        return ScriptStartError(message, _with_line_shown(stack, self._files))

    # -- The inside ---------------------------------------------------------------------

    async def _read(
        self, log: Log, network: NetworkSettings | None, settings: VuSettings
    ) -> None:
        try:
            async with first_user(
                self, self.environment, log=log, network=network, settings=settings
            ) as (user, self.metrics):
                instance = cast("JavaScriptInstance", user.instance)
                described = instance.describe_exports()
        finally:
            self._groups.clear()
        self.lazy_globals = self._global_names.table()
        self._has_read = True
        self._environment_texts.clear()
        self.exports = frozenset(described["functions"])
        self.options = described["options"]
        if not self.exports:
            raise NothingToRunError(
                self.path,
                "exports no function; write 'export default function () { ... }'",
            )

    def _module_source(self, name: str) -> str:
        file_name = builtin_file(name)
        if file_name is not None:
            source = module_source(file_name)
            if not self.exports and file_name not in _WITH_BLOB:
                self._global_names.see_ours(source)
            if name.startswith("https:"):
                self._may_block = self._may_block or may_block(source)
            return source
        text = self._own_text(name)
        if name.endswith(".json"):
            return f"export default {text}"
        self._may_block = self._may_block or may_block(text)
        if may_use_http(text):
            # Takes a tenth of a second, which is not to be in any iteration's time.
            importlib.import_module("gharial.http.client")
        if text.startswith("#!"):
            # The line that names an interpreter means nothing here.
            text = f"//{text}"
        is_script = self.engine.check_script(text, name)
        self._global_names.see(text, is_sloppy=is_script)
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
            text = with_exports_named(text)
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


class _Watchdog:
    """
    Stops script code that was told to end, that runs too long without a pause, or that has
    filled its heap.

    The engine asks it every ten thousand steps or so. It costs nothing on the path of a
    message: how many tasks the VUs of the group have run tells whether it is still the
    same one.
    """

    __slots__ = ("_members", "_since_s", "_tasks_run")

    def __init__(self, members: list[JavaScriptInstance]) -> None:
        self._members = members
        self._tasks_run = -1
        self._since_s = 0.0

    def should_stop(self) -> bool:
        """Return whether the engine is to stop what runs now."""
        tasks_run = 0
        running: JavaScriptInstance | None = None
        for member in self._members:
            loop = member.user.loop
            tasks_run += loop.tasks_run
            if loop.is_busy:
                running = member
        if running is None:
            return False
        if running.is_interrupted:
            return True
        if running.user.services.run.is_stopping:
            running.is_interrupted = True
            return True
        exceeded_bytes = running.context.over_limit_bytes()
        if exceeded_bytes:
            running.exceeded_bytes = exceeded_bytes
            return True
        # The processor's time: neither a busy machine nor a process that was stopped is
        # the script's fault.
        now_s = time.thread_time()
        if tasks_run != self._tasks_run:
            self._tasks_run = tasks_run
            self._since_s = now_s
            return False
        limit_s = running.user.services.settings.callback_timeout_s
        if not running.has_started:
            limit_s = max(limit_s, START_LIMIT_S)
        if now_s - self._since_s > limit_s:
            running.ran_too_long = True
            self._tasks_run = -1
            # Once the task has ended, in case that nothing tells of it before.
            running.user.services.event_loop.call_soon(running.tell_of_limit)
            return True
        return False


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
