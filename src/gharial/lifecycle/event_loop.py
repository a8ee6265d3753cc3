"""The event loop of a run, and how its errors are logged."""

import asyncio
import importlib
import logging
from collections import Counter
from typing import Any, cast

# At most this many kinds of errors are distinguished.
KINDS_MAXIMUM = 100


def load_event_loop() -> Any:
    """Load uvloop, and return it; None where it cannot be had."""
    try:
        return importlib.import_module("uvloop")
    except ImportError:
        return None


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a uvloop where it can be imported, else a loop of asyncio's."""
    uvloop = load_event_loop()
    loop = (uvloop or asyncio).new_event_loop()
    loop.set_exception_handler(LoopErrors())
    return cast(asyncio.AbstractEventLoop, loop)


class LoopErrors:
    """
    An event loop's exception handler: one line for each kind of error, not one each time.

    The default one logs a traceback each time, and fails itself at exceptions that compiled
    code made.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def __call__(
        self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]
    ) -> None:
        """Log an error that is not reported anywhere else."""
        error = context.get("exception")
        text = str(context.get("message") or "an error in the event loop")
        if error is not None:
            text = f"{text.partition(chr(10))[0]}: {_told(error)}"
        logger = logging.getLogger("asyncio")
        if "transport" in context and _is_of_system(error):
            # A connection that broke: its protocol was told, and whoever waited for it.
            logger.debug("%s", text)
            return
        if len(self._seen) >= KINDS_MAXIMUM and text not in self._seen:
            text = "further errors in the event loop"
        self._seen[text] += 1
        count = self._seen[text]
        # The first, the tenth, the hundredth: never a flood, never silence.
        if count == 10 ** (len(str(count)) - 1):
            times = f" ({count:,} times)" if count > 1 else ""
            logger.error("%s%s", text, times)


def _is_of_system(error: object) -> bool:
    # aiofastnet hands over the class of some errors.
    kind = error if isinstance(error, type) else type(error)
    return issubclass(kind, OSError)


def _told(error: object) -> str:
    # Exceptions of compiled code may lack what their own methods read.
    try:
        return repr(error)
    except Exception:
        return type(error).__name__
