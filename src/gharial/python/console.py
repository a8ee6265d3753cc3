"""The log of a script: ``log`` and ``print``."""

import builtins
import logging
import sys
from typing import Any

from gharial.python.current import CURRENT


class Log:
    """
    Writes lines to the log of the run, as ``console`` does in JavaScript.

    Each line carries ``source=console`` and, in a virtual user, its scenario. Calling
    the object itself is the same as :meth:`info`.

    Example::

        from gharial import log

        log("joined", room)
        log.warning("no answer after", 5, "seconds")
    """

    __slots__ = ()

    def __call__(self, *values: object) -> None:
        """Log the values, joined by spaces, at level info."""
        write(logging.INFO, values)

    def debug(self, *values: object) -> None:
        """Log the values, joined by spaces; shown with ``--verbose`` only."""
        write(logging.DEBUG, values)

    def info(self, *values: object) -> None:
        """Log the values, joined by spaces."""
        write(logging.INFO, values)

    def warning(self, *values: object) -> None:
        """Log the values, joined by spaces, as a warning."""
        write(logging.WARNING, values)

    def error(self, *values: object) -> None:
        """Log the values, joined by spaces, as an error; the iteration goes on."""
        write(logging.ERROR, values)


log = Log()


def write(level: int, values: tuple[object, ...]) -> None:
    """Log the values for the virtual user that runs; without one, to ``logging``."""
    text = " ".join(map(str, values))
    instance = CURRENT.get()
    if instance is None:
        logging.getLogger("gharial").log(level, "%s", text)
    else:
        instance.log(level, text)


def script_print(
    *values: object,
    sep: str | None = " ",
    end: str | None = "\n",
    file: Any = None,
    flush: bool = False,
) -> None:
    """
    Write to the log of the run, where a script says ``print``.

    Text without a line end waits for the rest of its line. With a ``file`` other
    than the standard output it is the ``print`` of Python.
    """
    instance = CURRENT.get()
    if instance is None or (file is not None and file is not sys.stdout):
        builtins.print(*values, sep=sep, end=end, file=file, flush=flush)
        return
    text = (" " if sep is None else sep).join(map(str, values))
    text = instance.unfinished_line + text + ("\n" if end is None else end)
    whole, newline, instance.unfinished_line = text.rpartition("\n")
    if newline:
        instance.log(logging.INFO, whole)
