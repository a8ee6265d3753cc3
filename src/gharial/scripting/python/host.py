"""A Python test script, read once, of which every virtual user gets an instance."""

import asyncio
import inspect
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, cast

from gharial.errors import ConfigurationError
from gharial.metrics.metric import Metric
from gharial.scripting.python.blocking import is_sleep_handed_out, may_block
from gharial.scripting.python.failures import script_error
from gharial.scripting.python.instance import PythonInstance
from gharial.scripting.python.modules import ScriptModules, ScriptSources
from gharial.scripting.python.options import plain_options
from gharial.scripting.python.watchdog import Watchdog
from gharial.scripting.reading import NothingToRunError, first_user
from gharial.vu.context import Log
from gharial.vu.virtual_user import VirtualUser
from gharial.websocket.model import NetworkSettings

# What the run calls by k6's name and a Python script spells its own way.
_SPELLINGS = {
    "handleSummary": "handle_summary",
    "vuSetup": "vu_setup",
    "vuTeardown": "vu_teardown",
}


class PythonHost:
    """
    A script in Python.

    Attributes:
        language: ``python``.
        path: The script's file as the user named it.
        exports: Names of the script's public functions.
        options: Its ``options`` as JSON-like data with k6's names; empty if it has none.
        metrics: The custom metrics that its top level defined.
        environment: ``env`` as the script was read with it.
        sources: Its files.

    """

    language = "python"

    def __init__(self, path: str, *, environment: Mapping[str, str]) -> None:
        """
        Read and compile the script; :meth:`read` runs it.

        Raises:
            ConfigurationError: If there is no such file.
            ScriptError: If it is not Python.

        """
        self.path = path
        self.environment: Mapping[str, str] = dict(environment)
        self.exports: frozenset[str] = frozenset()
        self.options: Mapping[str, Any] = {}
        self.metrics: tuple[Metric, ...] = ()
        self.sources = _read(path)
        self._arities: dict[str, int] = {}
        self._watchdog: Watchdog | None = None
        self._names_blocking: bool | None = None

    def read(self, log: Log, *, network: NetworkSettings | None = None) -> None:
        """
        Run the top level once, to learn what the script defines.

        Call it where no event loop is running.

        Raises:
            ScriptError: If it throws, or takes too long.
            NothingToRunError: If it defines nothing to run.
            ConfigurationError: If its options are no data.
            TestAbortedError: If it asks for the end of the test.

        """
        asyncio.run(self._read(log, network))

    def instance(self, user: VirtualUser) -> PythonInstance:
        """Return a fresh instance for a VU; its top level has not run yet."""
        if self._watchdog is None:
            services = user.services
            self._watchdog = Watchdog(
                services.event_loop,
                services.settings.task_limit_s,
                self.sources.files,
            )
            self._watchdog.start()
        return PythonInstance(self, user)

    def close(self) -> None:
        """Stop watching the instances."""
        if self._watchdog is not None:
            self._watchdog.stop()
            self._watchdog = None

    def contents(self) -> dict[str, bytes]:
        """Return all files of the script's own that it imports, by absolute path."""
        return self.sources.contents()

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

    async def _read(self, log: Log, network: NetworkSettings | None) -> None:
        try:
            async with first_user(self, self.environment, log=log, network=network) as (
                user,
                self.metrics,
            ):
                modules = cast("PythonInstance", user.instance).modules
                self.exports = _exports(modules.main, modules)
                self.options = plain_options(getattr(modules.main, "options", {}))
        finally:
            self.close()
        if not self.exports:
            raise NothingToRunError(
                self.path,
                "defines no public function; write 'def default(): ...'",
            )

    def python_name(self, export: str) -> str:
        """Return what the script calls an export."""
        return _SPELLINGS.get(export, export)

    def arity(self, export: str, function: Callable[..., object]) -> int:
        """Return how many positional arguments an exported function takes at most."""
        count = self._arities.get(export)
        if count is None:
            count = self._arities[export] = _positional_count(function)
        return count


def _read(path: str) -> ScriptSources:
    try:
        return ScriptSources(path)
    except FileNotFoundError:
        raise ConfigurationError(f"there is no script {path!r}") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot read {path!r}: {reason}") from error
    except (SyntaxError, ValueError) as error:
        raise script_error(error, ()) from error


def _exports(main: ModuleType, modules: ScriptModules) -> frozenset[str]:
    names = {
        name
        for name, value in vars(main).items()
        if not name.startswith("_")
        and callable(value)
        and not inspect.isclass(value)
        and modules.owns(getattr(value, "__module__", None))
    }
    names.update(ours for ours, theirs in _SPELLINGS.items() if theirs in names)
    return frozenset(names)


def _positional_count(function: Callable[..., object]) -> int:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return sys.maxsize
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return sys.maxsize
    positional = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    return sum(each.kind in positional for each in parameters)
