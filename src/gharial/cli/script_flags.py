"""The flags of all commands that take a script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gharial.cli.k6_flags import notes, script_flags_of_k6
from gharial.cli.option_flags import option_flags
from gharial.errors import ConfigurationError
from gharial.program.config_file import default_folder
from gharial.program.read_script import ScriptRequest
from gharial.scripting.languages import ARCHIVE_SUFFIX, Language, language_of

_Command = TypeVar("_Command", bound=Callable[..., Any])


def script_options(command: _Command) -> _Command:
    """Add the flags that go with a script to a command."""
    for option in (
        config_option,
        click.option(
            "--language",
            type=click.Choice([each.value for each in Language]),
            help="The script's language (default: by the end of its name, or JavaScript).",
        ),
        click.option(
            "--module-cache",
            metavar="FOLDER",
            envvar="GHARIAL_MODULE_CACHE",
            help="Look up modules from https: addresses in FOLDER first, and keep copies "
            "of those that are fetched there.",
        ),
        click.option(
            "--include-system-env-vars/--no-include-system-env-vars",
            "has_system_variables",
            default=True,
            show_default=True,
            envvar=[
                "GHARIAL_INCLUDE_SYSTEM_ENV_VARS",
                "K6_INCLUDE_SYSTEM_ENV_VARS",
            ],
            help="Whether __ENV includes the system's environment variables.",
        ),
        click.option(
            "-e",
            "--env",
            "variables",
            metavar="NAME=VALUE",
            multiple=True,
            help="Set a variable in the script's __ENV; repeatable.",
        ),
        click.option(
            "-t",
            "--type",
            "kind",
            metavar="[js|archive]",
            type=click.Choice(["js", "archive"]),
            envvar="K6_TYPE",
            help="What SCRIPT is (from k6); the end of its name has to say the same.",
        ),
        script_flags_of_k6,
        option_flags,
    ):
        command = option(command)
    return command


def script_request(script: str, given: dict[str, Any]) -> ScriptRequest:
    """
    Take the flags that go with a script out of a command's parameters.

    Raises:
        ConfigurationError: If the script is not what the user says it is.

    """
    _check_kind(script, given.pop("kind"))
    return ScriptRequest(
        script,
        variables=given.pop("variables"),
        has_system_variables=given.pop("has_system_variables"),
        config=given.pop("config"),
        language=given.pop("language"),
        module_cache=given.pop("module_cache"),
        notes=notes(),
        flags=given,
    )


def _check_kind(script: str, kind: str | None) -> None:
    is_archive = Path(script).suffix.lower() == ARCHIVE_SUFFIX
    if kind == "archive" and not is_archive:
        raise ConfigurationError(
            f"--type archive: {script!r} is none, going by its name; end that "
            f"in {ARCHIVE_SUFFIX}"
        )
    if kind == "js" and (is_archive or language_of(script) is Language.PYTHON):
        what = "an archive" if is_archive else "Python"
        raise ConfigurationError(f"--type js: {script!r} is {what}, going by its name")


def config_option(command: Any) -> Any:
    """Add the flag that names a config file to a command."""
    return click.option(
        "-c",
        "--config",
        metavar="FILE",
        help="Read options from a JSON or TOML file (default: config.json in "
        f"{default_folder()}).",
    )(command)
