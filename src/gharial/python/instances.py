"""What every host of Python code shares: one instance for each virtual user."""

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from gharial.metrics.metric import Metric
from gharial.python.instance import PythonInstance
from gharial.python.modules import Sources
from gharial.python.thread_failures import ThreadFailures
from gharial.python.watchdog import Watchdog
from gharial.virtual_user.virtual_user import VirtualUser

# What the run calls by k6's name and a Python script spells its own way.
SPELLINGS = {
    "handleSummary": "handle_summary",
    "vuSetup": "vu_setup",
    "vuTeardown": "vu_teardown",
}


class InstancesHost:
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
        self._arities: dict[str, int] = {}
        self._watchdog: Watchdog | None = None
        self._threads: ThreadFailures | None = None

    def may_block(self) -> bool:
        """Return whether the code may suspend its virtual user, as far as is known."""
        return True

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
        return PythonInstance(self, user)

    def close(self) -> None:
        """Stop watching the instances."""
        if self._watchdog is not None:
            self._watchdog.stop()
            self._watchdog = None
        if self._threads is not None:
            self._threads.stop()
            self._threads = None

    def python_name(self, export: str) -> str:
        """Return what the script calls an export."""
        return SPELLINGS.get(export, export)

    def arity(self, export: str, function: Callable[..., object]) -> int:
        """Return how many positional arguments an exported function takes at most."""
        count = self._arities.get(export)
        if count is None:
            count = self._arities[export] = _positional_count(function)
        return count


def _positional_count(function: Callable[..., object]) -> int:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return sys.maxsize
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return sys.maxsize
    positional = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    return sum(each.kind in positional for each in parameters)
