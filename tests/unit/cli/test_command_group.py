import click
import pytest
from click.testing import CliRunner

from gharial.cli.command_group import CommandGroup


@click.group(cls=CommandGroup)
def group() -> None:
    """Do things."""


@group.command()
def something() -> None:
    click.echo("done")


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["something"], 0, "done"),
        ([], 0, "Do things."),
        (["somethin"], 2, 'no command "somethin"; did you mean "something"?'),
        (["unlike"], 2, 'there is no command "unlike"'),
        (["--unknown"], 2, "--unknown"),
    ],
)
def test_commands_are_run_suggested_or_listed(
    arguments: list[str], code: int, text: str
) -> None:
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == code
    assert text in result.output
