"""The Python side of the k6 modules: checks, groups, sleep, metrics, execution."""

import json
import logging
from collections.abc import Callable
from typing import Any

from gharial.errors import GharialError
from gharial.javascript.script_state import ScriptState
from gharial.metrics.metric import Contains, Metric, MetricType
from gharial.virtual_user.virtual_user import VirtualUser


class K6Functions:
    """
    What the k6 modules of one VU call.

    A method returns a string where something is wrong, and the module throws it as an
    error: an exception of ours would reach the script as an ``InternalError``.
    """

    def __init__(
        self, script: ScriptState, read_file: Callable[[str, str], bytes]
    ) -> None:
        self._script = script
        self._user = script.user
        self._read_file = read_file
        self._metrics: dict[str, Metric] = {}

    def check(self, name: str, passed: bool, tags: Any) -> str | None:  # noqa: FBT001 - called from JavaScript
        """Record the outcome of a check."""
        user = self._user
        extra = None if tags is None else json.loads(tags)
        try:
            user.checks.record(name, user.tags, passed=passed, extra_tags=extra)
        except GharialError as error:
            return str(error)
        return None

    def enter_group(self, name: str) -> list[Any] | str:
        """Go into a group; return what :meth:`leave_group` wants."""
        user = self._user
        try:
            outer = user.groups.enter(name)
        except GharialError as error:
            return str(error)
        return [outer, user.now_s]

    def leave_group(self, outer: str, started_at_s: float) -> None:
        """Come back to the outer group and record the time."""
        self._user.measure_group(outer, started_at_s)

    def sleep(self, seconds: float) -> str | None:
        """Suspend this VU."""
        if not self._script.may_block:
            return (
                "sleep() was called in a way that Gharial could not foresee; import "
                "it by its name: import { sleep } from 'k6'"
            )
        self._user.block(seconds)
        return None

    def define_metric(self, kind: str, name: str, is_time: bool) -> str | None:  # noqa: FBT001 - called from JavaScript
        """Define a custom metric."""
        contains = Contains.TIME if is_time else Contains.DEFAULT
        registry = self._user.services.measurements.registry
        try:
            self._metrics[name] = registry.metric(name, MetricType(kind), contains)
        except GharialError as error:
            return str(error)
        return None

    def add_to_metric(self, name: str, value: float, tags: Any) -> None:
        """Add a value to a custom metric."""
        user = self._user
        measured = user.tags
        if tags is not None:
            measured = measured.with_(json.loads(tags))
        user.services.measurements.add(self._metrics[name], value, measured)

    def read_file(self, path: str, is_binary: bool, stack: str) -> list[Any]:  # noqa: FBT001 - called from JavaScript
        """Return what is wrong, if anything, and a file's text or bytes."""
        if not self.is_init():
            return ["open() can be used only in the init context", None]
        try:
            data = self._read_file(path, stack)
            return [None, data if is_binary else data.decode()]
        except UnicodeDecodeError:
            return [f"open({path!r}): it is not UTF-8; use open({path!r}, 'b')", None]
        except FileNotFoundError as error:
            return [f"open({path!r}): there is no file {error.filename}", None]
        except OSError as error:
            return [f"open({path!r}): {error.strerror or error}", None]

    def warn(self, text: str) -> None:
        """Log a warning of a module's."""
        self._user.log(logging.WARNING, text, "script")

    def is_init(self) -> bool:
        """Return whether the script is at its top level, be it that of a fresh instance."""
        return not self._script.has_started

    def throws(self) -> bool:
        """Return whether the option ``throw`` is on."""
        return self._user.services.settings.throw

    def abort_test(self, message: str) -> None:
        """End the whole test."""
        self._script.abort_test(message)

    def fail_test(self, message: str) -> None:
        """Let the run end as failed."""
        self._user.services.run.mark_failed(message)

    def options(self) -> str:
        """Return the consolidated options as JSON."""
        return json.dumps(self._user.services.run.options, default=str)

    def execution(self, name: str) -> Any:
        """Return one of the facts of ``k6/execution``."""
        return _FACTS[name](self._user)

    def tags(self) -> str:
        """Return the VU's present tags as JSON."""
        return json.dumps(dict(self._user.tags.items))

    def set_tag(self, name: str, value: str | None) -> None:
        """Set or remove (None) a tag of what the VU measures from now on."""
        self._user.own_tags.set(name, value)

    def metadata(self) -> str:
        """Return the VU's present metadata as JSON."""
        return json.dumps(dict(self._user.own_tags.metadata))

    def set_metadata(self, name: str, value: str | None) -> None:
        """Set or remove (None) metadata of what the VU measures from now on."""
        self._user.own_tags.set_metadata(name, value)


def k6_functions(
    script: ScriptState, read_file: Callable[[str, str], bytes]
) -> dict[str, Callable[..., Any]]:
    """
    Return what the k6 modules call, by name.

    Args:
        script: The virtual user's script.
        read_file: Returns a file's bytes, by its path and where that is asked for.

    """
    functions = K6Functions(script, read_file)
    return {
        "check": functions.check,
        "enterGroup": functions.enter_group,
        "leaveGroup": functions.leave_group,
        "sleep": functions.sleep,
        "defineMetric": functions.define_metric,
        "addToMetric": functions.add_to_metric,
        "readFile": functions.read_file,
        "warn": functions.warn,
        "isInit": functions.is_init,
        "throws": functions.throws,
        "abortTest": functions.abort_test,
        "failTest": functions.fail_test,
        "options": functions.options,
        "execution": functions.execution,
        "tags": functions.tags,
        "setTag": functions.set_tag,
        "metadata": functions.metadata,
        "setMetadata": functions.set_metadata,
    }


def _scenario(user: VirtualUser, attribute: str) -> Any:
    return None if user.scenario is None else getattr(user.scenario, attribute)


def _elapsed_ms(user: VirtualUser) -> float:
    started_at_s = user.services.run.started_at_s
    return (user.now_s - started_at_s) * 1e3 if started_at_s else 0.0


_FACTS: dict[str, Callable[[VirtualUser], Any]] = {
    "currentTestRunDuration": _elapsed_ms,
    "iterationsCompleted": lambda user: user.services.run.iterations_completed,
    "iterationsInterrupted": lambda user: user.services.run.iterations_interrupted,
    "vusActive": lambda user: user.services.run.vus_active,
    "vusInitialized": lambda user: user.services.run.vus_initialized,
    "scenarioName": lambda user: _scenario(user, "name"),
    "scenarioExecutor": lambda user: _scenario(user, "executor"),
    "scenarioStartTime": lambda user: user.services.clock.epoch_ms(
        _scenario(user, "started_at_s") or 0.0
    ),
    "scenarioProgress": lambda user: user.scenario.progress() if user.scenario else 0.0,
    "iterationInTest": lambda user: user.numbers.in_test,
    "iterationInInstance": lambda user: user.numbers.in_instance,
    "vuId": lambda user: user.id,
    "vuIdInInstance": lambda user: user.id_in_instance,
    "vuIteration": lambda user: user.numbers.of_user,
    "vuScenarioIteration": lambda user: user.numbers.of_user_in_scenario,
}
