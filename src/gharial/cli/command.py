"""A command whose flags may be written as k6's: ``--paused=true``, ``-u=10``."""

import re
from collections.abc import Iterable, Mapping

import click

from gharial.lazy_pattern import lazy_pattern

# As Go's `strconv.ParseBool` reads them, which k6 uses.
_VALUES = {
    **dict.fromkeys(("1", "t", "true"), True),
    **dict.fromkeys(("0", "f", "false"), False),
}
_WITH_VALUE = lazy_pattern(r"(?P<flag>--[^=\s]+|-[A-Za-z])=(?P<value>.*)", re.DOTALL)


class Command(click.Command):
    """
    A command whose switches take ``=true`` and ``=false``, and whose short flags ``=``.

    A switch that is off overrides what a variable or a script says, as any flag does.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the values of switches out of the arguments, and parse the rest."""
        switches = _switches(self.params)
        kept: list[str] = []
        is_on: dict[click.Option, bool] = {}
        for index, argument in enumerate(args):
            if argument == "--":
                kept += args[index:]
                break
            match = _WITH_VALUE.fullmatch(argument)
            flag = argument if match is None else match["flag"]
            switch = switches.get(flag)
            if switch is not None:
                is_given = match is None or _is_true(ctx, flag, match["value"])
                is_on[switch] = is_given == (flag in switch.opts)
                kept += [flag] if is_given else []
            elif match is not None and not flag.startswith("--"):
                kept += [flag, match["value"]]
            else:
                kept.append(argument)
        rest = super().parse_args(ctx, kept)
        for switch, is_switched_on in is_on.items():
            if switch.expose_value:
                ctx.params[str(switch.name)] = is_switched_on
        return rest


def _switches(parameters: Iterable[click.Parameter]) -> Mapping[str, click.Option]:
    """Return the switches by their flags."""
    return {
        flag: each
        for each in parameters
        if isinstance(each, click.Option) and each.is_flag
        for flag in (*each.opts, *each.secondary_opts)
    }


def _is_true(ctx: click.Context, flag: str, value: str) -> bool:
    known = _VALUES.get(value.lower())
    if known is None:
        raise click.UsageError(f"{flag} takes true or false, not '{value}'", ctx)
    return known
