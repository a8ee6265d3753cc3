from typing import Any

import click
import pytest
from click.testing import CliRunner

from gharial.cli.command import Command


@click.command(cls=Command)
@click.option("-p", "--paused", is_flag=True, default=None)
@click.option("--color/--no-color", default=True)
@click.option("--quiet", is_flag=True, envvar="TEST_QUIET")
@click.option("--hidden", is_flag=True, hidden=True, expose_value=False)
@click.option("-u", "--vus", multiple=True)
@click.argument("rest", nargs=-1)
def command(**given: Any) -> None:
    changed = {k: v for k, v in given.items() if v not in (None, (), "")}
    click.echo(repr(changed))


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        ([], {}),
        (["--paused"], {"paused": True}),
        (["--paused=true"], {"paused": True}),
        (["--paused=T"], {"paused": True}),
        (["--paused=1"], {"paused": True}),
        (["--paused=false"], {"paused": False}),
        (["--paused=FALSE"], {"paused": False}),
        (["-p=0"], {"paused": False}),
        (["-p"], {"paused": True}),
        (["--paused=false", "--paused"], {"paused": True}),
        (["--paused", "--paused=f"], {"paused": False}),
        (["--color=false"], {"color": False}),
        (["--no-color"], {"color": False}),
        (["--no-color=true"], {"color": False}),
        (["--no-color=false"], {"color": True}),
        (["--hidden=true", "--hidden=false"], {}),
        # A value after a space is none of a switch, as in k6.
        (["--paused", "false"], {"paused": True, "rest": ("false",)}),
        (["-u=1", "-u", "2", "-u3", "--vus=4=5"], {"vus": ("1", "2", "3", "4=5")}),
        (["-u=a=b"], {"vus": ("a=b",)}),
        (["--", "--paused=false", "-u=1"], {"rest": ("--paused=false", "-u=1")}),
    ],
)
def test_flags_as_k6_takes_them(
    arguments: list[str], changed: dict[str, object]
) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert eval(result.output) == {"color": True, "quiet": False} | changed


def test_a_switch_that_is_off_overrides_its_variable() -> None:
    runner = CliRunner(env={"TEST_QUIET": "true"})
    assert "'quiet': True" in runner.invoke(command, []).output
    assert "'quiet': False" in runner.invoke(command, ["--quiet=false"]).output


@pytest.mark.parametrize("value", ["", "maybe", "yes", "2"])
def test_another_value_is_refused(value: str) -> None:
    result = CliRunner().invoke(command, [f"--paused={value}"])
    assert result.exit_code == 2
    assert f"--paused takes true or false, not '{value}'" in result.output
