"""Logs the exceptions of threads that a script started, with the script's line."""

import asyncio
import logging
import threading
from collections.abc import Container

from gharial.log_lines import Log
from gharial.python.errors import thread_kind
from gharial.python.failures import script_error


class ThreadFailures:
    """
    Logs what ends a thread, where code of the script's was running in it.

    Which virtual user it belongs to, nobody knows: no iteration fails.
    """

    def __init__(
        self, event_loop: asyncio.AbstractEventLoop, files: Container[str], log: Log
    ) -> None:
        """Take the loop, the names of the script's files, and what logs on the loop."""
        self._event_loop = event_loop
        self._files = files
        self._log = log
        self._previous = threading.excepthook
        self._hook = self._tell

    def start(self) -> None:
        """Hear what ends any thread from now on."""
        self._previous = threading.excepthook
        threading.excepthook = self._hook

    def stop(self) -> None:
        """Hear nothing any more."""
        if threading.excepthook is self._hook:
            threading.excepthook = self._previous

    def _tell(self, raised: "threading.ExceptHookArgs") -> None:
        error = raised.exc_value
        failure = None if error is None else script_error(error, self._files)
        if failure is None or not failure.stack or isinstance(error, SystemExit):
            self._previous(raised)
            return
        name = "" if raised.thread is None else f" {thread_kind(raised.thread.name)!r}"
        text = f"a thread of the script's{name} ended with {failure}"
        try:
            self._event_loop.call_soon_threadsafe(
                self._log, logging.ERROR, text, {"source": "stacktrace"}
            )
        except RuntimeError:
            # The run is over.
            self._previous(raised)
