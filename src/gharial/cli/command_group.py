"""A group of commands that suggests the right one for a typo."""

from typing import Any

import click

from gharial.errors import did_you_mean


class CommandGroup(click.Group):
    """Names the nearest command for an unknown one; shows its help for none."""

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
            hint = did_you_mean(name, self.list_commands(ctx))
            ctx.fail(f'there is no command "{name}"{hint or self.other_hint(name)}')
        return super().resolve_command(ctx, args)

    def other_hint(self, name: str) -> str:
        """Return what else might help; a subclass may know."""
        return ""
