"""Where options come from: a file, the script, the environment, the flags."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from gharial.lazy_dataclass import dataclass
from gharial.options.rows import OPTION_ROWS, option_name

SCRIPT = "script options"
ARGUMENTS = "options of the call"


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One mistake in the options.

    Attributes:
        path: Where: ``scenarios.chat.duration``.
        source: Who said it: ``flag --vus``.
        message: What is wrong and what would be right.

    """

    path: str
    source: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} ({self.source}): {self.message}"


@dataclass(frozen=True, slots=True)
class Tier:
    """
    What one source says.

    Attributes:
        values: By the option's name in k6's spelling.
        sources: For each of these, who said it.
        problems: Values that cannot be read.

    """

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, name: str, value: Any, source: str) -> None:
        """Add an option, read from how variables and flags write it."""
        try:
            self.values[name] = OPTION_ROWS[name].info.read(value)
        except ValueError as error:
            self.problems.append(Problem(name, source, str(error)))
        self.sources[name] = source


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """
    Options that a file holds.

    Attributes:
        values: By name, in any spelling.
        path: The file's path.

    """

    values: Mapping[str, Any]
    path: str

    @property
    def source(self) -> str:
        """How messages call it."""
        return f"config file {self.path}"


def config_tier(config: ConfigFile) -> Tier:
    """Return what a config file says; null says nothing."""
    return _data_tier(config.values, config.source)


def argument_tier(arguments: Mapping[str, Any]) -> Tier:
    """Return what a program says that runs a test; None says nothing."""
    return _data_tier(arguments, ARGUMENTS)


def script_tier(script: Mapping[str, Any]) -> Tier:
    """Return what the script's exported ``options`` say; null says nothing."""
    return _data_tier(script, SCRIPT)


def _data_tier(data: Mapping[str, Any], source: str) -> Tier:
    tier = Tier()
    for written, value in data.items():
        if value is not None:
            name = option_name(str(written))
            tier.values[name] = value
            tier.sources[name] = source
    return tier


def environment_tier(environment: Mapping[str, str]) -> Tier:
    """Return what ``GHARIAL_*`` and ``K6_*`` say, ours over k6's; empty says nothing."""
    tier = Tier()
    for name, row in OPTION_ROWS.items():
        given = next((v for v in row.variables if environment.get(v, "").strip()), None)
        if given is not None:
            tier.put(name, environment[given], f"environment variable {given}")
    return tier


def flag_tier(flags: Mapping[str, Any]) -> Tier:
    """
    Return what the flags say.

    Args:
        flags: By the option's name, in any spelling; None and an empty sequence stand for
            a flag that was not given.

    """
    tier = Tier()
    for written, value in flags.items():
        if value is None or (isinstance(value, (tuple, list)) and not value):
            continue
        name = option_name(written)
        tier.put(name, value, f"flag {OPTION_ROWS[name].info.flag}")
    return tier
