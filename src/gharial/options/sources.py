"""Where options come from: a file, the script, the environment, the flags."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gharial.options.model import Options
from gharial.options.values import folded

SCRIPT = "script options"
ARGUMENTS = "options of the call"

# Flags whose names differ from their option's.
_FLAG_OPTIONS = {
    "tag": "tags",
    "stage": "stages",
    "blacklist-ip": "blacklistIPs",
    "ca-cert": "caCertificates",
    "block-hostname": "blockHostnames",
    "seed": "randomSeed",
    "no-data": "noDataThresholds",
}
_FLAGS = {option: flag for flag, option in _FLAG_OPTIONS.items()} | {
    "stages": "stage",
    "blockHostnames": "block-hostnames",
    "randomSeed": "random-seed",
}
# Environment variables whose names are not the option's in capitals with underscores.
_VARIABLES = {"tlsAuth": ("TLSAUTH", "TLS_AUTH")}
_MAPS = frozenset({"tags", "hosts"})
_JSON = frozenset({"thresholds", "scenarios", "tlsAuth"})
# k6 has no variable for these, but for ours it costs nothing to have all others.
_NOT_IN_ENVIRONMENT = frozenset({"scenarios"})


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
        problems: Texts that cannot be read.

    """

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, name: str, value: Any, source: str) -> None:
        """Add an option, read from text if it is one."""
        try:
            self.values[name] = read(name, value)
        except ValueError as error:
            self.problems.append(Problem(name, source, str(error)))
        self.sources[name] = source


def option_name(written: str) -> str:
    """Return an option's name in k6's spelling, or the text as it is if there is none."""
    return _NAMES.get(folded(written), written)


def environment_name(name: str) -> str:
    """Return our environment variable for an option, empty if it has none."""
    if name in _NOT_IN_ENVIRONMENT:
        return ""
    return f"GHARIAL_{_VARIABLES.get(name, (_upper_snake(name),))[0]}"


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
    for name in Options.names():
        if name in _NOT_IN_ENVIRONMENT:
            continue
        suffixes = _VARIABLES.get(name, (_upper_snake(name),))
        variables = [f"{p}_{s}" for p in ("GHARIAL", "K6") for s in suffixes]
        given = next((v for v in variables if environment.get(v, "").strip()), None)
        if given is not None:
            tier.put(name, environment[given], f"environment variable {given}")
    return tier


def flag_tier(flags: Mapping[str, Any]) -> Tier:
    """
    Return what the flags say.

    Args:
        flags: By name (``summary-trend-stats``, in any spelling); None and an empty
            sequence stand for a flag that was not given.

    """
    tier = Tier()
    for written, value in flags.items():
        if value is None or (isinstance(value, (tuple, list)) and not value):
            continue
        name = option_of_flag(written)
        tier.put(name, value, f"flag --{_flag_of(name)}")
    return tier


def read(name: str, value: Any) -> Any:
    """
    Return an option's value from how it is written in variables and flags.

    Raises:
        ValueError: If the text has not the form that it must have.

    """
    if name in _MAPS:
        return _read_map(name, value)
    if name == "stages":
        return _read_stages(value)
    if name in _JSON or (name == "tlsVersion" and _looks_like_json(value)):
        return _read_json(value) if isinstance(value, str) else value
    if _looks_like_json(value) and value.lstrip()[0] == "[":
        return _read_json(value)
    return value


def _looks_like_json(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip()[:1] in ("{", "[")


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{text!r} is no JSON ({error.msg}, column {error.colno})"
        ) from None
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None


def _read_map(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if _looks_like_json(value):
        return _read_json(value)
    # A repeated flag's value may hold commas, except in hosts, where none has.
    pairs = {}
    for part in _parts(name, value):
        key, equals, inner = part.partition("=")
        if not equals or not key.strip():
            raise ValueError(f"{part!r} has not the form name=value")
        pairs[key.strip()] = inner.strip()
    return pairs


def _parts(name: str, value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)):
        return str(value).split(",")
    texts = [str(text) for text in value]
    if name == "hosts":
        return [part for text in texts for part in text.split(",")]
    return texts


def _read_stages(value: Any) -> Any:
    if _looks_like_json(value):
        return _read_json(value)
    texts = value if isinstance(value, (list, tuple)) else [str(value)]
    if not all(isinstance(text, str) for text in texts):
        return value
    stages = []
    for part in (part for text in texts for part in text.split(",")):
        duration, colon, target = part.strip().partition(":")
        if not colon:
            raise ValueError(
                f"{part!r} has not the form duration:target, as in '10s:20'"
            )
        stages.append({"duration": duration, "target": target})
    return stages


def _upper_snake(name: str) -> str:
    return _snake(name).upper()


def option_of_flag(written: str) -> str:
    """Return the option that a flag sets, in k6's spelling."""
    flag = written.lstrip("-").replace("_", "-").lower()
    return option_name(_FLAG_OPTIONS.get(flag, flag))


def _flag_of(name: str) -> str:
    return _FLAGS.get(name, _snake(name).replace("_", "-"))


def _snake(name: str) -> str:
    return _ATTRIBUTES.get(name, name)


_ATTRIBUTES = {
    str(info.alias): re.sub("_(s|bytes)$", "", attribute)
    for attribute, info in Options.model_fields.items()
}
_NAMES = {folded(name): name for name in Options.names()}
