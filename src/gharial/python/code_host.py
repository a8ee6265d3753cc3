"""The base of the hosts of Python code: makes and watches each virtual user's instance."""

from collections.abc import Mapping
from typing import Any

from gharial.metrics.metric import Metric
from gharial.python.exports import ExportedFunctions
from gharial.python.instance import PythonInstance
from gharial.python.sources import Sources
from gharial.python.thread_failures import ThreadFailures
from gharial.python.watchdog import Watchdog
from gharial.scripting.origin import PLAIN, Origin
from gharial.virtual_user.virtual_user import VirtualUser


class CodeHost:
    """
    Python code that virtual users run.

    Attributes:
        language: ``python``.
        path: Where it is, for people.
        environment: ``env``.
        exports: Names of the public functions.
        options: The options as JSON-like data with k6's names; empty if there are none.
        metrics: The custom metrics that are known before the run.
        sources: What it is made of.

    """

    language = "python"
    unpacked_in = ""

    def __init__(
        self, path: str, sources: Sources, *, environment: Mapping[str, str]
    ) -> None:
        """Take what all instances share."""
        self.path = path
        self.environment: Mapping[str, str] = dict(environment)
        self.exports: frozenset[str] = frozenset()
        self.options: Mapping[str, Any] = {}
        self.metrics: tuple[Metric, ...] = ()
        self.sources = sources
        self._functions = ExportedFunctions()
        self._watchdog: Watchdog | None = None
        self._threads: ThreadFailures | None = None

    def known(self) -> Origin:
        """Return what other processes need not find out again: nothing."""
        return PLAIN

    def instance(self, user: VirtualUser) -> PythonInstance:
        """Return a fresh instance for a VU; its top level has not run yet."""
        if self._watchdog is None:
            services = user.services
            self._watchdog = Watchdog(
                services.event_loop,
                services.settings.callback_timeout_s,
                self.sources.files,
            )
            self._watchdog.start()
            self._threads = ThreadFailures(
                services.event_loop, self.sources.files, services.log
            )
            self._threads.start()
        return PythonInstance(self.sources, self._functions, user)

    def close(self) -> None:
        """Stop watching the instances."""
        if self._watchdog is not None:
            self._watchdog.stop()
            self._watchdog = None
        if self._threads is not None:
            self._threads.stop()
            self._threads = None
