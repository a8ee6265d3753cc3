"""``gharial completion``: a script that lets a shell complete commands and flags."""

import click

from gharial.cli.command import Command
from gharial.cli.completion_scripts import SHELLS, Word, completion_script


@click.command(cls=Command, short_help="Write a completion script for a shell.")
@click.argument("shell", metavar="SHELL", type=click.Choice(list(SHELLS)))
@click.option(
    "--no-descriptions", is_flag=True, help="Leave out what commands and flags do."
)
@click.pass_context
def completion(
    ctx: click.Context,
    shell: str,
    no_descriptions: bool,  # noqa: FBT001 - click passes all by name
) -> None:
    r"""
    Write a script for SHELL: bash, zsh, fish or powershell.

    It lets the Tab key complete commands, flags and their values, and starts no program
    for that. Write it to the shell's folder for such scripts again after an update:

    \b
      bash        ~/.local/share/bash-completion/completions/gharial
      zsh         a file _gharial in a folder of $fpath
      fish        ~/.config/fish/completions/gharial.fish
      powershell  a file that $PROFILE runs
    """
    root = ctx.find_root().command
    click.echo(
        completion_script(shell, words(root), describe=not no_descriptions), nl=False
    )


def words(root: click.Command) -> dict[tuple[str, ...], list[Word]]:
    """Return by command, the names of which it is made, what may come after it."""
    found: dict[tuple[str, ...], list[Word]] = {}
    left: list[tuple[tuple[str, ...], click.Context]]
    # The names of --help are in the settings of the root, and a command keeps them.
    left = [((), click.Context(root, **root.context_settings))]
    while left:
        path, context = left.pop()
        command = context.command
        found[path] = []
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                if inner is None or inner.hidden:
                    continue
                found[path].append(Word((name,), inner.get_short_help_str(100)))
                left.append(((*path, name), click.Context(inner, parent=context)))
        for parameter in command.get_params(context):
            if isinstance(parameter, click.Option) and not parameter.hidden:
                found[path].append(_flag(parameter))
            elif isinstance(parameter.type, click.Choice):
                found[path] += [Word((each,), "") for each in parameter.type.choices]
    return dict(sorted(found.items()))


def _flag(option: click.Option) -> Word:
    takes_value = not option.is_flag and not option.count
    metavar = (option.metavar or "") if takes_value else ""
    choices: tuple[str, ...] = ()
    if isinstance(option.type, click.Choice):
        choices = tuple(map(str, option.type.choices))
    elif "|" in metavar:
        choices = tuple(metavar.strip("[]").split("|"))
    return Word(
        tuple(each for each in (*option.opts, *option.secondary_opts)),
        option.help or "",
        needs_value=takes_value and not option._flag_needs_value,
        choices=choices,
        takes_file=metavar.startswith(("FILE", "PATH")),
    )
