"""A group of commands that suggests the right one for a typo."""

from typing import Any

import click

from gharial.cli.command import Command
from gharial.errors import did_you_mean


class CommandGroup(click.Group):
    """Names the nearest command for an unknown one; shows its help for none."""

    command_class = Command

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        # The help is then asked for, not a mistake with exit code 2.
        settings.update(no_args_is_help=False, invoke_without_command=True)
        super().__init__(*arguments, **settings)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, or show the help."""
        if ctx._protected_args or ctx.args:
            return super().invoke(ctx)
        click.echo(ctx.get_help())
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            ctx.fail(f'there is no command "{name}"{self.hint(ctx, name)}')
        return super().resolve_command(ctx, args)

    def hint(self, ctx: click.Context, name: str) -> str:
        """Return what might help who asked for a command that is not there."""
        return did_you_mean(name, self.list_commands(ctx))
