"""The kernel's timestamps of received bytes, where they are available."""

from importlib import import_module
from typing import TYPE_CHECKING

from gharial.process.build import IS_COMPILED

if TYPE_CHECKING or not IS_COMPILED:
    from gharial.websocket.wire.arrivals_in_python import date_by_kernel
else:
    _in_c = import_module(f"{__name__}_in_c")
    date_by_kernel = _in_c.date_by_kernel

__all__ = ["date_by_kernel"]
