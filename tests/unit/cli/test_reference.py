"""The reference of the command line names every command and every flag."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gharial.cli.main import gharial

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "command-line.md"


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner_name in command.list_commands(context):
            inner = command.get_command(context, inner_name)
            assert inner is not None
            yield from _commands(inner, f"{name} {inner_name}")


@pytest.mark.parametrize(
    ("name", "command"),
    [pytest.param(*c, id=c[0]) for c in _commands(gharial, "gharial")],
)
def test_the_reference_names_the_command_and_its_flags(
    name: str, command: click.Command
) -> None:
    text = REFERENCE.read_text("utf-8")
    if not isinstance(command, click.Group):
        assert f"`{name}" in text
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            for flag in (*parameter.opts, *parameter.secondary_opts):
                assert f"`{flag}`" in text or f"`{flag} " in text, flag
