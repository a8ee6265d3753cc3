"""A function of the running program as a test script, for ``run_test``."""

import functools
import importlib
import inspect
import os
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from gharial.errors import ConfigurationError
from gharial.log_lines import Log
from gharial.python.code_host import CodeHost
from gharial.python.modules import USED_PARTS

DEFAULT: Final = "default"
_GHARIAL: Final = str(Path(__file__).resolve().parents[2])


class FunctionHost(CodeHost):
    """
    A function that every virtual user calls as its ``default``.

    What it refers to is shared by all virtual users: there are no modules of their own.
    """

    def __init__(
        self, function: Callable[..., object], *, environment: dict[str, str]
    ) -> None:
        """
        Take the function.

        Raises:
            ConfigurationError: If it is a class or a generator: calling that does nothing.

        """
        # They load slowly; whether it uses them is not seen without its text.
        for part in USED_PARTS.values():
            importlib.import_module(part)
        plain = _unwrapped(function)
        name = str(getattr(plain, "__qualname__", type(plain).__qualname__))
        shown = name.replace("<locals>.", "")
        _check(plain, shown)
        code = getattr(plain, "__code__", None)
        file = code.co_filename if code is not None else "<function>"
        super().__init__(
            f"{file}:{shown}", _FunctionSources(function), environment=environment
        )
        self.exports = frozenset({DEFAULT})

    def read(self, log: Log, *, memory_limit_bytes: int | None = None) -> None:
        """Do nothing: a function has no top level."""


class _FunctionSources:
    """The function, shared by all virtual users."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.files = UsersFiles()
        self._function = function

    def modules(self, label: str) -> "_FunctionModules":
        return _FunctionModules(self._function)

    def may_block(self) -> bool:
        return True


class _FunctionModules:
    """What a virtual user has in place of a script's modules."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.main: Any = SimpleNamespace(**{DEFAULT: function})

    def execute(self) -> None:
        """Do nothing: there is no top level."""

    def close(self) -> None:
        """Let go of the function."""
        self.main = None


class UsersFiles:
    """The files that are neither Gharial's nor come with Python or are installed."""

    def __init__(self) -> None:
        """Find out where those others are."""
        paths = sysconfig.get_paths()
        names = ("stdlib", "platstdlib", "purelib", "platlib")
        folders = (_GHARIAL, *(paths[name] for name in names))
        self._foreign = (*(f"{folder}{os.sep}" for folder in folders), "<frozen")

    def __contains__(self, name: object) -> bool:
        """Tell whether a file, as code objects name it, is the user's."""
        return isinstance(name, str) and not name.startswith(self._foreign)


def _unwrapped(function: Callable[..., object]) -> Callable[..., object]:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _check(function: Callable[..., object], name: str) -> None:
    if inspect.isclass(function):
        raise ConfigurationError(
            f"{name} is a class; give a function that runs one iteration"
        )
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigurationError(
            f"{name} is a generator, so calling it runs nothing; give a function "
            "without 'yield'"
        )
