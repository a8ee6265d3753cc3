"""Reads a script and consolidates its options, for all commands that take one."""

import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gharial.errors import ConfigurationError
from gharial.executors.catalog import SCENARIO_TYPES
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern
from gharial.log_lines import Log
from gharial.metrics.builtin import metrics_by_name
from gharial.options.merge import consolidate, memory_limit_for_reading
from gharial.options.model import Options
from gharial.program.config_file import config_file
from gharial.program.parts import MakeScriptHost, Parts
from gharial.scripting.languages import Language, is_archive
from gharial.scripting.origin import STANDARD_INPUT, Origin

if TYPE_CHECKING:
    from gharial.workers.messages import MakeHost, ReadableHost

_VARIABLE_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ScriptRequest:
    """
    A script, with the user's flags and variables.

    Attributes:
        script: The script's path.
        flags: What flags set, by the options' names; None for those not given.
        variables: ``NAME=value``, for the script.
        has_system_variables: Whether the script sees the process's variables as well.
        config: The config file that was named, if any.
        language: The script's language, if it was named.
        module_cache: The folder of copies of modules from servers, if it was named.
        notes: Warnings about the flags.

    """

    script: str
    flags: Mapping[str, Any]
    variables: Sequence[str] = ()
    has_system_variables: bool = True
    config: str | None = None
    language: str | None = None
    module_cache: str | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ReadScript:
    """
    A script that was read.

    Attributes:
        host: The script.
        options: The consolidated options.
        environment: The script's ``__ENV``.
        make_host: Makes the host of the same script again, in other processes.

    """

    host: "ReadableHost"
    options: Options
    environment: Mapping[str, str]
    make_host: "MakeHost"


def read_script(
    parts: Parts,
    request: ScriptRequest,
    log: Log,
    stack: ExitStack,
    *,
    before_reading: Callable[["ReadableHost", Mapping[str, Any]], None] | None = None,
) -> ReadScript:
    """
    Read a script and consolidate its options.

    Args:
        parts: What the script is read with.
        request: The script.
        log: Where its console and warnings go.
        stack: Closes the script.
        before_reading: Called with the script and the flags before code of its runs.

    Raises:
        GharialError: If something about it is wrong.

    """
    environment = script_environment(
        request.variables, os.environ if request.has_system_variables else {}
    )
    config = config_file(request.config, os.environ)
    origin = Origin(
        language=None if request.language is None else Language(request.language),
        standard_input=_standard_input(request.script),
        module_cache=None
        if request.module_cache is None
        else Path(request.module_cache).resolve(),
    )
    host = parts.script_host(request.script, environment, origin)
    stack.callback(host.close)
    if before_reading is not None:
        before_reading(host, request.flags)
    host.read(
        log,
        memory_limit_bytes=memory_limit_for_reading(
            host.options, os.environ, request.flags, config=config
        ),
    )
    consolidated = consolidate(
        host.options,
        os.environ,
        request.flags,
        exports=host.exports,
        scenario_types=SCENARIO_TYPES,
        metrics=metrics_by_name(host.metrics),
        config=config,
    )
    for warning in (*request.notes, *consolidated.warnings):
        log(logging.WARNING, warning, {})
    return ReadScript(
        host,
        consolidated.options,
        host.environment,
        partial(_host_again, parts.script_host, host.known()),
    )


def _host_again(
    make: "MakeScriptHost", origin: Origin, path: str, environment: Mapping[str, str]
) -> "ReadableHost":
    return make(path, environment, origin)


def _standard_input(script: str) -> str | None:
    if script != STANDARD_INPUT:
        return None
    if sys.stdin.isatty():
        raise ConfigurationError(
            "the script '-' is read from standard input, which is the terminal; give a "
            "file, or write 'gharial run - < FILE'"
        )
    text = sys.stdin.buffer.read()
    if is_archive(text):
        raise ConfigurationError(
            "an archive cannot come from standard input; write it to a file, and run that"
        )
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"the script on standard input is not UTF-8 (byte {error.start})"
        ) from None


def script_environment(
    variables: Sequence[str], system: Mapping[str, str]
) -> dict[str, str]:
    """
    Return the script's ``__ENV``.

    Raises:
        ConfigurationError: If a variable has not the form NAME=value.

    """
    environment = dict(system)
    for variable in variables:
        name, equals, value = variable.partition("=")
        if not equals:
            raise ConfigurationError(
                f"-e {variable!r}: expected NAME=value, such as -e {variable or 'NAME'}=1"
            )
        if not _VARIABLE_NAME.fullmatch(name):
            raise ConfigurationError(
                f"-e {variable!r}: {name!r} is not a valid variable name; use letters, "
                "digits and underscores, and no digit first"
            )
        environment[name] = value
    return environment
