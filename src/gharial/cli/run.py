"""``gharial run``: run a script, show it, sum it up."""

import logging
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from gharial.cli.impatience import leaving_at_once
from gharial.cli.option_flags import option_flags
from gharial.cli.parts import Parts
from gharial.cli.screen import (
    Screen,
    ScreenFlags,
    open_for_lines,
    open_screen,
    screen_flags,
    screen_options,
)
from gharial.errors import ConfigurationError
from gharial.executors.catalog import EXECUTORS
from gharial.lifecycle.network import network_settings
from gharial.lifecycle.running import MakeLoad, local_load, run_test
from gharial.lifecycle.test_run import RunResult
from gharial.options.merge import consolidate
from gharial.options.model import Options
from gharial.report.json import summary_export
from gharial.report.text import COMPACT, FULL, render
from gharial.websocket.tls import build_context
from gharial.workers.load import worker_count, workers_load
from gharial.workers.local_processes import LocalProcesses

DISABLED = "disabled"

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """
    What the user asked ``gharial run`` for.

    Attributes:
        script: The script's path.
        flags: Flags that set options, by their names; None for those not given.
        variables: ``NAME=value``, for the script.
        has_system_variables: Whether the script sees the process's variables as well.
        summary_mode: ``compact``, ``full`` or ``disabled``.
        summary_export: The file to write the summary to as JSON, if any.

    """

    script: str
    flags: Mapping[str, Any]
    variables: Sequence[str] = ()
    has_system_variables: bool = True
    summary_mode: str = COMPACT
    summary_export: str | None = None


@click.command()
@click.argument("script")
@option_flags
@click.option(
    "-e",
    "--env",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a variable of the script's __ENV; repeatable.",
)
@click.option(
    "--include-system-env-vars/--no-include-system-env-vars",
    "has_system_variables",
    default=True,
    show_default=True,
    help="Whether __ENV has the process's variables, too.",
)
@click.option(
    "--summary-mode",
    type=click.Choice([COMPACT, FULL, DISABLED]),
    default=COMPACT,
    envvar=["GHARIAL_SUMMARY_MODE", "K6_SUMMARY_MODE"],
    show_default=True,
    help="How much the summary tells.",
)
@click.option(
    "--summary-export",
    metavar="FILE",
    envvar=["GHARIAL_SUMMARY_EXPORT", "K6_SUMMARY_EXPORT"],
    help="Write the summary to a file as JSON.",
)
@screen_options
@click.pass_obj
def run(
    parts: Parts,
    /,
    script: str,
    variables: tuple[str, ...],
    has_system_variables: bool,  # noqa: FBT001 - click passes all by name
    summary_mode: str,
    summary_export: str | None,
    **flags: Any,
) -> int:
    """
    Run SCRIPT, in JavaScript or Python, and sum it up.

    Flags win over environment variables (GHARIAL_* and K6_*), these over the script's
    own options.
    """
    shown = screen_flags(flags)
    request = RunRequest(
        script,
        flags,
        variables,
        has_system_variables=has_system_variables,
        summary_mode=summary_mode,
        summary_export=summary_export,
    )
    return run_script(parts, request, shown)


def run_script(parts: Parts, request: RunRequest, flags: ScreenFlags) -> int:
    """
    Run a script and show everything that there is to show.

    Returns:
        The exit code.

    Raises:
        GharialError: If the run cannot begin.

    """
    environment = script_environment(
        request.variables, os.environ if request.has_system_variables else {}
    )
    with open_screen(parts, flags) as screen, ExitStack() as stack:
        if request.summary_export is not None:
            _check_writable(request.summary_export)
        host = parts.script_host(request.script, environment)
        stack.callback(host.close)
        with leaving_at_once():
            host.read(screen.log)
        consolidated = consolidate(
            host.options,
            os.environ,
            request.flags,
            exports=host.exports,
            runnable_executors=frozenset(EXECUTORS),
        )
        for warning in consolidated.warnings:
            screen.log(logging.WARNING, warning, {})
        options = consolidated.options
        if options.console_output is not None:
            screen.log.console = open_for_lines(
                options.console_output, "the script's console", stack
            )
        _check_tls(options)
        result = run_test(
            host,
            options,
            environment=environment,
            view=screen.view,
            log=screen.log,
            make_load=_load(parts, options),
        )
        _show(result, options, request, screen)
        for problem in result.problems:
            screen.tell(problem)
    return int(result.exit_code)


def _load(parts: Parts, options: Options) -> MakeLoad:
    count = worker_count(options)
    if count == 1:
        return local_load
    return workers_load(LocalProcesses(), parts.script_host, count)


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
                f"-e {variable!r}: {name!r} is no name of a variable; use letters, digits "
                "and underscores, and no digit first"
            )
        environment[name] = value
    return environment


def _show(
    result: RunResult, options: Options, request: RunRequest, screen: Screen
) -> None:
    for target, text in result.texts.items():
        if target == "stdout":
            screen.print(text)
        elif target == "stderr":
            screen.tell(text)
        else:
            _write(target, text, "handleSummary")
    if request.summary_mode != DISABLED and not result.texts:
        screen.print(
            render(
                result.report,
                color=screen.color,
                width=screen.width,
                trend_stats=options.summary_trend_stats,
                time_unit=options.summary_time_unit,
                mode=request.summary_mode,
            )
        )
    if request.summary_export is not None:
        text = summary_export(result.report, options.summary_trend_stats)
        _write(request.summary_export, text, "--summary-export")


def _check_tls(options: Options) -> None:
    settings = network_settings(options).tls
    # Without these there is nothing that could be wrong, and it takes a while.
    if settings.ca or settings.client_certificates or settings.ciphers:
        for certificate in (None, *settings.client_certificates):
            build_context(settings, certificate)


def _check_writable(path: str) -> None:
    # Better now than after an hour of testing.
    existed = Path(path).exists()
    _write(path, "", "--summary-export", mode="a")
    if not existed:
        Path(path).unlink()


def _write(path: str, text: str, source: str, *, mode: str = "w") -> None:
    try:
        with Path(path).open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(
            f"{source}: cannot write {path!r}: {reason}"
        ) from error
