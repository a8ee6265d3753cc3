"""From the wire into a virtual user's task queue: the hot path."""

from importlib import import_module
from typing import TYPE_CHECKING

from gharial.process.build import IS_COMPILED

if TYPE_CHECKING or not IS_COMPILED:
    from gharial.virtual_user.message_path_in_python import MessagePath
else:
    _in_c = import_module(f"{__name__}_in_c")
    MessagePath = _in_c.MessagePath

__all__ = ["MessagePath"]
