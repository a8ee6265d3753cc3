"""Ends the process even while C code runs that does not return."""

from importlib import import_module
from typing import TYPE_CHECKING

from gharial.process.build import IS_POSIX_COMPILED

if TYPE_CHECKING or not IS_POSIX_COMPILED:
    from gharial.process.last_resort_in_python import (
        acknowledge,
        leave_with_parent,
        start,
    )
else:
    _in_c = import_module(f"{__name__}_in_c")
    acknowledge = _in_c.acknowledge
    leave_with_parent = _in_c.leave_with_parent
    start = _in_c.start

__all__ = ["acknowledge", "leave_with_parent", "start"]
