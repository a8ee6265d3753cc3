"""
Regular expressions that are compiled when they are first used.

A start meets eighty of them and uses few; together they take 30 ms to compile.
"""

import re
from typing import TYPE_CHECKING, Any, AnyStr

if TYPE_CHECKING:

    def lazy_pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """Return what is used like the regular expression of a text."""

else:
    _METHODS = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub")

    class lazy_pattern:  # noqa: N801 - used as `re.compile` is
        """What is used like the regular expression of a text."""

        __slots__ = ("_flags", "_text", *_METHODS)

        def __init__(self, text: Any, flags: int = 0) -> None:
            self._text = text
            self._flags = flags

        def __getattr__(self, name: str) -> Any:
            # Called once: the methods are found by themselves afterwards.
            compiled = re.compile(self._text, self._flags)
            for each in _METHODS:
                setattr(self, each, getattr(compiled, each))
            return getattr(compiled, name)
