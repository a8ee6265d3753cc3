"""
One set of options from all sources: defaults < config file < script < environment <
flags < arguments of a call.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gharial.errors import ConfigurationError, did_you_mean
from gharial.harmless import whole_data
from gharial.lazy_dataclass import dataclass
from gharial.metrics.metric import Metric
from gharial.options.k6_only import (
    HARMLESS,
    ignored_variables,
    is_harmless,
    is_without_effect,
)
from gharial.options.model import EXECUTION, Options
from gharial.options.records import InvalidRecordError
from gharial.options.rows import OPTION_ROWS
from gharial.options.scenarios import ScenarioTypes
from gharial.options.sources import (
    ARGUMENTS,
    SCRIPT,
    ConfigFile,
    Problem,
    Tier,
    argument_tier,
    config_tier,
    environment_tier,
    flag_tier,
    script_tier,
)
from gharial.options.validate import find_problems

_MEMORY_LIMIT = "memoryLimit"
# What writes where it is told to: not what a script, which may be somebody else's, decides.
_NOT_OF_SCRIPTS = [n for n, row in OPTION_ROWS.items() if not row.info.for_scripts]


class OptionsError(ConfigurationError):
    """
    The options hold mistakes.

    Attributes:
        problems: A line for each: path, source, what is wrong and what would be right.

    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.args = (problems,)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Consolidated:
    """
    What came of all sources.

    Attributes:
        options: The options.
        warnings: What the user should know and may be meant so.

    """

    options: Options
    warnings: tuple[str, ...]


def consolidate(  # noqa: PLR0913 - one for each source, and what it may say
    script: Mapping[str, Any],
    environment: Mapping[str, str],
    flags: Mapping[str, Any],
    *,
    exports: frozenset[str],
    scenario_types: ScenarioTypes,
    metrics: Mapping[str, Metric] | None = None,
    config: ConfigFile | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Consolidated:
    """
    Return the options of a run from all their sources.

    Args:
        script: The exported ``options`` of the script.
        environment: The process's environment; ``GHARIAL_*`` and ``K6_*`` count.
        flags: Flags by name; None stands for one that was not given.
        exports: Names of the script's exported functions.
        scenario_types: What a scenario says of itself, by its executor's name.
        metrics: The metrics that a threshold may name; None leaves that open.
        config: What a config file says, below all others.
        arguments: What a program says that runs the test, above all others. An unknown
            option is a mistake there: nobody would see a warning.

    Raises:
        OptionsError: If anything is wrong, with all that is.

    Source:
        k6 v2.2, ``internal/cmd/config.go`` and ``lib/options.go`` (``Apply``).

    """
    script = whole_data(dict(script))
    tiers = [script_tier(script), environment_tier(environment), flag_tier(flags)]
    warnings = _set_aside_unknown(tiers[0], SCRIPT) + _set_aside_own(tiers[0])
    warnings += _heedless_of(environment)
    if config is not None:
        lowest = config_tier(config)
        warnings += _set_aside_unknown(lowest, config.source)
        tiers.insert(0, lowest)
    if arguments:
        highest = argument_tier(arguments)
        unknown, without_effect = _take_foreign(highest)
        for name in (*unknown, *without_effect):
            highest.problems.append(Problem(name, ARGUMENTS, _no_such_option(name)))
        tiers.append(highest)
    problems = [problem for tier in tiers for problem in tier.problems]
    merged, notes = merge(tiers)
    warnings += notes
    options, found = find_problems(
        merged.values,
        merged.sources,
        exports=exports,
        scenario_types=scenario_types,
        metrics=metrics,
    )
    problems += found
    if options is None or problems:
        raise OptionsError(tuple(str(problem) for problem in _unique(problems)))
    return Consolidated(options, tuple(warnings))


def memory_limit_for_reading(
    script: Mapping[str, Any],
    environment: Mapping[str, str],
    flags: Mapping[str, Any],
    *,
    config: ConfigFile | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> int | None:
    """
    Return what a script may take while it is read, before its own options are known.

    Args:
        script: The options that came with the script (in an archive).
        environment: As for :func:`consolidate`, as the others are.
        flags: Flags by name; None stands for one that was not given.
        config: What a config file says.
        arguments: What a program says that runs the test.

    Returns:
        In bytes; None if nobody says, or says what is not a valid size: that is for
        :func:`consolidate` to report.

    """
    tiers = [script_tier(script), environment_tier(environment), flag_tier(flags)]
    if config is not None:
        tiers.insert(0, config_tier(config))
    if arguments:
        tiers.append(argument_tier(arguments))
    said = [
        each.values[_MEMORY_LIMIT] for each in tiers if _MEMORY_LIMIT in each.values
    ]
    if not said:
        return None
    try:
        return Options.read({_MEMORY_LIMIT: said[-1]}).memory_limit_bytes
    except InvalidRecordError:
        return None


def merge(tiers: Iterable[Tier]) -> tuple[Tier, list[str]]:
    """
    Return one tier of all, higher ones last, and warnings.

    A tier that says how long or how often to run takes away what lower tiers said of
    it. ``vus`` is no such word, but alone it does the same to ``scenarios``.
    """
    merged, warnings = Tier(), []
    for tier in tiers:
        chosen = next((n for n in EXECUTION if tier.sources.get(n)), None)
        if chosen is not None:
            warnings += _wipe(merged, EXECUTION, tier.sources[chosen])
        elif "vus" in tier.sources:
            warnings += _wipe(merged, ("scenarios",), tier.sources["vus"])
        merged.values.update(tier.values)
        merged.sources.update(tier.sources)
    if merged.values.get("vus") is not None and merged.values.get("scenarios"):
        warnings.append(
            f"vus ({merged.sources['vus']}) is ignored next to scenarios, which "
            "have their own"
        )
    return merged, warnings


def _wipe(merged: Tier, names: Iterable[str], source: str) -> list[str]:
    warnings = []
    for name in names:
        before = merged.sources.pop(name, None)
        if merged.values.pop(name, None) and name == "scenarios":
            warnings.append(f"scenarios ({before}) are overridden by {source}")
    return warnings


def _set_aside_unknown(tier: Tier, source: str) -> list[str]:
    """Take what is no option of ours out of a source's, and return warnings."""
    unknown, without_effect = _take_foreign(tier)
    warnings = [
        f"{name} ({source}): {_no_such_option(name, ', so it has no effect')}"
        for name in unknown
    ]
    if without_effect:
        names = ", ".join(without_effect)
        warnings.append(f"{names} ({source}): k6 knows this, Gharial ignores it")
    return warnings


def _set_aside_own(tier: Tier) -> list[str]:
    """Take out of a script's options what only the user decides, and return warnings."""
    given = [name for name in _NOT_OF_SCRIPTS if name in tier.values]
    for name in given:
        del tier.values[name]
        del tier.sources[name]
    return [
        f"{name} ({SCRIPT}): has no effect in a script; set it with a flag, a variable or "
        "a config file"
        for name in given
    ]


def _heedless_of(environment: Mapping[str, str]) -> list[str]:
    """Return a warning if there are variables of k6 that nothing here reads."""
    given = ignored_variables(environment)
    if not given:
        return []
    plural = "s" if len(given) > 1 else ""
    return [
        f"{', '.join(given)} (environment variable{plural}): k6 knows this, Gharial "
        "ignores it"
    ]


def _take_foreign(tier: Tier) -> tuple[list[str], list[str]]:
    """
    Take what is no option of ours out of a source's.

    Returns:
        The names that nobody knows, and those of k6 that would change the run.

    """
    unknown, without_effect = [], []
    for name in [name for name in tier.values if name not in OPTION_ROWS]:
        del tier.values[name]
        del tier.sources[name]
        if is_without_effect(name):
            without_effect.append(name)
        elif not is_harmless(name):
            unknown.append(name)
    return unknown, without_effect


def _no_such_option(name: str, consequence: str = "") -> str:
    known = (*OPTION_ROWS, *HARMLESS)
    return f"there is no such option{consequence}{did_you_mean(name, known)}"


def _unique(problems: Iterable[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))
