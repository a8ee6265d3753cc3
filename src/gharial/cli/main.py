"""The program: its commands, and the concrete engines and views that they use."""

import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from gharial.cli.archive import archive
from gharial.cli.command_group import CommandGroup
from gharial.cli.compare import compare_command
from gharial.cli.control import pause, resume, scale, status, stop
from gharial.cli.demo import demo
from gharial.cli.inspect import inspect
from gharial.cli.leaving import told_of_lost_output
from gharial.cli.new import new
from gharial.cli.options import options
from gharial.cli.report import report
from gharial.cli.run import run
from gharial.cli.runs import runs
from gharial.cli.serve import serve
from gharial.cli.types import types
from gharial.errors import ExitCode, GharialError, did_you_mean
from gharial.harmless import harmless
from gharial.process.build import IS_COMPILED
from gharial.program.parts import Parts
from gharial.program.script_hosts import script_host
from gharial.program.views import view
from gharial.scripting.languages import language_of


class _Commands(CommandGroup):
    def other_hint(self, name: str) -> str:
        if language_of(name) is not None:
            return f"; did you mean 'gharial run {name}'?"
        return ""


@click.group(
    cls=_Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.version_option(
    package_name="gharial",
    message="gharial %(version)s" + (", in plain Python" if not IS_COMPILED else ""),
)
def gharial() -> None:
    """Load-test WebSocket servers with scripts in JavaScript or Python."""


for _command in (
    *(run, report, inspect, options, archive, new, demo, serve, types),
    *(runs, compare_command),
    *(status, pause, resume, scale, stop),
):
    gharial.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the program with the process's arguments, and return the exit code.

    If standard output did not take everything written to it, that has been reported.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        exit_code = outcome(given, Parts(script_host, view))
    except SystemExit as error:
        exit_code = error.code if isinstance(error.code, int) else int(ExitCode.OTHER)
    is_run = bool({"run", "demo"}.intersection(given[:1]))
    return told_of_lost_output(exit_code, is_result_elsewhere=is_run)


def outcome(arguments: list[str], parts: Parts) -> int:
    """
    Run a command and return the exit code; errors have been reported on stderr.

    Args:
        arguments: Without the program's name.
        parts: What the command works with.

    """
    try:
        result: Any = gharial.main(
            arguments, prog_name="gharial", standalone_mode=False, obj=parts
        )
    except click.ClickException as error:
        return _tell_usage(error, arguments)
    except GharialError as error:
        return _tell(str(error), error.exit_code, arguments)
    except (click.Abort, KeyboardInterrupt):
        return _tell("stopped", ExitCode.SIGNAL, arguments)
    except Exception as error:
        problem = (
            f"internal error, {type(error).__name__}: {error} (please report it; -v "
            "shows the details)"
        )
        return _tell(problem, ExitCode.INTERNAL, arguments)
    return int(result) if isinstance(result, int) else int(ExitCode.OK)


def _tell(problem: str, exit_code: ExitCode, arguments: Sequence[str]) -> int:
    if {"-v", "--verbose"}.intersection(arguments):
        traceback.print_exc()
    shown = harmless(problem).replace("\n", "\n  ")
    click.echo(f"gharial: {shown}", err=True)
    return int(exit_code)


def _tell_usage(error: click.ClickException, arguments: Sequence[str]) -> int:
    context: click.Context | None = getattr(error, "ctx", None)
    command = _named(arguments) if context is None else context.command_path
    if isinstance(error, click.NoSuchOption):
        known = (
            [name for each in context.command.params for name in each.opts]
            if context is not None
            else []
        )
        message = f"there is no option {error.option_name}"
        message += did_you_mean(error.option_name, known)
    else:
        message = error.format_message().removesuffix(".")
        message = message[:1].lower() + message[1:]
    click.echo(f"{command}: {harmless(message)}\nSee '{command} --help'.", err=True)
    return int(ExitCode.INVALID_CONFIG)


def _named(arguments: Sequence[str]) -> str:
    """Return the command that the arguments begin with, as the user would call it."""
    command: click.Command = gharial
    path = "gharial"
    for name in arguments:
        if not isinstance(command, click.Group) or name not in command.commands:
            break
        command = command.commands[name]
        path += f" {name}"
    return path
