"""Finding all mistakes in the merged options at once."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gharial.errors import ConfigurationError, did_you_mean
from gharial.metrics.metric import Metric
from gharial.metrics.selectors import parse_selector
from gharial.metrics.thresholds.evaluate import check_threshold, parse_threshold
from gharial.metrics.thresholds.expression import parse_expression
from gharial.options.model import DEFAULT_SCENARIO, EXECUTION, SHORTCUTS, Options
from gharial.options.scenarios import ScenarioOptions, ScenarioTypes
from gharial.options.sources import Problem
from gharial.options.values import OptionRecord, folded

_SCENARIO_NAME = re.compile(r"[0-9a-zA-Z_-]+")
# Fields of the scenario that a shortcut stands for, by the option they came from.
_SHORTCUT_FIELDS = {"maxDuration": "duration", "startVUs": "vus"}


def find_problems(
    values: Mapping[str, Any],
    sources: Mapping[str, str],
    *,
    exports: frozenset[str],
    scenario_types: ScenarioTypes,
    metrics: Mapping[str, Metric] | None = None,
) -> tuple[Options | None, list[Problem]]:
    """
    Return the options, and all that is wrong with them; None if they cannot be made.

    Args:
        values: Merged options by k6's names; no unknown ones.
        sources: Who said each of them.
        exports: Names of the script's exported functions.
        scenario_types: What a scenario says of itself, by its executor's name.
        metrics: The metrics that a threshold may name, by name; None leaves that open.

    """
    finder = _Finder(sources, exports, scenario_types)
    scenarios = finder.scenarios(values.get("scenarios"))
    wanted = str(values.get("noThresholds", "")).lower() not in ("true", "1")
    finder.thresholds(values.get("thresholds"), metrics if wanted else None)
    finder.conflicts(values)
    options = finder.options({**values, "scenarios": scenarios})
    if not values.get("scenarios"):
        finder.default_export()
        finder.shortcuts(values)
    return options, finder.problems


class _Finder:
    """Collects problems as it goes over the options."""

    def __init__(
        self,
        sources: Mapping[str, str],
        exports: frozenset[str],
        scenario_types: ScenarioTypes,
    ) -> None:
        self.problems: list[Problem] = []
        self._sources = sources
        self._exports = exports
        self._types = scenario_types

    def add(self, path: str, message: str) -> None:
        option = re.split(r"[.\[]", path, maxsplit=1)[0]
        source = self._sources.get(option, "default")
        self.problems.append(Problem(path, source, message))

    def scenarios(self, given: Any) -> dict[str, ScenarioOptions]:
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            self.add("scenarios", f"{given!r} is not a map of names to scenarios")
            return {}
        found = {}
        for name, value in given.items():
            scenario = self._scenario(str(name), value)
            if scenario is not None:
                found[str(name)] = scenario
        return found

    def thresholds(self, given: Any, metrics: Mapping[str, Metric] | None) -> None:
        if not isinstance(given, Mapping):
            return
        for selector, entries in given.items():
            path = f"thresholds.{selector}"
            is_readable = self._readable(path, parse_selector, str(selector))
            listed = entries if isinstance(entries, (list, tuple)) else [entries]
            for entry in listed:
                text = entry.get("threshold") if isinstance(entry, Mapping) else entry
                if not isinstance(text, str):
                    continue
                if not self._readable(path, parse_expression, text) or not is_readable:
                    continue
                if metrics is not None:
                    threshold = parse_threshold(str(selector), text)
                    self._readable(path, check_threshold, threshold, metrics)

    def conflicts(self, values: Mapping[str, Any]) -> None:
        """Report shortcuts that one source uses together and that exclude each other."""
        given = [name for name in EXECUTION if values.get(name)]
        if len(given) > 1 and given != ["iterations", "duration"]:
            self.add(
                given[0],
                f"{' and '.join(given)} cannot be used together; "
                "keep one of them, or write all as scenarios",
            )

    def options(self, values: Mapping[str, Any]) -> Options | None:
        try:
            return Options.model_validate(values)
        except ValidationError as error:
            self._take_over(error, "", _FIELDS)
            return None

    def default_export(self) -> None:
        """Report that there is no function to call where no scenario names one."""
        if DEFAULT_SCENARIO not in self._exports:
            self.add(
                "exec",
                "the script exports no default function (exported: "
                f"{_listed(self._exports)}); export one, or name another in "
                "scenarios.NAME.exec",
            )

    def shortcuts(self, values: Mapping[str, Any]) -> None:
        """Report what is wrong with the one scenario that the shortcuts make."""
        said = {name: values[name] for name in SHORTCUTS if name in values}
        try:
            # Alone, so that a mistake in another option hides none in these.
            options = Options.model_validate(said)
        except ValidationError:
            return
        try:
            options.effective_scenarios(self._types)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                first, *rest = detail["loc"] or (_shortcut(options),)
                first = _SHORTCUT_FIELDS.get(str(first), first)
                if first == "iterations" and options.iterations is None:
                    first = "vus"
                self.add(_path("", (first, *rest)), _message(detail, _FIELDS))

    def _scenario(self, name: str, value: Any) -> ScenarioOptions | None:
        base = f"scenarios.{name}"
        if not _SCENARIO_NAME.fullmatch(name):
            self.add(
                base,
                f"{name!r} is not a valid scenario name; use letters, digits, '_' and '-'",
            )
        if isinstance(value, ScenarioOptions):
            return value
        if not isinstance(value, Mapping):
            self.add(base, f"{value!r} is not a scenario; write {{executor: …, …}}")
            return None
        said = {folded(str(key)): inner for key, inner in value.items()}
        executor = str(said.get("executor")).replace("_", "-")
        kind = self._types.get(executor)
        if kind is None:
            hint = did_you_mean(executor, self._types)
            what = (
                f'there is no executor "{executor}"{hint}'
                if said.get("executor") is not None
                else "is required"
            )
            known = ", ".join(self._types)
            self.add(f"{base}.executor", f"{what} (there are {known})")
        self._is_exported(f"{base}.exec", said.get("exec"))
        if kind is None:
            return None
        try:
            return kind.model_validate({**value, "executor": executor})
        except ValidationError as error:
            self._take_over(error, base, {**_FIELDS, "": kind.names()})
            return None

    def _is_exported(self, path: str, export: Any) -> None:
        name = DEFAULT_SCENARIO if export is None else export
        if isinstance(name, str) and name not in self._exports:
            self.add(
                path,
                f'the script exports no function "{name}"'
                f"{did_you_mean(name, self._exports)} (exported: "
                f"{_listed(self._exports)})",
            )

    def _take_over(
        self, error: ValidationError, base: str, fields: Mapping[str, tuple[str, ...]]
    ) -> None:
        details = error.errors(include_url=False)
        for detail in details:
            location = detail["loc"]
            # A list whose entries are wrong counts as empty: that is reported already.
            is_reported = detail["type"] == "too_short" and any(
                len(other["loc"]) > len(location)
                and other["loc"][: len(location)] == location
                for other in details
            )
            if not is_reported:
                self.add(_path(base, location), _message(detail, fields))

    def _readable(self, path: str, parse: Any, *given: Any) -> bool:
        """Report what a function of ours finds wrong; return whether that is nothing."""
        try:
            parse(*given)
        except ConfigurationError as error:
            problem = Problem(
                path, self._sources.get("thresholds", "default"), str(error)
            )
            if problem not in self.problems:
                self.problems.append(problem)
            return False
        return True


def _shortcut(options: Options) -> str:
    """Return the option that the mistake of a shortcut's scenario is reported under."""
    if options.iterations is not None:
        return "iterations"
    if options.duration_s is not None:
        return "duration"
    return "stages" if options.stages else "vus"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _path(base: str, location: Iterable[int | str]) -> str:
    path = base
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def _record_in(annotation: Any) -> type[OptionRecord] | None:
    """Return the record that a type is or holds, if it does."""
    if isinstance(annotation, type) and issubclass(annotation, OptionRecord):
        return annotation
    return next(filter(None, map(_record_in, get_args(annotation))), None)


# The fields that there are, below each option that has some.
_FIELDS = {"": Options.names()} | {
    str(field.alias): record.names()
    for field in Options.model_fields.values()
    if (record := _record_in(field.annotation)) is not None
}
_NOT_WHOLE = ("int_parsing", "int_type", "int_from_float", "finite_number")
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
            known = f" (there are {', '.join(names)})" if parents or not hint else ""
            return f"there is no such field{hint}{known}"
        case "greater_than_equal":
            return f"must be at least {context['ge']}, not {given}"
        case "literal_error":
            choices = re.findall(r"'([^']+)'", str(context["expected"]))
            return (
                f"{given!r} is not valid{did_you_mean(str(given), choices)} "
                f"(one of {', '.join(choices)})"
            )
        case "too_short":
            return "must have at least one entry"
        case _:
            return f"{given!r} is {_expected(kind)}"


def _expected(kind: str) -> str:
    if kind in _NOT_WHOLE:
        return "not a whole number"
    if kind == "int_parsing_size":
        return "too large"
    if kind in _NOT_BOOLEAN:
        return "neither true nor false"
    if kind in _NOT_LIST:
        return "not a list"
    if kind in _NOT_MAP:
        return "not a map of names to values"
    if kind == "string_type":
        return "not a string"
    return f"not valid here ({kind})"
