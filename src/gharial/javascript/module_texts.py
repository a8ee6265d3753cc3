"""The texts of a script's own modules, as JavaScript, each read once."""

from collections.abc import Mapping

from gharial.engine.port import JsEngine
from gharial.javascript.catalog import refused_because
from gharial.javascript.typescript import is_typescript, strip_types
from gharial.lazy_pattern import lazy_pattern
from gharial.scripting.languages import Language
from gharial.scripting.missing_module import ModuleNotFoundInScriptError
from gharial.scripting.resolve import SourceFiles

# What packages ask of bundlers, and the answer, of the same length.
_NODE_ENV = lazy_pattern(r"(?<![\w$.])process\.env\.NODE_ENV\b")
_PRODUCTION = '"production"        '


class ModuleTexts:
    """
    The modules of one script that are none of ours.

    Attributes:
        known: The texts that were read so far, by the modules' names.

    """

    def __init__(
        self,
        files: SourceFiles,
        engine: JsEngine,
        languages: Mapping[str, Language | None],
    ) -> None:
        """
        Take a script's files.

        Args:
            files: The files.
            engine: What tells CommonJS files.
            languages: Those of modules whose names do not say it.

        """
        self.known: dict[str, str] = {}
        self._files = files
        self._engine = engine
        self._languages = languages
        self._commonjs: dict[str, bool] = {}

    def of(self, name: str) -> str:
        """
        Return the text of a module.

        Raises:
            ModuleNotFoundInScriptError: If there is no such module, or it cannot be had.
            ScriptError: If it is TypeScript that cannot be had without its compiler.

        """
        text = self.known.get(name)
        if text is None:
            text = self.known[name] = self._read(name)
        return text

    def is_commonjs(self, name: str) -> bool:
        """Return whether a module is CommonJS: a script, not an ES module."""
        known = self._commonjs.get(name)
        if known is None:
            text = self.of(name)
            known = not name.endswith(".mjs") and self._engine.check_script(text, name)
            self._commonjs[name] = known
        return known

    def is_known_commonjs(self, name: str) -> bool:
        """Return whether somebody has asked that of a module, and the answer was yes."""
        return self._commonjs.get(name, False)

    def with_place(
        self, name: str, error: ModuleNotFoundInScriptError
    ) -> ModuleNotFoundInScriptError:
        """Return an error that says where the module is imported, once."""
        if "(imported at " in str(error):
            return error
        return ModuleNotFoundInScriptError(name, f"{error}{self.imported_by(name)}")

    def imported_by(self, name: str, export: str = "") -> str:
        """Return where a module is imported, to be put behind what is wrong with it."""
        importer = self._files.importer_of(name, export)
        return "" if importer is None else f" (imported at {importer[0]}:{importer[1]})"

    def _read(self, name: str) -> str:
        try:
            reason = refused_because(name)
            if reason is not None:
                raise ModuleNotFoundInScriptError(
                    name, f'the module "{name}" is not part of Gharial: {reason}'
                )
            text = self._files.read(name)
        except ModuleNotFoundInScriptError as error:
            raise self.with_place(name, error) from None
        if self._is_typescript(name):
            text = strip_types(text, name)
        if name.endswith(".json"):
            return text
        if text.startswith("#!"):
            # The line that names an interpreter means nothing here.
            text = f"//{text}"
        if "/node_modules/" in name:
            text = _NODE_ENV.sub(_PRODUCTION, text)
        return self._engine.adapted(text)

    def _is_typescript(self, name: str) -> bool:
        language = self._languages.get(name)
        return (
            is_typescript(name) if language is None else language is Language.TYPESCRIPT
        )
