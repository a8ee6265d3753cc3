"""The config file, which sets options for all tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gharial.errors import ConfigurationError
from gharial.options.sources import ConfigFile

VARIABLES = ("GHARIAL_CONFIG", "K6_CONFIG")
NAMES = ("config.json", "config.toml")


def default_folder() -> str:
    """Return the folder that is searched if no file is named."""
    return click.get_app_dir("gharial")


def config_file(
    given: str | None, environment: Mapping[str, str], folder: str | None = None
) -> ConfigFile | None:
    """
    Return the options of the config file; None if none is named and none exists.

    Args:
        given: The flag's value.
        environment: The process's variables, of which one may name the file.
        folder: Where the default file is; None for the user's own place.

    Raises:
        ConfigurationError: If the file that was named is not there, or cannot be read.

    """
    for source, path in (
        ("--config", given),
        *((name, environment.get(name)) for name in VARIABLES),
    ):
        if path:
            return _read(Path(path), source)
    for name in NAMES:
        default = Path(folder or default_folder(), name)
        if default.is_file():
            return _read(default, "the config file")
    return None


def _read(path: Path, source: str) -> ConfigFile:
    try:
        # Editors of Windows put a byte order mark first.
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError):
            reason = f"it is not UTF-8 (byte {error.start})"
        else:
            reason = error.strerror or str(error)
        raise ConfigurationError(
            f"{source}: cannot read {str(path)!r}: {reason}"
        ) from None
    file = f"{source}: {str(path)!r}"
    try:
        values = _toml(text, file) if path.suffix == ".toml" else json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"{file} is not valid JSON: {error.msg}, line {error.lineno}, column "
            f"{error.colno}"
        ) from None
    except RecursionError:
        raise ConfigurationError(f"{file} is nested too deeply") from None
    except ValueError:
        # What Python says of it is advice for who wrote the program.
        raise ConfigurationError(
            f"{file} cannot be read: a number in it has too many digits"
        ) from None
    if not isinstance(values, dict):
        raise ConfigurationError(
            f'{file} must hold an object of options, such as {{"vus": 10}}'
        )
    return ConfigFile(values, str(path))


def _toml(text: str, file: str) -> dict[str, Any]:
    import tomllib  # Few users have such a file.

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}") from None
