"""Commands that take a script: the values that their flags need not have, their help."""

from pathlib import Path

import click

from gharial.cli.command import Command
from gharial.cli.option_flags import grouped
from gharial.scripting.languages import ARCHIVE_SUFFIX, language_of
from gharial.scripting.origin import STANDARD_INPUT


class ScriptCommand(Command):
    """
    A command that takes a script; its help has the options of a test under headings.

    A flag whose value may be left out does not take the script for it:
    ``--dashboard script.js`` is the flag and the script.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Fill in the values that were left out."""
        optional = {
            name: option.flag_value
            for option in self.params
            if isinstance(option, click.Option) and option._flag_needs_value
            for name in option.opts
        }
        filled = list(args)
        for index, text in enumerate(args[:-1]):
            if text in optional and _is_script(args[index + 1]):
                filled[index] = f"{text}={optional[text]}"
        return super().parse_args(ctx, filled)

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the flags, those that set options of a test under their headings."""
        flags = [
            each for each in self.get_params(ctx) if isinstance(each, click.Option)
        ]
        for heading, parameters in grouped(flags).items():
            records = [each.get_help_record(ctx) for each in parameters]
            with formatter.section(heading):
                formatter.write_dl([record for record in records if record])


def _is_script(argument: str) -> bool:
    return (
        language_of(argument) is not None
        or argument == STANDARD_INPUT
        or Path(argument).suffix.lower() == ARCHIVE_SUFFIX
    )
