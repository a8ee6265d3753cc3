"""A Python test script, loaded once, of which every virtual user gets an instance."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Protocol, cast

from gharial.errors import ConfigurationError
from gharial.log_lines import Log
from gharial.options.model import Options
from gharial.python.code_host import CodeHost
from gharial.python.exports import exported_names
from gharial.python.failures import script_error
from gharial.python.foreign_clients import unmeasured
from gharial.python.modules import ScriptModules, ScriptSources
from gharial.python.options import plain_options
from gharial.scripting.origin import PLAIN, Origin
from gharial.scripting.reading import NothingToRunError, first_user


class _ScriptInstance(Protocol):
    modules: ScriptModules


class PythonHost(CodeHost):
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

    def __init__(
        self, path: str, *, environment: Mapping[str, str], origin: Origin = PLAIN
    ) -> None:
        """
        Read and compile the script; :meth:`read` runs it.

        Args:
            path: The script's file.
            environment: ``env``.
            origin: What else is known of its files.

        Raises:
            ConfigurationError: If there is no such file.
            ScriptError: If it is not Python.

        """
        self._files = _read(path, origin.standard_input)
        self._origin = origin
        super().__init__(path, self._files, environment=environment)

    def read(
        self,
        log: Log,
        *,
        memory_limit_bytes: int | None = None,
    ) -> None:
        """
        Run the top level once, to learn what the script defines.

        Call it where no event loop is running. Python has no limit of memory.

        Raises:
            ScriptError: If it throws, or takes too long.
            NothingToRunError: If it defines nothing to run.
            ConfigurationError: If its options are not plain data.
            TestAbortedError: If it asks for the end of the test.

        """
        asyncio.run(self._read(log))

    def contents(self) -> dict[str, bytes]:
        """Return all files of the script's own that it imports, by absolute path."""
        return self._files.contents()

    def known(self) -> Origin:
        """Return what other processes need not find out again."""
        return self._origin

    async def _read(self, log: Log) -> None:
        try:
            async with first_user(
                self, self.environment, log=log, options=Options()
            ) as (user, self.metrics):
                modules = cast("_ScriptInstance", user.instance).modules
                self.exports = exported_names(modules.main, modules.owns)
                self.options = plain_options(getattr(modules.main, "options", {}))
        finally:
            self.close()
        self._tell_of_foreign_clients(log)
        if not self.exports:
            raise NothingToRunError(
                self.path,
                "defines no public function; write 'def default(): ...'",
            )

    def _tell_of_foreign_clients(self, log: Log) -> None:
        """Say once a run, as it is the first process that logs what it reads."""
        try:
            text = unmeasured(self._files.imported())
        except (OSError, SyntaxError, ValueError):
            # In a module that may never be imported.
            return
        if text:
            log(logging.WARNING, text, {"source": "script"})


def _read(path: str, text: str | None) -> ScriptSources:
    try:
        return ScriptSources(path, text)
    except FileNotFoundError:
        raise ConfigurationError(f"there is no script {path!r}") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot read {path!r}: {reason}") from error
    except (SyntaxError, ValueError) as error:
        raise script_error(error, ()) from error
