"""The program: its commands, and the concrete engines and views that they use."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from gharial.cli.k6_flags import command_first
from gharial.cli.lazy_group import LazyCommand, LazyGroup
from gharial.cli.leaving import told_of_lost_output
from gharial.errors import ExitCode, GharialError, did_you_mean
from gharial.harmless import harmless
from gharial.process.build import IS_COMPILED
from gharial.program.parts import Parts
from gharial.program.script_hosts import script_host
from gharial.program.views import view
from gharial.scripting.languages import language_of

_CLI = "gharial.cli"
# Commands are loaded when they are called: all of them together take half a second.
COMMANDS = {
    "archive": LazyCommand(f"{_CLI}.archive:archive", "Pack a script into one file."),
    "compare": LazyCommand(
        f"{_CLI}.compare:compare_command", "Show what changed between two saved runs."
    ),
    "completion": LazyCommand(
        f"{_CLI}.completion:completion", "Write a completion script for a shell."
    ),
    "demo": LazyCommand(
        f"{_CLI}.demo:demo", "Load-test a built-in chat server for a few seconds."
    ),
    "help": LazyCommand(
        f"{_CLI}.help:help_command", "Show the help of COMMAND, as COMMAND --help does."
    ),
    "inspect": LazyCommand(
        f"{_CLI}.inspect:inspect",
        "Print the options that SCRIPT would run with, as JSON.",
    ),
    "new": LazyCommand(
        f"{_CLI}.new:new", "Write a starter script to FILE (default: script.js)."
    ),
    "options": LazyCommand(
        f"{_CLI}.options:options",
        "List all options with default, environment variable and flag.",
    ),
    "pause": LazyCommand(
        f"{_CLI}.control:pause", "Pause a run that was started with --address."
    ),
    "report": LazyCommand(f"{_CLI}.report:report", "Write the report of a saved run."),
    "resume": LazyCommand(f"{_CLI}.control:resume", "Resume a paused run."),
    "run": LazyCommand(
        f"{_CLI}.run:run",
        "Run SCRIPT (JavaScript, TypeScript or Python) and show a summary.",
    ),
    "runs": LazyCommand(f"{_CLI}.runs:runs", "List the saved runs, newest first."),
    "scale": LazyCommand(f"{_CLI}.control:scale", "Set the number of virtual users."),
    "serve": LazyCommand(
        f"{_CLI}.serve:serve",
        "Start a server to try scripts against; Ctrl+C ends it.",
    ),
    "status": LazyCommand(
        f"{_CLI}.control:status",
        "Show the progress of a run that was started with --address.",
    ),
    "stop": LazyCommand(
        f"{_CLI}.control:stop", "End a run gracefully; its exit code is 103."
    ),
    "types": LazyCommand(
        f"{_CLI}.types:types", "Write type declarations for editors to DIRECTORY."
    ),
    "version": LazyCommand(
        f"{_CLI}.help:version", "Show the version, and those of Python and the system."
    ),
}


_OF_K6 = {
    "cloud": "Gharial runs tests on this machine, or on machines of your own (--cluster)",
    "login": "Gharial has no cloud; settings of outputs are flags and variables",
    "stats": "'gharial status' shows how a run stands, the page of --dashboard its metrics",
}
"""Commands of k6, and what there is instead."""


class _Commands(LazyGroup):
    def hint(self, ctx: click.Context, name: str) -> str:
        if name in _OF_K6:
            return f": {_OF_K6[name]}"
        hint = super().hint(ctx, name)
        if not hint and language_of(name) is not None:
            return f"; did you mean 'gharial run {name}'?"
        return hint


@click.group(
    cls=_Commands,
    lazy_commands=COMMANDS,
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


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the program with the process's arguments, and return the exit code.

    If standard output did not take everything written to it, that has been reported.
    """
    given = command_first(sys.argv[1:] if arguments is None else arguments)
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
        import traceback  # Few failures are shown with it.

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
    context = click.Context(gharial, info_name="gharial")
    path = "gharial"
    for name in arguments:
        found = (
            command.get_command(context, name)
            if isinstance(command, click.Group)
            else None
        )
        if found is None:
            break
        command = found
        path += f" {name}"
    return path
