"""What each import of a script leads to."""

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from gharial.errors import did_you_mean
from gharial.javascript.catalog import BUILTIN_MODULES, builtin_file
from gharial.javascript.commonjs import EMPTY
from gharial.javascript.node_modules import PackageError, Packages
from gharial.lazy_dataclass import dataclass
from gharial.scripting.missing_module import ModuleNotFoundInScriptError
from gharial.scripting.origin import is_remote
from gharial.scripting.resolve import SourceFiles

# No package of npm: reading such a module says what is wrong.
_OF_K6 = "k6/"


class Kind(StrEnum):
    """How a module is loaded."""

    OURS = "ours"
    MODULE = "module"
    COMMONJS = "commonjs"
    JSON = "json"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Target:
    """
    What an import leads to.

    Attributes:
        kind: How that is loaded.
        name: Its name for the engine.

    """

    kind: Kind
    name: str


class Links:
    """
    Finds what imports lead to; each is looked up once.

    Args:
        files: The script's files.
        is_commonjs: Tells of a file, by its name, whether it is CommonJS.

    """

    def __init__(self, files: SourceFiles, is_commonjs: Callable[[str], bool]) -> None:
        self.packages = Packages(files.exists)
        self._is_commonjs = is_commonjs
        self._targets: dict[tuple[str, str, bool], Target] = {}

    def target(self, name: str, importer: str, *, required: bool = False) -> Target:
        """
        Return what an import leads to.

        Args:
            name: The module's name as it is written.
            importer: The name of the module that imports it.
            required: Whether it is a ``require()``.

        Raises:
            ModuleNotFoundInScriptError: If there is no such module, or it cannot be had.

        """
        key = (name, importer, required)
        target = self._targets.get(key)
        if target is None:
            target = self._targets[key] = self._find(name, importer, required=required)
        return target

    def _find(self, name: str, importer: str, *, required: bool) -> Target:
        if builtin_file(name) is not None:
            return Target(Kind.OURS, name)
        whole = self._whole(name, importer, required=required)
        if whole is None:
            return Target(Kind.EMPTY, EMPTY)
        if builtin_file(whole) is not None:
            return Target(Kind.OURS, whole)
        if urlsplit(whole).path.endswith(".json"):
            return Target(Kind.JSON, whole)
        # A page may only be mentioned: it is fetched once it is asked for.
        is_commonjs = not is_remote(whole) and self._is_commonjs(whole)
        return Target(Kind.COMMONJS if is_commonjs else Kind.MODULE, whole)

    def _whole(self, name: str, importer: str, *, required: bool) -> str | None:
        """Return a module's name for the engine; None for an empty module."""
        if name.startswith(_OF_K6) or _has_scheme(name):
            return name
        is_relative = name.startswith((".", "/"))
        if is_remote(importer):
            # A bare name means nothing there; reading it says what is wrong.
            return urljoin(importer, name) if is_relative else name
        try:
            found = self.packages.resolve(name, Path(importer), required=required)
        except PackageError as error:
            if is_relative:
                return os.path.normpath(Path(importer).parent / name)
            if did_you_mean(name, BUILTIN_MODULES):
                return name
            problem = f'cannot import "{name}": {error.cause}'
            raise ModuleNotFoundInScriptError(name, problem) from None
        return None if found is None else str(found)


def _has_scheme(name: str) -> bool:
    return name.lower().startswith(("https:", "http:", "file:"))
