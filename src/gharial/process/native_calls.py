"""Enforces the limits of script code even in C code that does not return."""

from importlib import import_module
from typing import TYPE_CHECKING

from gharial.process.build import IS_POSIX_COMPILED

if TYPE_CHECKING or not IS_POSIX_COMPILED:
    from gharial.process.native_calls_in_python import Polled, allow, limit
else:
    _in_c = import_module(f"{__name__}_in_c")
    Polled = _in_c.Polled
    allow = _in_c.allow
    limit = _in_c.limit

__all__ = ["Polled", "allow", "limit"]
