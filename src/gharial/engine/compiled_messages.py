"""
The way of messages into the engine in C, if it could be compiled.

Apart, because it loads the frame engine: a run without sockets needs neither.
"""

from importlib import import_module
from typing import Any

from gharial.process.build import IS_COMPILED

IN_C: Any = import_module("gharial.engine.quickjs_messages") if IS_COMPILED else None
"""The module ``quickjs_messages``; None if it was not compiled."""
