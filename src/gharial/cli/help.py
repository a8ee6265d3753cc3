"""``gharial help`` and ``gharial version``: k6's names for two flags."""

import json
import platform
from importlib.metadata import version as version_of

import click

from gharial.cli.command import Command
from gharial.cli.command_group import CommandGroup
from gharial.process.build import IS_COMPILED


@click.command("help", cls=Command)
@click.argument("names", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def help_command(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Show the help of COMMAND, as COMMAND --help does."""
    context = ctx.find_root()
    for name in names:
        command = context.command
        if not isinstance(command, CommandGroup):
            raise click.UsageError(f'{command.name} has no command "{name}"', context)
        _, inner, _ = command.resolve_command(context, [name])
        if inner is not None:
            context = click.Context(inner, parent=context, info_name=name)
    click.echo(context.get_help())


@click.command(cls=Command)
@click.option("--json", "is_json", is_flag=True, help="Show it as JSON.")
def version(is_json: bool) -> None:  # noqa: FBT001 - click passes all by name
    """Show the version, and those of Python and the system."""
    number = version_of("gharial")
    python, system = platform.python_version(), platform.system().lower()
    machine = platform.machine()
    if is_json:
        shown = {
            "version": number,
            "python": python,
            "os": system,
            "arch": machine,
            "compiled": IS_COMPILED,
        }
        click.echo(json.dumps(shown))
        return
    build = "" if IS_COMPILED else ", in plain Python"
    click.echo(f"gharial {number} (Python {python}, {system}/{machine}{build})")
