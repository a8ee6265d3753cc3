"""Commands with flags whose value may be left out, before a script."""

from pathlib import Path
from typing import Final

import click

SCRIPT_SUFFIXES: Final = frozenset(
    {".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".py", ".tar"}
)


class ScriptCommand(click.Command):
    """
    A command that takes a script.

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
            if text in optional and Path(args[index + 1]).suffix in SCRIPT_SUFFIXES:
                filled[index] = f"{text}={optional[text]}"
        return super().parse_args(ctx, filled)
