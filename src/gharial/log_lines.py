"""How a line of the log is handed on: one form for all who write, keep or show them."""

from collections.abc import Callable, Mapping

Log = Callable[[int, str, Mapping[str, str]], None]
"""Takes a line: its level as in ``logging``, its text, its fields such as ``source``."""
