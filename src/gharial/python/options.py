"""Converts the ``options`` of a Python script to the form of a JavaScript script's."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from gharial.errors import ConfigurationError
from gharial.options.names import camel_case


def plain_options(options: object) -> dict[str, Any]:
    """
    Return a script's options as JSON-like data with k6's names.

    Names may be in snake_case or camelCase; names that the user made up (of scenarios,
    thresholds, tags, hosts, variables) stay as they are. A ``timedelta`` becomes
    milliseconds. Functions are left out, as k6 does.

    Raises:
        ConfigurationError: If it is not a mapping, or holds what JSON cannot.

    """
    if not isinstance(options, Mapping):
        raise ConfigurationError(
            f"options must be a dict, not {type(options).__name__}"
        )
    plain = _plain(options, "options")
    return {
        name: _INSIDE.get(name, _same)(value) for name, value in _renamed(plain).items()
    }


def _plain(value: object, path: str) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, timedelta):
        return value.total_seconds() * 1000.0
    if isinstance(value, Mapping):
        return {
            str(name): _plain(inner, f"{path}.{name}")
            for name, inner in value.items()
            if not callable(inner)
        }
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        return [_plain(inner, f"{path}[{i}]") for i, inner in enumerate(value)]
    raise ConfigurationError(
        f"{path} is a {type(value).__name__}; options hold dicts, lists, strings, "
        "numbers, booleans, None and timedeltas"
    )


def _same(value: Any) -> Any:
    return value


def _renamed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {camel_case(name): inner for name, inner in value.items()}


def _each(change: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, dict):
        return {name: change(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [change(inner) for inner in value]
    return value


def _scenario(value: Any) -> Any:
    scenario = _renamed(value)
    if isinstance(scenario, dict) and isinstance(scenario.get("executor"), str):
        scenario["executor"] = scenario["executor"].replace("_", "-")
    return scenario


_INSIDE: dict[str, Callable[[Any], Any]] = {
    "dns": _renamed,
    "scenarios": partial(_each, _scenario),
    "thresholds": partial(_each, partial(_each, _renamed)),
    "tlsAuth": partial(_each, _renamed),
}
