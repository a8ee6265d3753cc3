"""Finding all mistakes in the merged options at once."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gharial.errors import ConfigurationError, did_you_mean
from gharial.metrics.selectors import parse_selector
from gharial.metrics.thresholds.expression import parse_expression
from gharial.options.model import (
    DEFAULT_SCENARIO,
    DnsOption,
    Options,
    ThresholdOption,
    TlsAuth,
    TlsVersions,
)
from gharial.options.scenarios import SCENARIO_TYPES, ScenarioRecord, Stage
from gharial.options.sources import Problem
from gharial.options.values import folded

_SCENARIO_NAME = re.compile(r"[0-9a-zA-Z_-]+")
_EXECUTION = ("iterations", "duration", "stages", "scenarios")
# Fields of the scenario that a shortcut stands for, by the option they came from.
_SHORTCUT_FIELDS = {"maxDuration": "duration", "startVUs": "vus"}


def find_problems(
    values: Mapping[str, Any],
    sources: Mapping[str, str],
    *,
    exports: frozenset[str],
    runnable_executors: frozenset[str],
) -> tuple[Options | None, list[Problem]]:
    """
    Return the options, and all that is wrong with them; None if they cannot be made.

    Args:
        values: Merged options by k6's names; no unknown ones.
        sources: Who said each of them.
        exports: Names of the script's exported functions.
        runnable_executors: Executors that can be run.

    """
    finder = _Finder(sources)
    scenarios = finder.scenarios(values.get("scenarios"))
    finder.thresholds(values.get("thresholds"))
    finder.conflicts(values)
    options = finder.options({**values, "scenarios": scenarios})
    if options is None:
        # The scenarios were read all the same: say what else is wrong with them.
        effective: Mapping[str, ScenarioRecord] | None = scenarios
    else:
        effective = finder.effective(options)
    if not values.get("scenarios"):
        finder.default_export(exports)
    for name, scenario in (effective or {}).items():
        finder.executor(name, scenario, runnable_executors)
        if name in scenarios:
            finder.export(name, scenario, exports)
    return options, finder.problems


class _Finder:
    """Collects problems as it goes over the options."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._sources = sources

    def add(self, path: str, message: str) -> None:
        option = re.split(r"[.\[]", path, maxsplit=1)[0]
        source = self._sources.get(option, "default")
        self.problems.append(Problem(path, source, message))

    def scenarios(self, given: Any) -> dict[str, ScenarioRecord]:
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            self.add("scenarios", f"{given!r} is no map of names to scenarios")
            return {}
        found = {}
        for name, value in given.items():
            scenario = self._scenario(str(name), value)
            if scenario is not None:
                found[str(name)] = scenario
        return found

    def thresholds(self, given: Any) -> None:
        if not isinstance(given, Mapping):
            return
        for selector, entries in given.items():
            self._readable(f"thresholds.{selector}", parse_selector, str(selector))
            listed = entries if isinstance(entries, (list, tuple)) else [entries]
            for entry in listed:
                text = entry.get("threshold") if isinstance(entry, Mapping) else entry
                if isinstance(text, str):
                    self._readable(f"thresholds.{selector}", parse_expression, text)

    def conflicts(self, values: Mapping[str, Any]) -> None:
        """Report shortcuts that one source uses together and that exclude each other."""
        given = [name for name in _EXECUTION if values.get(name)]
        if len(given) > 1 and given != ["iterations", "duration"]:
            self.add(
                given[0],
                f"{' and '.join(given)} exclude each other; "
                "keep one of them, or write all as scenarios",
            )

    def options(self, values: Mapping[str, Any]) -> Options | None:
        try:
            return Options.model_validate(values)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.add(_path("", detail["loc"]), _message(detail, _FIELDS))
            return None

    def effective(self, options: Options) -> dict[str, ScenarioRecord] | None:
        try:
            return {**options.effective_scenarios()}
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                loc = detail["loc"] or (_shortcut(options),)
                first = _SHORTCUT_FIELDS.get(str(loc[0]), loc[0])
                self.add(_path("", (first, *loc[1:])), _message(detail, _FIELDS))
            return None

    def executor(
        self, name: str, scenario: ScenarioRecord, runnable_executors: frozenset[str]
    ) -> None:
        """Report an executor that cannot be run."""
        executor = executor_of(scenario)
        if executor not in runnable_executors:
            can = ", ".join(sorted(runnable_executors))
            is_given = "scenarios" in self._sources
            self.add(
                f"scenarios.{name}.executor" if is_given else "stages",
                f'the executor "{executor}" cannot be run yet; these can: {can}',
            )

    def export(
        self, name: str, scenario: ScenarioRecord, exports: frozenset[str]
    ) -> None:
        """Report a function that the script does not export."""
        if scenario.exec not in exports:
            self.add(
                f"scenarios.{name}.exec",
                f'the script exports no function "{scenario.exec}"'
                f"{did_you_mean(scenario.exec, exports)} (exported: {_listed(exports)})",
            )

    def default_export(self, exports: frozenset[str]) -> None:
        """Report that there is no function to call where no scenario names one."""
        if DEFAULT_SCENARIO not in exports:
            self.add(
                "exec",
                "the script exports no default function (exported: "
                f"{_listed(exports)}); export one, or name another in "
                "scenarios.NAME.exec",
            )

    def _scenario(self, name: str, value: Any) -> ScenarioRecord | None:
        base = f"scenarios.{name}"
        if not _SCENARIO_NAME.fullmatch(name):
            self.add(
                base, f"{name!r} is no scenario name; use letters, digits, '_' and '-'"
            )
        if isinstance(value, ScenarioRecord):
            return value
        if not isinstance(value, Mapping):
            self.add(base, f"{value!r} is no scenario; write {{executor: …, …}}")
            return None
        executor = next(
            (v for key, v in value.items() if folded(str(key)) == "executor"), None
        )
        kind = SCENARIO_TYPES.get(str(executor).replace("_", "-"))
        if kind is None:
            known = ", ".join(SCENARIO_TYPES)
            what = (
                "is required"
                if executor is None
                else f'there is no executor "{executor}"'
                f"{did_you_mean(str(executor), SCENARIO_TYPES)}"
            )
            self.add(f"{base}.executor", f"{what} (there are {known})")
            return None
        try:
            return kind.model_validate(
                {**value, "executor": str(executor).replace("_", "-")}
            )
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                path = _path(base, detail["loc"])
                self.add(path, _message(detail, {**_FIELDS, "": kind.names()}))
            return None

    def _readable(self, path: str, parse: Any, text: str) -> None:
        try:
            parse(text)
        except ConfigurationError as error:
            self.add(path, str(error))


def _shortcut(options: Options) -> str:
    """Return the option that the mistake of a shortcut's scenario is told under."""
    if options.iterations is not None:
        return "iterations"
    if options.duration_s is not None:
        return "duration"
    return "stages" if options.stages else "vus"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def executor_of(scenario: ScenarioRecord) -> str:
    """Return the name of the executor of a scenario."""
    annotation = type(scenario).model_fields["executor"].annotation
    return str(get_args(annotation)[0])


def _path(base: str, location: Iterable[int | str]) -> str:
    path = base
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


# The fields that there are, below each option that has some.
_FIELDS = {
    "": Options.names(),
    "dns": DnsOption.names(),
    "stages": Stage.names(),
    "thresholds": ThresholdOption.names(),
    "tlsAuth": TlsAuth.names(),
    "tlsVersion": TlsVersions.names(),
}
_NOT_WHOLE = ("int_parsing", "int_type", "int_from_float")
_NOT_BOOLEAN = ("bool_parsing", "bool_type")
_NOT_LIST = ("list_type", "tuple_type", "set_type", "frozen_set_type")
_NOT_MAP = ("dict_type", "model_type", "model_attributes_type")


def _message(detail: ErrorDetails, fields: Mapping[str, tuple[str, ...]]) -> str:
    """Return what is wrong in our words, from what pydantic found."""
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    match kind:
        case "value_error":
            return str(context["error"])
        case "missing":
            return "is required"
        case "extra_forbidden":
            *parents, written = detail["loc"]
            names = fields.get(str(parents[0]) if parents else "", ())
            hint = did_you_mean(str(written), names)
            return f"there is no such field{hint} (there are {', '.join(names)})"
        case "greater_than_equal":
            return f"must be at least {context['ge']}, not {given}"
        case "literal_error":
            choices = re.findall(r"'([^']+)'", str(context["expected"]))
            return (
                f"{given!r} is not possible{did_you_mean(str(given), choices)} "
                f"(one of {', '.join(choices)})"
            )
        case "too_short":
            return "must have at least one entry"
        case _:
            return f"{given!r} is {_expected(kind)}"


def _expected(kind: str) -> str:
    if kind in _NOT_WHOLE:
        return "not a whole number"
    if kind in _NOT_BOOLEAN:
        return "neither true nor false"
    if kind in _NOT_LIST:
        return "not a list"
    if kind in _NOT_MAP:
        return "not a map of names to values"
    if kind == "string_type":
        return "not a text"
    return f"not valid here ({kind})"
