"""What all virtual users share of a script in JavaScript, made once a process."""

import json
from collections.abc import Mapping
from typing import Any

from gharial.engine.port import Bytecode, JsContext, JsEngine
from gharial.javascript.catalog import runtime_source
from gharial.javascript.global_names import LAZY_GLOBALS
from gharial.javascript.shared_arrays import SharedArrays
from gharial.javascript.sources import ScriptSources

# One for each scenario, mostly.
ENVIRONMENTS_MAXIMUM = 100


class SharedScript:
    """
    A script's modules, and what is made of it and of the runtime for all instances.

    Attributes:
        engine: The engine.
        sources: The script's modules and files.
        environment: ``__ENV`` as the script was read with it.
        lazy_globals: The globals that are loaded when the script touches them: name and
            file of the runtime.
        has_locale_methods: Whether the script may call what locale_methods.js has.
        calls_classes: Whether the script may call classes of k6's without ``new``.
        arrays: What all instances share of ``k6/data``.

    """

    def __init__(
        self, engine: JsEngine, sources: ScriptSources, environment: Mapping[str, str]
    ) -> None:
        self.engine = engine
        self.sources = sources
        self.environment = environment
        self.arrays = SharedArrays()
        # All of them as long as the script has not been read.
        self.lazy_globals: dict[str, str] = LAZY_GLOBALS
        self.has_locale_methods = True
        self.calls_classes = True
        self._bytecode: dict[str, Bytecode] = {}
        # Modules, and CommonJS files, that all instances share; made once all are known.
        self._modules: dict[str, Bytecode] = {}
        self._files: dict[str, Bytecode] = {}
        self._environment_texts: list[tuple[Mapping[str, str], str]] = []

    def finish_reading(self) -> None:
        """From now on it is known what the script needs, and only that is made."""
        self.sources.finish_reading()
        self.lazy_globals = self.sources.global_names.table()
        self.has_locale_methods = self.sources.global_names.has_locale_methods
        self.calls_classes = self.sources.global_names.calls_classes
        self._environment_texts.clear()

    def begin_again(self) -> None:
        """Forget what an instance left that all of them share."""
        self.arrays = SharedArrays()

    def runtime_bytecode(self, name: str) -> Bytecode:
        """Return a part of the runtime, compiled once a process."""
        bytecode = self._bytecode.get(name)
        if bytecode is None:
            bytecode = self._bytecode[name] = self.engine.compile(
                runtime_source(name), f"gharial:{name}.js"
            )
        return bytecode

    def module(self, name: str) -> Bytecode:
        """Return a module, by the engine's name for it, as the engine may load it."""
        if not self.sources.is_read:
            return self.sources.module_source(name)
        compiled = self._modules.get(name)
        if compiled is None:
            compiled = self.engine.compile_module(
                self.sources.module_source(name), name
            )
            self._modules[name] = compiled
        return compiled

    def run_commonjs_file(self, context: JsContext, name: str) -> Any:
        """Return a CommonJS file as a function; see `commonjs.as_function`."""
        if not self.sources.is_read:
            # What is wrong with it is told with its place.
            return context.run_script(self.sources.commonjs_file(name), name)
        compiled = self._files.get(name)
        if compiled is None:
            source = self.sources.commonjs_file(name)
            compiled = self._files[name] = self.engine.compile_script(source, name)
        return context.run_bytecode(compiled)

    def environment_text(self, environment: Mapping[str, str]) -> str:
        """Return what the script may read of ``__ENV``, as JSON; made once for each."""
        for known, text in self._environment_texts:
            if known is environment:
                return text
        # All of it as long as the script has not been read.
        needed = environment
        if self.sources.is_read:
            needed = self.sources.global_names.variables(environment)
        text = json.dumps(dict(needed))
        if len(self._environment_texts) < ENVIRONMENTS_MAXIMUM:
            self._environment_texts.append((environment, text))
        return text
