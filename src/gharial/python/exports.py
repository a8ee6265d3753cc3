"""The functions that a script exports: which they are, and how they are called."""

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

# What the run calls by k6's name and a Python script spells its own way.
_SPELLINGS = {
    "handleSummary": "handle_summary",
    "vuSetup": "vu_setup",
    "vuTeardown": "vu_teardown",
}


def exported_names(
    main: ModuleType, is_own: Callable[[object], bool]
) -> frozenset[str]:
    """
    Return the names of a script's public functions, k6's names among them.

    Args:
        main: The script's module, once its top level has run.
        is_own: Whether a module of this name is the script's own, not one that it imports.

    """
    names = {
        name
        for name, value in vars(main).items()
        if not name.startswith("_")
        and callable(value)
        and not inspect.isclass(value)
        and is_own(getattr(value, "__module__", None))
    }
    names.update(ours for ours, theirs in _SPELLINGS.items() if theirs in names)
    return frozenset(names)


class ExportedFunctions:
    """Calls a script's functions for all virtual users."""

    __slots__ = ("_arities",)

    def __init__(self) -> None:
        self._arities: dict[str, int] = {}

    def call(self, main: Any, export: str, arguments: tuple[Any, ...]) -> Any:
        """
        Call a function with as many of the arguments as it takes; return its result.

        Args:
            main: What has the functions as attributes.
            export: The function's name; k6's names find Python's.
            arguments: All that there are.

        """
        function = getattr(main, _SPELLINGS.get(export, export))
        count = self._arities.get(export)
        if count is None:
            count = self._arities[export] = _positional_count(function)
        return function(*arguments[:count])


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
