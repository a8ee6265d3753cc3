"""A group of commands that are loaded when they are called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from gharial.cli.command_group import CommandGroup
from gharial.lazy_dataclass import dataclass
from gharial.process import collector


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """
    A command that is not loaded yet.

    Attributes:
        place: Its module and its name there: ``gharial.cli.run:run``.
        summary: What the group's help says of it, as the command itself would.

    """

    place: str
    summary: str


class LazyGroup(CommandGroup):
    """
    Loads the module of a command when that is called, or its own help asked for.

    The help of the group and the completion of names need none of them.
    """

    def __init__(
        self, *arguments: Any, lazy_commands: Mapping[str, LazyCommand], **settings: Any
    ) -> None:
        super().__init__(*arguments, **settings)
        self._lazy_commands = lazy_commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted(self._lazy_commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loaded now if it was not."""
        lazy = self._lazy_commands.get(cmd_name)
        if lazy is None:
            return None
        module, _, name = lazy.place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        collector.resume()
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the names and summaries of all commands."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, self._lazy_commands[name].summary)
                    for name in self.list_commands(ctx)
                ]
            )

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[CompletionItem]:
        """Return the commands, and the group's own flags, that begin like this."""
        return [
            *(
                CompletionItem(name, help=self._lazy_commands[name].summary)
                for name in self.list_commands(ctx)
                if name.startswith(incomplete)
            ),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]
