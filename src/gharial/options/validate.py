"""Finding all mistakes in the merged options at once."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gharial.errors import ConfigurationError, did_you_mean
from gharial.lazy_pattern import lazy_pattern
from gharial.metrics.metric import Metric
from gharial.metrics.selectors import parse_selector
from gharial.metrics.thresholds.evaluate import check_threshold, parse_threshold
from gharial.metrics.thresholds.expression import parse_expression
from gharial.options.model import DEFAULT_SCENARIO, EXECUTION, SHORTCUTS, Options
from gharial.options.names import folded
from gharial.options.records import InvalidRecordError
from gharial.options.scenarios import ScenarioOptions, ScenarioTypes
from gharial.options.sources import Problem

_SCENARIO_NAME = lazy_pattern(r"[0-9a-zA-Z_-]+")
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
            return Options.read(values)
        except InvalidRecordError as error:
            self._take_over(error, "")
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
            options = Options.read(said)
        except InvalidRecordError:
            return
        try:
            options.effective_scenarios(self._types)
        except InvalidRecordError as error:
            for mistake in error.mistakes:
                first, *rest = mistake.location or (_shortcut(options),)
                first = _SHORTCUT_FIELDS.get(str(first), first)
                if first == "iterations" and options.iterations is None:
                    first = "vus"
                self.add(_path("", (first, *rest)), mistake.message)

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
            return kind.read({**value, "executor": executor})
        except InvalidRecordError as error:
            self._take_over(error, base)
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

    def _take_over(self, error: InvalidRecordError, base: str) -> None:
        for mistake in error.mistakes:
            self.add(_path(base, mistake.location), mistake.message)

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
