"""The flags that set options of a test, made from the options' rows."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from gharial.options.rows import OPTION_ROWS, OptionRow

_Command = TypeVar("_Command", bound=Callable[..., Any])


def option_flags(command: _Command) -> _Command:
    """
    Add the flags that set options of a test to a command; not given means None.

    The command gets them by the options' names. All values are strings: the options say
    what is wrong with them in the same words whether they came from a flag, from a variable
    or from the script.
    """
    for row in reversed(list(OPTION_ROWS.values())):
        if row.info.flag:
            command = _flag(row)(command)
    return command


def grouped(flags: list[click.Option]) -> dict[str, list[click.Option]]:
    """Return flags by the heading that they stand under in the help."""
    groups: dict[str, list[click.Option]] = {"Options": []}
    for flag in flags:
        row = OPTION_ROWS.get(str(flag.name))
        groups.setdefault(row.info.group if row else "Options", []).append(flag)
    return groups


def _flag(row: OptionRow) -> Callable[[_Command], _Command]:
    info = row.info
    declarations = (*info.flags.split(), row.name)
    if not info.metavar:
        return click.option(
            *declarations, is_flag=True, default=None, help=info.summary
        )
    if info.implied_value is not None:
        return click.option(
            *declarations,
            metavar=info.metavar,
            is_flag=False,
            flag_value=info.implied_value,
            help=info.summary,
        )
    summary = info.summary
    if info.is_repeatable:
        summary = f"{summary.removesuffix('.')}; repeatable."
    return click.option(
        *declarations,
        metavar=info.metavar.removesuffix("..."),
        multiple=info.is_repeatable,
        help=summary,
    )
