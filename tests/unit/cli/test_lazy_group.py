import sys

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from gharial.cli.lazy_group import LazyCommand, LazyGroup
from gharial.cli.main import COMMANDS, gharial

# A module that no other test loads: what it has is what this file needs of a command.
PLACE = "gharial.cli.types"


def group() -> LazyGroup:
    return LazyGroup(
        "group",
        lazy_commands={
            "types": LazyCommand(f"{PLACE}:types", "Write declarations."),
            "tidy": LazyCommand("no.such.module:tidy", "Tidy up."),
        },
    )


def test_help_and_completion_load_no_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, PLACE, raising=False)
    shown = CliRunner().invoke(group(), ["--help"])
    assert "  tidy   Tidy up.\n  types  Write declarations.\n" in shown.output
    found = ShellComplete(group(), {}, "group", "_GROUP").get_completions([], "t")
    assert [(each.value, each.help) for each in found] == [
        ("tidy", "Tidy up."),
        ("types", "Write declarations."),
    ]
    assert PLACE not in sys.modules


def test_a_command_is_loaded_when_it_is_called(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, PLACE, raising=False)
    shown = CliRunner().invoke(group(), ["types", "--help"])
    assert "Write type declarations" in shown.output
    assert PLACE in sys.modules


def test_an_unknown_command_is_told_of_the_nearest_one():
    shown = CliRunner().invoke(group(), ["type"])
    assert 'there is no command "type"; did you mean "types"?' in shown.output


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_help_says_of_a_command_is_what_the_command_says(name: str):
    command = gharial.get_command(click.Context(gharial), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=100) == COMMANDS[name].summary
